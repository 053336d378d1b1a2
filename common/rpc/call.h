#ifndef IDEA_COMMON_RPC_CALL_H_
#define IDEA_COMMON_RPC_CALL_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/auth/auth.h"
#include "common/events/events.h"
#include "common/rpc/context.h"
#include "common/storage/database.h"

namespace idea::rpc {

// One call as a handler sees it. A handler may run twice (a conflict in the database), so it keeps no state
// outside of the call.
class Call {
 public:
  Call(Context context, auth::Caller caller, events::EventRecorder recorder, storage::Database& database,
       absl::TimeZone zone)
      : context_(std::move(context)),
        caller_(std::move(caller)),
        recorder_(std::move(recorder)),
        database_(database),
        zone_(zone) {}

  // Who calls. The pipeline has checked that they may call this method; whether they have a part in this very
  // resource is the flow's.
  const auth::Caller& caller() const { return caller_; }
  // The time of the call: the same for everything in it.
  clock::Micros now() const { return recorder_.now(); }
  // Where days begin and end, and the day of the call there.
  const absl::TimeZone& zone() const { return zone_; }
  absl::CivilDay today() const { return clock::DayOf(now(), zone_); }
  // The transaction (WRITE) or snapshot (READ) of the call. Not there while gathering.
  storage::Transaction& db() { return *transaction_; }
  // WRITE only: what happened. At least one event a write.
  void Record(const events::EventDraft& draft) { recorder_.Record(draft); }
  events::EventRecorder& recorder() { return recorder_; }
  // Says that the person acts in one of these roles, where a step asks for less than its method: sets
  // caller().on_behalf and the actor of what is told from now on.
  void ActIn(const std::vector<common::v1::ContactRole>& roles) {
    caller_.on_behalf = caller_.OnBehalfIn(roles);
    recorder_.ActFor(caller_.on_behalf);
  }
  // In a stream: it ends behind what is returned now.
  void EndStream() { ended_ = true; }
  // For questions to peers, in a gather step.
  const Context& context() const { return context_; }
  // In a gather step: runs `look` in a snapshot of the own database.
  absl::Status ReadSnapshot(const storage::Body& body) { return database_.Read(body); }
  // In a gather step of a WRITE: what takes back at a peer what was asked of it for this call. Runs once,
  // after the call was refused; not after a success, nor where it is not known whether the transaction took
  // place.
  void OnRefusal(std::function<void()> take_back) { on_refusal_.push_back(std::move(take_back)); }

 private:
  friend class Pipeline;
  Context context_;
  auth::Caller caller_;
  events::EventRecorder recorder_;
  storage::Database& database_;
  absl::TimeZone zone_;
  storage::Transaction* transaction_ = nullptr;
  bool ended_ = false;
  std::vector<std::function<void()>> on_refusal_;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_CALL_H_
