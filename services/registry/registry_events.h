#ifndef IDEA_SERVICES_REGISTRY_REGISTRY_EVENTS_H_
#define IDEA_SERVICES_REGISTRY_REGISTRY_EVENTS_H_
#include "common/events/relay.h"
#include "common/rpc/peer_client.h"

// The types of the events of this service, and the commands that peers receive for them.
namespace idea::registry {

inline constexpr char kEntityCreated[] = "EntityCreated";
inline constexpr char kEntityUpdated[] = "EntityUpdated";
inline constexpr char kEntityDeleted[] = "EntityDeleted";
inline constexpr char kGovernorAuthoritySet[] = "GovernorAuthoritySet";
inline constexpr char kAccessionCreated[] = "AccessionCreated";
inline constexpr char kEntityWithdrawn[] = "EntityWithdrawn";
inline constexpr char kContactCreated[] = "ContactCreated";
inline constexpr char kContactUpdated[] = "ContactUpdated";
inline constexpr char kDelegationCreated[] = "DelegationCreated";
inline constexpr char kDelegationEnded[] = "DelegationEnded";
inline constexpr char kCertificationCreated[] = "CertificationCreated";
inline constexpr char kSignatoriesImported[] = "SignatoriesImported";

// Sends each certification to the inventory, which closes the reminders that it answers (agreement 5.16).
events::Target InventoryTarget(const rpc::PeerClient& peers);

// Has inventory add an entry to the log for every accession and withdrawal, and for every signing key of a
// contact.
events::Target LogTarget(const rpc::PeerClient& peers, storage::Database& database);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_REGISTRY_EVENTS_H_
