#ifndef IDEA_SERVICES_DISPUTE_DISPUTE_QUESTIONS_H_
#define IDEA_SERVICES_DISPUTE_DISPUTE_QUESTIONS_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/context.h"
#include "idea/dispute/v1/dispute.pb.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/registry/v1/registry.pb.h"

// What has to be known of the other services before a dispute is opened.
namespace idea::dispute {

// Calls a method of another service, as rpc::Peer::Send does.
using Ask = std::function<absl::Status(std::string_view service, const rpc::Context& context,
                                       const google::protobuf::Message& request,
                                       google::protobuf::Message* response)>;

// The BUCP as drafting knows it, and its parties as the registry knows them.
struct OpeningFacts {
  drafting::v1::Bucp bucp;
  // By name; a party that the registry does not know is there with its name only.
  std::map<std::string, registry::v1::Entity> parties;
};

// Asks drafting for the BUCP and the registry for its parties. ERROR_REASON_NOT_FOUND if there is no such
// BUCP or `entity` is no party; ERROR_REASON_PEER_UNAVAILABLE if a peer does not answer.
absl::StatusOr<OpeningFacts> AskOpeningFacts(const Ask& ask, const rpc::Context& context,
                                             const std::string& bucp, const std::string& entity);

// Whether the BUCP is in a state in which an objection can hold it: with the providers, in review or signing.
// Where a dispute holds it now, what counts is where it was: the own table knows whether that dispute is
// still open.
bool CanBeHeld(const drafting::v1::Bucp& bucp);

// By the standings of the parties: outside if one of them is outside, all under if all are under; else
// ERROR_REASON_GOVERNOR_AUTHORITY_UNKNOWN with the first entity whose standing is not recorded.
absl::StatusOr<v1::Track> TrackOf(const OpeningFacts& facts);

// The agencies of the parties, each once, in the order of the parties: a party's parent, or the party itself
// where it has none.
std::vector<std::string> AgenciesOf(const OpeningFacts& facts);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DISPUTE_QUESTIONS_H_
