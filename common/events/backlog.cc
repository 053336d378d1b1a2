#include "common/events/backlog.h"

#include "common/events/epochs.h"
#include "common/events/events.h"
#include "common/events/handover_store.h"
#include "common/status/status.h"

namespace idea::events {

absl::StatusOr<Backlog> ReadBacklog(storage::Transaction& db,
                                    const std::map<std::string, std::string>& feeds) {
  Backlog backlog;
  if (db.engine() == storage::Engine::kPostgresql) {
    ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT COUNT(*) FROM unplaced_events", {}));
    backlog.unplaced = row->Int(0);
  }
  ASSIGN_OR_RETURN(const Epochs epochs, Epochs::Read(db));
  backlog.head = epochs.CursorOf(epochs.head());
  std::map<std::string, std::string> cursors = feeds;
  ASSIGN_OR_RETURN(const storage::Rows rows, db.Query("SELECT name, epoch, position FROM cursors", {}));
  for (const storage::Row& row : rows) {
    cursors[row.Text(0)] = row.Text(1) + "." + std::to_string(row.Int(2));
    ASSIGN_OR_RETURN(const auto aside,
                     db.QueryOne("SELECT COUNT(*) FROM handovers WHERE target = $1 AND state <> $2",
                                 {row.Text(0), int64_t{kFinished}}));
    backlog.set_aside += aside->Int(0);
  }
  for (const auto& [target, cursor] : cursors) {
    const int64_t position = epochs.ReplayAfter(cursor);
    Backlog::Waiting& waiting = backlog.undelivered[target];
    waiting.events = epochs.head() - position;
    if (waiting.events <= 0) continue;
    ASSIGN_OR_RETURN(const std::vector<LoggedEvent> first, ReadAfter(db, position, 1));
    if (!first.empty()) waiting.oldest = clock::FromProto(first.front().event.time());
  }
  return backlog;
}

}  // namespace idea::events
