#ifndef IDEA_SERVICES_INVENTORY_FILING_FILING_TRANSITION_H_
#define IDEA_SERVICES_INVENTORY_FILING_FILING_TRANSITION_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/events/events.h"
#include "common/flow/flow.h"
#include "common/storage/database.h"
#include "idea/inventory/v1/filing.pb.h"
#include "idea/inventory/v1/log.pb.h"
#include "services/inventory/filing/filing_flow.h"

// The transitions of a filing, with the log entry and the event of a change.
namespace idea::inventory {

struct TransitionInput {
  // The step of the flow.
  std::string_view on;
  // The roles of the caller.
  flow::Roles by = 0;
  FilingFacts facts = {};
  // Sets the other fields that the step changes. Called before the filing is saved.
  std::function<absl::Status(v1::Filing&)> change;
};

// Moves the filing to its new state and saves it. Fails if the flow does not allow the step. No other code
// changes the state of a stored filing.
absl::StatusOr<flow::Step<State, FilingFacts>> Transition(storage::Transaction& db,
                                                          const TransitionInput& input, v1::Filing& filing);

// The log entry of a change; `filing` as it is after the change.
v1::LogEntry EntryOf(const v1::Filing& filing, v1::LogEntryKind kind, clock::Micros now);

// Records an event about a filing for its parties and the Statewide CDO's office.
void RecordFilingEvent(events::EventRecorder& recorder, const v1::Filing& filing,
                       const std::string& cdo_entity, std::string_view type, std::string_view citation,
                       std::string summary);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_FILING_FILING_TRANSITION_H_
