#ifndef IDEA_SERVICES_DISPUTE_OPENING_FACTS_H_
#define IDEA_SERVICES_DISPUTE_OPENING_FACTS_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/rpc/call.h"
#include "common/rpc/context.h"
#include "common/rpc/peer_client.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/registry/v1/registry.pb.h"
#include "services/dispute/dispute_access.h"

// Reads from the other services what a dispute needs before it is opened.
namespace idea::dispute {

// The BUCP from drafting, and its parties and the persons of their offices from the registry.
struct OpeningFacts {
  drafting::v1::Bucp bucp;
  // By name. A party that the registry does not have has only its name.
  std::map<std::string, registry::v1::Entity> parties;
  // The persons who act today for the parties, their agencies and the deciding offices, by entity.
  std::map<std::string, std::vector<registry::v1::Contact>> contacts;
  // Today's delegations between them, by entity.
  std::map<std::string, std::vector<registry::v1::Delegation>> delegations;
};

// The agency to which a party reports, or the party itself.
std::string AgencyOf(const registry::v1::Entity& party);

// Returns the BUCP. NOT_FOUND if it does not exist, or if `entity` is not empty and not a party to it;
// PEER_UNAVAILABLE if drafting does not answer.
absl::StatusOr<drafting::v1::Bucp> AskBucp(const rpc::PeerClient& peers, const rpc::Context& context,
                                           const std::string& bucp, const std::string& entity);

// Calls AskBucp, and reads the parties and offices of the BUCP from the registry.
absl::StatusOr<OpeningFacts> AskOpeningFacts(const rpc::PeerClient& peers, const rpc::Context& context,
                                             const Offices& offices, const std::string& bucp,
                                             const std::string& entity, clock::Micros now);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_OPENING_FACTS_H_
