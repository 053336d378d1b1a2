#ifndef IDEA_COMMON_EVENTS_HISTORY_CHECK_H_
#define IDEA_COMMON_EVENTS_HISTORY_CHECK_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/events/epochs.h"
#include "common/storage/database.h"

namespace idea::events {

// A list that numbers its rows, and whose positions are also kept outside of the database.
struct NumberedList {
  // The name of its mark, and of its table, which has the columns seq and event_id.
  std::string name;
  std::function<absl::StatusOr<Epochs>(storage::Transaction&)> read;
  // Called in the transaction that begins an epoch. May be null.
  std::function<absl::Status(storage::Transaction&)> begun = nullptr;
};

// The event log.
NumberedList EventLog();

// The lane of transactions that give positions or begin an epoch.
inline constexpr storage::Lane kSequencerLane = "event_sequencer";

// Begins a new epoch if the database has moved (EnsureEpoch), or if it has lost the row that the mark of the
// list names: then an older backup was restored over a SQLite file. The mark is the last row with its event
// id, kept beside the file (storage::Database::ReadMark), and is moved to the current last row. PostgreSQL
// has no marks. To be called at a start (`starting`) before any write, and every second while the database is
// in use. Returns the epochs.
absl::StatusOr<Epochs> CheckHistory(storage::Database& database, const NumberedList& list, bool starting);

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_HISTORY_CHECK_H_
