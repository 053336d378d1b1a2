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

// The steps of a filing, and what goes with every change of it.
namespace idea::inventory {

// One step of the flow.
struct Move {
  std::string_view on;
  flow::Parts by = 0;
  FilingFacts facts = {};
  // Changes what the step changes besides the state, before the filing is saved.
  std::function<absl::Status(v1::Filing&)> change;
};

// Takes the step and saves the filing, or says why not: no other code changes the state of a stored filing.
absl::StatusOr<flow::Step<State, FilingFacts>> Transition(storage::Transaction& db, const Move& move,
                                                          v1::Filing& filing);

// What the log keeps of a filing as it stands after the change.
v1::LogEntry EntryOf(const v1::Filing& filing, v1::LogEntryKind kind, clock::Micros now);

// Tells the parties and the Statewide CDO's office.
void TellMoved(events::EventRecorder& recorder, const v1::Filing& filing, const std::string& cdo_entity,
               std::string_view type, std::string_view citation, std::string summary);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_FILING_FILING_TRANSITION_H_
