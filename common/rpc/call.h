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

// One call from the view of its handler. A handler may run twice (after a conflict in the database), so it
// keeps no state outside of the call.
class Call {
 public:
  Call(Context context, auth::Caller caller, events::EventRecorder recorder, storage::Database& database,
       absl::TimeZone zone)
      : context_(std::move(context)),
        caller_(std::move(caller)),
        recorder_(std::move(recorder)),
        database_(database),
        zone_(zone) {}

  // The caller. The pipeline has checked that it may call this method; the flow checks its roles in this
  // resource.
  const auth::Caller& caller() const { return caller_; }
  // The time of the call, constant during the call.
  clock::Micros now() const { return recorder_.now(); }
  // The time zone of calendar days, and the day of the call in it.
  const absl::TimeZone& zone() const { return zone_; }
  absl::CivilDay today() const { return clock::DayOf(now(), zone_); }
  // The transaction (WRITE) or snapshot (READ) of the call. Not available in a gather step.
  storage::Transaction& db() { return *transaction_; }
  // WRITE only: records an event. Each write records at least one.
  void Record(const events::EventDraft& draft) { recorder_.Record(draft); }
  events::EventRecorder& recorder() { return recorder_; }
  // Declares that the person acts in one of these roles, for a step that requires less than its method. Sets
  // caller().on_behalf and the actor of the following events.
  void ActIn(const std::vector<common::v1::ContactRole>& roles) {
    caller_.on_behalf = caller_.OnBehalfIn(roles);
    recorder_.ActFor(caller_.on_behalf);
  }
  // Ends the stream after the messages returned by this call.
  void EndStream() { ended_ = true; }
  // The context for requests to peers in a gather step.
  const Context& context() const { return context_; }
  // In a gather step: runs the body in a snapshot of the own database.
  absl::Status ReadSnapshot(const storage::Body& body) { return database_.Read(body); }
  // In a gather step of a WRITE: registers a function that undoes at a peer what was requested for this call.
  // It runs once, after the call was refused; not after a success, nor if it is unknown whether the
  // transaction was committed.
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
