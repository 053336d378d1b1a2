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
#include "services/inventory/log/log_service.h"

// Decides, saves, logs and records every step of a filing.
namespace idea::inventory {

// One step of the flow, as requested.
struct StepRequest {
  std::string_view on;
  // The roles of the caller.
  flow::Roles by = 0;
  FilingFacts facts = {};
  // The kind of the entry that the step adds to the log. UNSPECIFIED: `change` adds it.
  v1::LogEntryKind entry = v1::LOG_ENTRY_KIND_UNSPECIFIED;
  // The citation of the event. Defaults to that of the row.
  std::string_view citation = {};
  // Whether the event goes to the parties and the Statewide CDO's office.
  bool has_audience = true;
  // Makes the other changes of the step that the flow allows, and returns the summary for the event.
  std::function<absl::StatusOr<std::string>(v1::Filing&)> change;
  // Called with the saved filing after the log entry and before the event. May be null.
  std::function<absl::Status(const v1::Filing&)> follow = {};
};

// The transaction of a step, and where it is recorded.
struct StepScope {
  storage::Transaction& db;
  events::EventRecorder& recorder;
  const LogService& log;
  std::string_view cdo_entity;
};

// Takes the step or returns why it is not possible: decides, makes the changes, saves the filing, adds the
// log entry and records the event. No other code changes the state of a stored filing.
absl::Status Transition(const StepScope& scope, const StepRequest& request, v1::Filing& filing);

// The log entry of a change; `filing` as it is after the change.
v1::LogEntry EntryOf(const v1::Filing& filing, v1::LogEntryKind kind, clock::Micros now);

// Records an event about a filing that is not a step, for its parties and the Statewide CDO's office.
void RecordFilingEvent(events::EventRecorder& recorder, const v1::Filing& filing,
                       const std::string& cdo_entity, std::string_view type, std::string_view citation,
                       std::string summary);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_FILING_FILING_TRANSITION_H_
