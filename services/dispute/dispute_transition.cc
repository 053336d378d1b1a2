#include "services/dispute/dispute_transition.h"

#include <utility>

#include "common/clock/clock.h"
#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/status/status.h"
#include "services/dispute/dispute_store.h"
#include "services/dispute/dispute_track.h"

namespace idea::dispute {

using status::Error;

namespace {

std::string CitationOf(const Step& step) {
  if (step.guide.starts_with("agreement")) return std::string(step.guide);
  const bool guidebook = step.guide[0] >= '0' && step.guide[0] <= '9';
  return guidebook ? "guidebook dispute step " + std::string(step.guide.substr(0, 1)) : "";
}

// Adds what happened to the history and tells it.
absl::Status Record(storage::Transaction& db, events::EventRecorder& recorder, const Offices& offices,
                    const v1::DisputeStep& step, std::string_view type, const std::string& summary,
                    v1::Dispute& dispute) {
  RETURN_IF_ERROR(InsertStep(db, dispute, step));
  *dispute.add_history() = step;
  ShowWaits(dispute);
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

}  // namespace

absl::Status Open(storage::Transaction& db, events::EventRecorder& recorder, const Offices& offices,
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
  return Record(db, recorder, offices, step, "DisputeOpened",
                dispute.opened_by() + " opened a dispute on \"" + dispute.title() + "\".", dispute);
}

absl::Status Take(const Step& step, const Actor& actor, const Words& words, storage::Transaction& db,
                  events::EventRecorder& recorder, const Offices& offices, v1::Dispute& dispute) {
  dispute.set_state(step.to);
  if (step.to != step.from) *dispute.mutable_level_time() = clock::ToProto(recorder.now());
  RETURN_IF_ERROR(MoveDispute(db, step.from, dispute, recorder.now()));
  dispute.set_etag(std::to_string(std::stoll(dispute.etag()) + 1));
  *dispute.mutable_update_time() = clock::ToProto(recorder.now());
  v1::DisputeStep taken = StepBy(actor, step.on, recorder.now());
  taken.set_from(step.from);
  taken.set_to(step.to);
  taken.set_citation(CitationOf(step));
  taken.set_text(words.text);
  taken.set_decision(words.decision);
  return Record(db, recorder, offices, taken, step.tell, words.summary, dispute);
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
    const bool of_agency = Mediates(office) || office.role() == common::v1::CONTACT_ROLE_UNDERSECRETARY;
    if (of_agency && !IsOneOf(office.entity(), dispute.agencies())) dispute.add_agencies(office.entity());
  }
}

absl::StatusOr<v1::Dispute> OpenDisputeOn(storage::Transaction& db, events::EventRecorder& recorder,
                                          const Offices& offices, v1::Process process,
                                          const OpeningFacts& facts, const Actor& actor, v1::Dispute wanted) {
  ASSIGN_OR_RETURN(const std::string open, FindOpenDispute(db, wanted.bucp()));
  if (!open.empty()) {
    return Error(Reason::ERROR_REASON_DISPUTE_OPEN, "a dispute on this BUCP is open: " + open)
        .With("dispute", open);
  }
  // A review of de-identified data is about a data set of its own: what was decided on another one does not
  // bind.
  if (wanted.deidentification().empty()) {
    ASSIGN_OR_RETURN(const std::string decided, FindDecision(db, wanted.bucp(), wanted.category()));
    if (!decided.empty()) {
      return Error(Reason::ERROR_REASON_FINALLY_DECIDED,
                   "a dispute of this category on the BUCP was decided for sharing: " + decided)
          .With("dispute", decided);
    }
  }
  const Hold hold = HoldOf(facts.bucp, wanted.category());
  if (hold == Hold::kImpossible) {
    const std::string state = flow::NameOf(facts.bucp.state());
    return Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED,
                 "OpenDispute is not possible for a BUCP in state " + state)
        .With("state", state);
  }
  SetTrack(Explain(process, facts, offices), wanted);
  RETURN_IF_ERROR(CheckOffices(wanted.explanation()));
  wanted.set_name(ids::kDisputes.Name(ids::NewUuid()));
  wanted.set_title(facts.bucp.title());
  wanted.set_holds(hold == Hold::kHolds);
  wanted.set_process(process);
  wanted.set_state(wanted.explanation().first());
  *wanted.mutable_recipients() = facts.bucp.content().recipients();
  *wanted.mutable_providers() = facts.bucp.content().providers();
  RETURN_IF_ERROR(Open(db, recorder, offices, actor, wanted));
  return wanted;
}

}  // namespace idea::dispute
