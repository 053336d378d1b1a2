#include "common/events/positions.h"

#include "common/events/epochs.h"
#include "common/events/history_check.h"
#include "common/status/status.h"

namespace idea::events {
namespace {

using storage::Engine;

absl::StatusOr<bool> HasUnplaced(storage::Transaction& db) {
  if (db.engine() == Engine::kSqlite) return false;
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT seq FROM unplaced_events WHERE seq > $1 LIMIT 1", {int64_t{0}}));
  return !rows.empty();
}

absl::Status Place(storage::Transaction& db) {
  ASSIGN_OR_RETURN(const bool unplaced, HasUnplaced(db));
  if (!unplaced) return absl::OkStatus();
  // A server that has just taken over may lack events that were read from the previous one.
  RETURN_IF_ERROR(EnsureEpoch(db));
  return db.ExecuteDeferred(
      "WITH taken AS (DELETE FROM unplaced_events WHERE seq > $1 RETURNING seq, bucp) "
      "INSERT INTO event_positions (position, seq, bucp) "
      "SELECT (SELECT COALESCE(MAX(position), 0) FROM event_positions) + row_number() OVER (ORDER BY seq), "
      "seq, "
      "bucp FROM taken",
      {int64_t{0}});
}

}  // namespace

absl::Status PlaceEvents(storage::Database& database) {
  // Without a lock, because most calls find no events.
  bool unplaced = false;
  RETURN_IF_ERROR(database.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(unplaced, HasUnplaced(db));
    return absl::OkStatus();
  }));
  return unplaced ? database.Write(Place, kSequencerLane) : absl::OkStatus();
}

absl::Status OpenLog(storage::Database& database) {
  return CheckHistory(database, EventLog(), /*starting=*/true).status();
}

}  // namespace idea::events
