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

// The one way to change the state of a BUCP: find it, collect the facts, decide, save, record the event.
namespace idea::drafting {

// Identifies a freeze of a BUCP. The number is 0 if the freeze was made by a release without numbers. Such
// freezes are identified by the digest alone.
struct Freeze {
  std::string digest;
  int32_t number = 0;
};

// One step of the flow, as requested.
struct StepRequest {
  std::string_view on;
  std::string name;
  // The etag as the caller read it. An empty etag is not checked.
  std::string etag = {};
  // The freeze that the step is about. If not set, the current one.
  std::optional<Freeze> freeze = {};
  // The dispute that the calling service names.
  std::string dispute = {};
  // The dispute that holds the BUCP was withdrawn. Fields that were required only because of it are no longer
  // required.
  bool withdrawn = false;
  // The reason that the caller gave, if any.
  std::string reason = {};
  // The text for the timeline: "sent to the Data Provider".
  std::string summary;
  // Makes further changes before the BUCP is saved. May be null.
  std::function<absl::Status(v1::Bucp&)> change = {};
};

// The transaction, the recorder of events and the current day of a step.
struct StepScope {
  storage::Transaction& db;
  events::EventRecorder& recorder;
  absl::CivilDay today;
};
inline StepScope ScopeOf(rpc::Call& call) { return {call.db(), call.recorder(), call.today()}; }

// Takes the step or returns why it is not possible. An INCOMPLETE error lists the gaps. A step on a held BUCP
// returns BUCP_ON_HOLD.
absl::StatusOr<v1::Bucp> Transition(rpc::Call& call, const StepRequest& request);

// The same for a BUCP that was already read, with the given roles.
absl::StatusOr<v1::Bucp> Transition(const StepScope& scope, const StepRequest& request, flow::Roles roles,
                                    v1::Bucp bucp);

// Whether an agreement is in force on a day: executed, not ended, and not after its last day.
bool IsInForce(const v1::Bucp& bucp, absl::CivilDay today);

// Clears the dispute that held the BUCP. `disputed` remains set.
absl::Status ForgetHold(v1::Bucp& bucp);

// Releases a BUCP that is held by a dispute that the dispute service has lost. Does nothing if another
// dispute, or none, holds it now.
absl::Status ReleaseFromLostDispute(const StepScope& scope, const v1::BucpMoved& held);

// The origin of a new draft.
struct DraftOrigin {
  // The version of the template, "templates/{template}". Defaults to the newest for the number of
  // departments.
  std::string bucp_template = {};
  // The executed BUCP that the draft amends, if any.
  std::string amends = {};
  // The BUCP whose content was copied, if any.
  std::string copied_from = {};
};

// Stores a new draft with its first revision, and records the event (guidebook steps 3 and 8).
absl::StatusOr<v1::Bucp> StartDraft(rpc::Call& call, const v1::Content& content, const DraftOrigin& origin);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_BUCP_BUCP_TRANSITION_H_
