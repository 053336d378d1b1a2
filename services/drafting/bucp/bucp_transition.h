#ifndef IDEA_SERVICES_DRAFTING_BUCP_BUCP_TRANSITION_H_
#define IDEA_SERVICES_DRAFTING_BUCP_BUCP_TRANSITION_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "services/drafting/bucp/bucp_access.h"
#include "services/drafting/bucp/bucp_flow.h"

// What every change of a BUCP has in common: find, gather the facts, decide, save, tell.
namespace idea::drafting {

// Identifies a freeze of a BUCP. Its number is 0 if a release that did not number freezes made it; such
// freezes are told apart by the digest alone.
struct Freeze {
  std::string digest;
  int32_t number = 0;
};

// One step of the flow.
struct Move {
  std::string_view on;
  std::string name;
  // The etag the caller read; empty: not checked.
  std::string etag = {};
  // The freeze that the step is about. Not set: whichever is current.
  std::optional<Freeze> freeze = {};
  // The dispute that a peer names.
  std::string dispute = {};
  // The dispute that holds the BUCP is withdrawn: what it alone asked for is asked for no more.
  bool withdrawn = false;
  // Why, where somebody said so.
  std::string reason = {};
  // What people read in the timeline: "sent to the Data Provider".
  std::string summary;
  // Changes more than the state, before it is saved. May be null.
  std::function<absl::Status(v1::Bucp&)> change = {};
};

// Where a step is taken: the transaction, the events of the write, and the day.
struct StepScope {
  storage::Transaction& db;
  events::EventRecorder& recorder;
  absl::CivilDay today;
};
inline StepScope ScopeOf(rpc::Call& call) { return {call.db(), call.recorder(), call.today()}; }

// Takes the step, or says why not. An INCOMPLETE refusal lists the gaps, a step on a held BUCP is refused as
// BUCP_ON_HOLD.
absl::StatusOr<v1::Bucp> Take(rpc::Call& call, const Move& move);

// The same for a BUCP that was read already, in the given parts.
absl::StatusOr<v1::Bucp> TakeAs(const StepScope& scope, const Move& move, flow::Parts parts, v1::Bucp bucp);

// Whether an agreement is in force on a day: executed, not ended, and not after its last day.
bool IsInForce(const v1::Bucp& bucp, absl::CivilDay today);

// Forgets which dispute held the BUCP; that there was one stays.
absl::Status ForgetHold(v1::Bucp& bucp);

// Releases a BUCP that is held by a dispute which the dispute service has lost. Does nothing if another one
// holds it by now, or none.
absl::Status ReleaseFromLostDispute(const StepScope& scope, const v1::BucpMoved& held);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_BUCP_BUCP_TRANSITION_H_
