#ifndef IDEA_SERVICES_DISPUTE_DISPUTE_TRANSITION_H_
#define IDEA_SERVICES_DISPUTE_DISPUTE_TRANSITION_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/events/events.h"
#include "common/storage/database.h"
#include "services/dispute/dispute_access.h"
#include "services/dispute/dispute_flow.h"
#include "services/dispute/opening_facts.h"

// How a dispute is opened, by a party or by the clock of a review, and how every change of one is stored and
// told.
namespace idea::dispute {

// Who does something; both empty: the exchange itself.
struct Actor {
  std::string entity = {};
  std::string person = {};
  // For whom the person acts; nullopt: for themselves.
  std::optional<common::v1::OnBehalf> on_behalf = {};
};

// What stands in the history of a step besides its arrow.
struct Words {
  // One sentence for everybody who is told.
  std::string summary;
  // What was recommended, agreed or decided, and why.
  std::string text = {};
  v1::Decision decision = v1::DECISION_UNSPECIFIED;
};

// Stores a new dispute and tells of it; everybody in AudienceOf hears of it and drafting acts on it. ABORTED
// if another one on the same BUCP was opened at the same moment.
absl::Status Open(storage::Transaction& db, events::EventRecorder& recorder, const Offices& offices,
                  const Actor& actor, v1::Dispute& dispute);

// Takes a decided step: stores it, adds it to the history and tells it. `dispute` comes as it was read, but
// with the texts that the step adds, and leaves as it is stored now. ERROR_REASON_CONCURRENT_CHANGE if it has
// been changed since it was read.
absl::Status Take(const Step& step, const Actor& actor, const Words& words, storage::Transaction& db,
                  events::EventRecorder& recorder, const Offices& offices, v1::Dispute& dispute);

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
absl::StatusOr<v1::Dispute> OpenDisputeOn(storage::Transaction& db, events::EventRecorder& recorder,
                                          const Offices& offices, v1::Process process,
                                          const OpeningFacts& facts, const Actor& actor, v1::Dispute wanted);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DISPUTE_TRANSITION_H_
