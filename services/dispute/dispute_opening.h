#ifndef IDEA_SERVICES_DISPUTE_DISPUTE_OPENING_H_
#define IDEA_SERVICES_DISPUTE_DISPUTE_OPENING_H_

#include "services/dispute/dispute_moves.h"
#include "services/dispute/dispute_questions.h"

// How a dispute is opened, by a party or by the clock of a review.
namespace idea::dispute {

// What an objection does to a BUCP.
enum class Hold {
  // Nothing: it cannot be disputed.
  kImpossible,
  // Holds it: with the providers, in review or signing. Where a dispute holds it now, what counts is where it
  // was: the own table knows whether that dispute is still open.
  kHolds,
  // Leaves it in force: an executed agreement, disputed for de-identification or costs.
  kInForce,
};
Hold HoldOf(const drafting::v1::Bucp& bucp, v1::Category category);

// Puts an explanation into a dispute, with its track and the agencies that have a part in it.
void SetTrack(v1::TrackExplanation explanation, v1::Dispute& dispute);

// Opens a dispute whose `wanted` has the BUCP, category, objection, opener and what belongs to its category:
// picks track and offices, holds the BUCP and tells. Where the track is not known yet, the dispute waits in
// STATE_AWAITING_STANDING. DISPUTE_OPEN, FINALLY_DECIDED, STEP_NOT_ALLOWED, or what CheckOffices says, if it
// cannot be.
absl::StatusOr<v1::Dispute> OpenDisputeOn(storage::Transaction& db, events::Scribe& scribe,
                                          const Offices& offices, v1::Process process,
                                          const OpeningFacts& facts, const Actor& actor, v1::Dispute wanted);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DISPUTE_OPENING_H_
