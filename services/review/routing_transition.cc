#include "services/review/routing_transition.h"

#include <algorithm>

#include "common/listing/limit.h"
#include "common/status/status.h"
#include "services/review/part_store.h"
#include "services/review/review_events.h"
#include "services/review/routing_access.h"
#include "services/review/routing_rules.h"
#include "services/review/routing_store.h"
#include "services/review/task_store.h"

namespace idea::review {

using status::Error;
using status::Reason;

v1::RoutingStep* FindStep(v1::Routing& routing, const std::string& entity, v1::Discipline discipline,
                          v1::Capacity capacity) {
  for (v1::RoutingStep& step : *routing.mutable_steps()) {
    if (step.entity() == entity && step.discipline() == discipline && step.capacity() == capacity)
      return &step;
  }
  return nullptr;
}

bool IsLast(const v1::Routing& routing, v1::RoutingState stage, const v1::RoutingStep* step) {
  return std::none_of(routing.steps().begin(), routing.steps().end(), [&](const v1::RoutingStep& other) {
    return &other != step && !other.done() && StageOf(other) == stage;
  });
}

void AddOpenConcerns(const v1::Opinion& opinion, v1::Routing& routing) {
  size_t bytes = 0;
  for (const v1::Concern& concern : routing.open_concerns()) bytes += concern.ByteSizeLong();
  for (const v1::Concern& concern : opinion.concerns()) {
    if (concern.state() != v1::CONCERN_STATE_OPEN) continue;
    bytes += concern.ByteSizeLong();
    if (bytes > listing::kMaxOpenConcernsBytes) return;
    *routing.add_open_concerns() = concern;
  }
}

absl::Status Transition(rpc::Call& call, std::string_view on, const RoutingFacts& facts, const StepText& text,
                        v1::Routing& routing) {
  const State from = routing.state();
  const auto step = flow::Decide(kRoutingFlow, from, on, RolesOf(call.caller(), routing), facts);
  if (!step.ok()) {
    const bool held = from == v1::ROUTING_STATE_HELD &&
                      status::ReasonOf(step.status()) == Reason::ERROR_REASON_STEP_NOT_ALLOWED;
    if (!held) return step.status();
    return Error(Reason::ERROR_REASON_BUCP_ON_HOLD, "a dispute holds " + routing.bucp())
        .With("dispute", routing.dispute());
  }
  // A command of a peer has no person.
  if (const auth::Caller& caller = call.caller(); !caller.person.empty()) {
    RETURN_IF_ERROR(
        ClaimPart(call.db(), {routing.bucp(), caller.person}, caller.entity, "", call.now()).status());
  }
  routing.set_state(step->to);
  *routing.mutable_update_time() = clock::ToProto(call.now());
  RETURN_IF_ERROR(SaveRouting(call.db(), from, routing));
  RETURN_IF_ERROR(SyncTasks(call.db(), routing, call.now()));
  if (!text.subject.empty()) {
    RecordEvent(call, routing, text.type.empty() ? step->tell : text.type, text.subject, text.citation,
                text.summary, text.reason);
  }
  RecordStage(call, routing, step->tell);
  return absl::OkStatus();
}

void RecordEvent(rpc::Call& call, const v1::Routing& routing, std::string_view type,
                 const std::string& subject, std::string_view citation, std::string summary,
                 const std::string& reason) {
  v1::RoutingMoved moved;
  moved.set_bucp(routing.bucp());
  moved.set_routing(routing.name());
  moved.set_digest(routing.digest());
  moved.set_freeze_number(routing.freeze_number());
  moved.set_reason(reason);
  call.Record({.type = type,
               .subject = subject,
               .bucp = routing.bucp(),
               .audience = AudienceOf(routing),
               .citation = citation,
               .summary = std::move(summary) + (reason.empty() ? "" : ": " + reason),
               .data = &moved});
}

void RecordStage(rpc::Call& call, const v1::Routing& routing, std::string_view type) {
  if (type == kOpinionsCompleted) {
    RecordEvent(call, routing, type, routing.name(), "BUCP template, checklist rows 3-5",
                "every opinion is registered");
  } else if (type == kSponsorsSigned) {
    RecordEvent(call, routing, type, routing.name(), "BUCP template, checklist row 6",
                "every Executive Sponsor has signed");
  } else if (type == kRoutingCompleted) {
    RecordEvent(call, routing, type, routing.name(), "BUCP template, checklist row 7",
                "every signature is given");
  }
}

}  // namespace idea::review
