#ifndef IDEA_COMMON_EVENTS_HISTORY_CHECK_H_
#define IDEA_COMMON_EVENTS_HISTORY_CHECK_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/events/epochs.h"
#include "common/storage/database.h"

namespace idea::events {

// A list that numbers its rows and whose positions are kept outside of the database.
struct NumberedList {
  // Name of its mark, and of its table, which has the columns seq and event_id.
  std::string name;
  std::function<absl::StatusOr<Epochs>(storage::Transaction&)> read;
  // Called in the transaction that begins an epoch. May be null.
  std::function<absl::Status(storage::Transaction&)> begun = nullptr;
};

// The event log.
NumberedList EventLog();

// The lane of whatever gives positions or begins an epoch.
inline constexpr storage::Lane kSequencerLane = "event_sequencer";

// Begins a new epoch if the database is elsewhere (EnsureEpoch), or if it has lost what the mark of the list
// names: then an older backup was put back over a SQLite file. The mark is the last row with its event id,
// kept beside the file (storage::Database::ReadMark), and is moved to the last row now. PostgreSQL keeps no
// marks. To be called at a start (`starting`), before anything is written, and every second while the
// database is in use. Returns the epochs.
absl::StatusOr<Epochs> CheckHistory(storage::Database& database, const NumberedList& list, bool starting);

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_HISTORY_CHECK_H_
