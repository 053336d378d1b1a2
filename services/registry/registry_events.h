#ifndef IDEA_SERVICES_REGISTRY_REGISTRY_EVENTS_H_
#define IDEA_SERVICES_REGISTRY_REGISTRY_EVENTS_H_

// The types of the events of this service.
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

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_REGISTRY_EVENTS_H_
