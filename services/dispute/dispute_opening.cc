#include "services/dispute/dispute_opening.h"

#include <utility>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/dispute/dispute_store.h"
#include "services/dispute/dispute_track.h"

namespace idea::dispute {

using status::Error;

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

absl::StatusOr<v1::Dispute> OpenDisputeOn(storage::Transaction& db, events::Scribe& scribe,
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
  wanted.set_name("disputes/" + ids::NewUuid());
  wanted.set_title(facts.bucp.title());
  wanted.set_holds(hold == Hold::kHolds);
  wanted.set_process(process);
  wanted.set_state(wanted.explanation().first());
  *wanted.mutable_recipients() = facts.bucp.content().recipients();
  *wanted.mutable_providers() = facts.bucp.content().providers();
  RETURN_IF_ERROR(Open(db, scribe, offices, actor, wanted));
  return wanted;
}

}  // namespace idea::dispute
