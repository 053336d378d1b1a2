#ifndef IDEA_SERVICES_DISPUTE_DISPUTE_TRANSITION_H_
#define IDEA_SERVICES_DISPUTE_DISPUTE_TRANSITION_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/events/relay.h"
#include "common/storage/database.h"
#include "services/dispute/dispute_access.h"
#include "services/dispute/dispute_flow.h"
#include "services/dispute/opening_facts.h"

// Opens disputes, and decides, saves and records every step of one.
namespace idea::dispute {

// The person who takes a step. Empty for a step that the system takes.
struct Actor {
  std::string entity = {};
  std::string person = {};
  // For whom the person acts. Not set if the person acts for themselves.
  std::optional<common::v1::OnBehalf> on_behalf = {};
};

// The text of a step.
struct StepText {
  // One sentence for the event.
  std::string summary;
  // For the history: what was recommended, agreed or decided, and why.
  std::string text = {};
  v1::Decision decision = v1::DECISION_UNSPECIFIED;
};

// One step of the flow, as requested.
struct StepRequest {
  std::string_view on;
  // The roles of the caller.
  flow::Roles by = 0;
  Facts facts = {};
  // Returns the person who takes the step. Called before `change`. Null: the system takes it.
  std::function<Actor(const Step&)> actor = {};
  // Makes the changes of the step that the flow allows, and returns its text.
  std::function<absl::StatusOr<StepText>(const Step&, v1::Dispute&)> change;
};

// The transaction of a step, the recorder of its events and the offices that decide.
struct StepScope {
  storage::Transaction& db;
  events::EventRecorder& recorder;
  const Offices& offices;
};

// Takes the step or returns why it is not possible: decides, makes the changes, saves the dispute, adds the
// step to its history and records the event. `dispute` has the etag that was read; on return it is as stored.
// CONCURRENT_CHANGE if it was changed since it was read.
absl::Status Transition(const StepScope& scope, const StepRequest& request, v1::Dispute& dispute);

// The effect of an objection on a BUCP.
enum class Hold {
  // The BUCP cannot be disputed.
  kImpossible,
  // The objection holds the BUCP: it is with the providers, in review or signing. For a BUCP that a dispute
  // holds, the state before counts: the table of disputes shows whether that dispute is still open.
  kHolds,
  // The agreement stays in force: it is executed, and de-identification or costs are disputed.
  kInForce,
};
Hold HoldOf(const drafting::v1::Bucp& bucp, v1::Category category);

// Sets the explanation of a dispute, with the track and the agencies that follow from it.
void SetTrack(v1::TrackExplanation explanation, v1::Dispute& dispute);

// Opens a dispute and records the event. `dispute` has the BUCP, category, objection, opener and the fields
// of its category. The track and the offices follow from `facts`. If the track is not known yet, the dispute
// waits in STATE_AWAITING_STANDING. Fails with DISPUTE_OPEN, FINALLY_DECIDED, STEP_NOT_ALLOWED, or as
// CheckOffices does. ABORTED if another dispute on the same BUCP was opened at the same moment.
absl::StatusOr<v1::Dispute> OpenDispute(storage::Transaction& db, events::EventRecorder& recorder,
                                        const Offices& offices, v1::Process process,
                                        const OpeningFacts& facts, const Actor& actor, v1::Dispute dispute);

// Returns the reaction to a command that drafting refused, for the relay. If it refused the hold, because the
// BUCP is executed or gone by then, the dispute becomes void. If a review of de-identified data led to the
// dispute, the timer of the review runs again.
decltype(events::Target::refused) VoidOnRefusal(Offices offices);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DISPUTE_TRANSITION_H_
