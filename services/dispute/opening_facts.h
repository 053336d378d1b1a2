#ifndef IDEA_SERVICES_DISPUTE_OPENING_FACTS_H_
#define IDEA_SERVICES_DISPUTE_OPENING_FACTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/rpc/call.h"
#include "common/rpc/context.h"
#include "common/rpc/peer_client.h"
#include "services/dispute/track_rules.h"

// Reads from the other services what a dispute needs before it is opened.
namespace idea::dispute {

// Returns the BUCP. NOT_FOUND if it does not exist, or if `entity` is not empty and not a party to it;
// PEER_UNAVAILABLE if drafting does not answer.
absl::StatusOr<drafting::v1::Bucp> FetchBucp(const rpc::PeerClient& peers, const rpc::Context& context,
                                             const std::string& bucp, const std::string& entity);

// Calls FetchBucp, and reads the parties and offices of the BUCP from the registry.
absl::StatusOr<OpeningFacts> GatherOpeningFacts(const rpc::PeerClient& peers, const rpc::Context& context,
                                                const Offices& offices, const std::string& bucp,
                                                const std::string& entity, clock::Micros now);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_OPENING_FACTS_H_
