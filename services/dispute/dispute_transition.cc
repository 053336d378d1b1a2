#include "services/dispute/dispute_transition.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "common/clock/clock.h"
#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/status/status.h"
#include "services/dispute/deidentification_transition.h"
#include "services/dispute/dispute_events.h"
#include "services/dispute/dispute_store.h"
#include "services/dispute/track_rules.h"

namespace idea::dispute {

using status::Error;

namespace {

std::string CitationOf(const Step& step) {
  if (step.guide.starts_with("agreement")) return std::string(step.guide);
  const bool guidebook = step.guide[0] >= '0' && step.guide[0] <= '9';
  return guidebook ? "guidebook dispute step " + std::string(step.guide.substr(0, 1)) : "";
}

// Adds the step to the history and records the event.
absl::Status Record(storage::Transaction& db, events::EventRecorder& recorder, const Offices& offices,
                    const v1::DisputeStep& step, std::string_view type, const std::string& summary,
                    v1::Dispute& dispute) {
  RETURN_IF_ERROR(InsertStep(db, dispute, step));
  *dispute.add_history() = step;
  UpdateWaitsFor(dispute);
  v1::DisputeMoved moved;
  moved.set_dispute(dispute.name());
  moved.set_bucp(dispute.bucp());
  moved.set_state(dispute.state());
  moved.set_outcome(dispute.outcome());
  moved.set_holds(dispute.holds());
  recorder.Record({.type = type,
                   .subject = dispute.name(),
                   .bucp = dispute.bucp(),
                   .audience = AudienceOf(dispute, offices, step.from()),
                   .citation = step.citation(),
                   .summary = summary,
                   .data = &moved});
  return absl::OkStatus();
}

v1::DisputeStep StepBy(const Actor& actor, std::string_view on, clock::Micros now) {
  v1::DisputeStep step;
  step.set_on(std::string(on));
  step.set_entity(actor.entity);
  step.set_person(actor.person);
  if (actor.on_behalf) *step.mutable_on_behalf() = *actor.on_behalf;
  *step.mutable_time() = clock::ToProto(now);
  return step;
}

absl::Status StoreOpened(storage::Transaction& db, events::EventRecorder& recorder, const Offices& offices,
                         const Actor& actor, v1::Dispute& dispute) {
  dispute.set_etag("1");
  *dispute.mutable_create_time() = *dispute.mutable_update_time() = *dispute.mutable_level_time() =
      clock::ToProto(recorder.now());
  RETURN_IF_ERROR(InsertDispute(db, dispute, ViewersOf(dispute, offices), recorder.now()));
  v1::DisputeStep step = StepBy(actor, "OpenDispute", recorder.now());
  step.set_to(dispute.state());
  step.set_citation(dispute.category() == v1::CATEGORY_COSTS              ? "agreement 5.21"
                    : dispute.category() == v1::CATEGORY_DEIDENTIFICATION ? "agreement 5.19"
                                                                          : "agreement 5.2");
  step.set_text(dispute.objection());
  return Record(db, recorder, offices, step, kDisputeOpened,
                dispute.opened_by() + " opened a dispute on \"" + dispute.title() + "\".", dispute);
}

}  // namespace

absl::Status Transition(const StepScope& scope, const StepRequest& request, v1::Dispute& dispute) {
  const auto decided = Decide(dispute.process(), dispute.state(), request.on, request.by, request.facts);
  if (!decided.ok()) {
    return status::WithMetadata(decided.status(), Reason::ERROR_REASON_STATEMENTS_MISSING, "entity",
                                AwaitedStatement(dispute));
  }
  const Step& step = *decided;
  const Actor actor = request.actor == nullptr ? Actor() : request.actor(step);
  ASSIGN_OR_RETURN(const StepText text, request.change(step, dispute));
  const clock::Micros now = scope.recorder.now();
  dispute.set_state(step.to);
  if (step.to != step.from) *dispute.mutable_level_time() = clock::ToProto(now);
  RETURN_IF_ERROR(SaveDispute(scope.db, step.from, dispute, now));
  dispute.set_etag(std::to_string(std::stoll(dispute.etag()) + 1));
  *dispute.mutable_update_time() = clock::ToProto(now);
  v1::DisputeStep taken = StepBy(actor, step.on, now);
  taken.set_from(step.from);
  taken.set_to(step.to);
  taken.set_citation(CitationOf(step));
  taken.set_text(text.text);
  taken.set_decision(text.decision);
  return Record(scope.db, scope.recorder, scope.offices, taken, step.tell, text.summary, dispute);
}

Hold HoldOf(const drafting::v1::Bucp& bucp, v1::Category category) {
  const bool held = bucp.state() == drafting::v1::STATE_DISPUTED;
  switch (held ? bucp.held_from() : bucp.state()) {
    case drafting::v1::STATE_SENT:
    case drafting::v1::STATE_IN_REVIEW:
    case drafting::v1::STATE_SIGNING:
      return Hold::kHolds;
    case drafting::v1::STATE_EXECUTED:
    case drafting::v1::STATE_FILED:
      return category == v1::CATEGORY_PROVIDER_OBJECTS ? Hold::kImpossible : Hold::kInForce;
    // De-identified data stays in use when the agreement has ended.
    case drafting::v1::STATE_ENDED:
      return category == v1::CATEGORY_DEIDENTIFICATION ? Hold::kInForce : Hold::kImpossible;
    default:
      return Hold::kImpossible;
  }
}

void SetTrack(v1::TrackExplanation explanation, v1::Dispute& dispute) {
  *dispute.mutable_explanation() = std::move(explanation);
  dispute.set_track(dispute.explanation().track());
  dispute.clear_agencies();
  for (const v1::Office& office : dispute.explanation().offices()) {
    const bool of_agency = IsMediator(office) || office.role() == common::v1::CONTACT_ROLE_UNDERSECRETARY;
    if (of_agency && !absl::c_linear_search(dispute.agencies(), office.entity()))
      dispute.add_agencies(office.entity());
  }
}

absl::StatusOr<v1::Dispute> OpenDispute(storage::Transaction& db, events::EventRecorder& recorder,
                                        const Offices& offices, v1::Process process,
                                        const OpeningFacts& facts, const Actor& actor, v1::Dispute dispute) {
  ASSIGN_OR_RETURN(const std::string open, FindOpenDispute(db, dispute.bucp()));
  if (!open.empty()) {
    return Error(Reason::ERROR_REASON_DISPUTE_OPEN, "a dispute on this BUCP is open: " + open)
        .With("dispute", open);
  }
  // A review of de-identified data is about its own data set: a decision on another one does not bind.
  if (dispute.deidentification().empty()) {
    ASSIGN_OR_RETURN(const std::string decided, FindDecision(db, dispute.bucp(), dispute.category()));
    if (!decided.empty()) {
      return Error(Reason::ERROR_REASON_FINALLY_DECIDED,
                   "a dispute of this category on the BUCP was decided for sharing: " + decided)
          .With("dispute", decided);
    }
  }
  const Hold hold = HoldOf(facts.bucp, dispute.category());
  if (hold == Hold::kImpossible) {
    const std::string state = flow::NameOf(facts.bucp.state());
    return Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED,
                 "OpenDispute is not possible for a BUCP in state " + state)
        .With("state", state);
  }
  SetTrack(Explain(process, facts, offices), dispute);
  RETURN_IF_ERROR(CheckOffices(dispute.explanation()));
  dispute.set_name(ids::kDisputes.Name(ids::NewUuid()));
  dispute.set_title(facts.bucp.title());
  dispute.set_holds(hold == Hold::kHolds);
  dispute.set_process(process);
  dispute.set_state(dispute.explanation().first());
  *dispute.mutable_recipients() = facts.bucp.content().recipients();
  *dispute.mutable_providers() = facts.bucp.content().providers();
  RETURN_IF_ERROR(StoreOpened(db, recorder, offices, actor, dispute));
  return dispute;
}

decltype(events::Target::refused) VoidOnRefusal(Offices offices) {
  return [offices = std::move(offices)](storage::Transaction& db, events::EventRecorder& recorder,
                                        const events::Event& event,
                                        const absl::Status& refusal) -> absl::Status {
    if (event.type() != kDisputeOpened) return absl::OkStatus();
    ASSIGN_OR_RETURN(auto dispute, FindDispute(db, event.subject()));
    if (!dispute || !IsOpen(dispute->state())) return absl::OkStatus();
    const auto end = [&](const Step&, v1::Dispute& ended) -> absl::StatusOr<StepText> {
      ended.set_outcome("The BUCP could no longer be held: " + std::string(refusal.message()));
      return StepText{"The objection came too late: the BUCP could no longer be held.", ended.outcome()};
    };
    RETURN_IF_ERROR(Transition({db, recorder, offices},
                               {.on = kHoldRefused, .by = flow::kDrafting, .change = end}, *dispute));
    return dispute->deidentification().empty() ? absl::OkStatus()
                                               : ReopenObjection(db, recorder, dispute->deidentification());
  };
}

}  // namespace idea::dispute
