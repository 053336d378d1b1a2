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

// What has to be known of the other services before a dispute is opened.
namespace idea::dispute {

// The BUCP as drafting knows it; its parties and the people of their offices as the registry knows them.
struct OpeningFacts {
  drafting::v1::Bucp bucp;
  // By name; a party that the registry does not know is there with its name only.
  std::map<std::string, registry::v1::Entity> parties;
  // Who acts today for the parties, their agencies and the deciding offices, by entity.
  std::map<std::string, std::vector<registry::v1::Contact>> contacts;
  // Who stands in for whom of them today, by entity.
  std::map<std::string, std::vector<registry::v1::Delegation>> delegations;
};

// The agency a party reports to, or the party itself if it reports to none.
std::string AgencyOf(const registry::v1::Entity& party);

// The BUCP, if `entity` is a party of it or empty. ERROR_REASON_NOT_FOUND if there is no such BUCP or
// `entity` is no party; ERROR_REASON_PEER_UNAVAILABLE if drafting does not answer.
absl::StatusOr<drafting::v1::Bucp> AskBucp(const rpc::PeerClient& peers, const rpc::Context& context,
                                           const std::string& bucp, const std::string& entity);

// Has review keep the caller's person to the caller's entity while the call is served: for the whole BUCP, in
// review and in every dispute, it is the only one. `act` is the call's request_id. What the call tells makes
// it last (see ReviewTarget), a refusal of the call ends it. SAME_PERSON if the person acts for another;
// ERROR_REASON_PEER_UNAVAILABLE if review does not answer.
absl::Status ClaimPart(const rpc::PeerClient& peers, rpc::Call& call, const std::string& bucp,
                       const std::string& act);

// AskBucp, and what the registry knows now of its parties and offices.
absl::StatusOr<OpeningFacts> AskOpeningFacts(const rpc::PeerClient& peers, const rpc::Context& context,
                                             const Offices& offices, const std::string& bucp,
                                             const std::string& entity, clock::Micros now);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_OPENING_FACTS_H_
