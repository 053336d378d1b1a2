#include "common/events/backlog.h"

#include "common/events/epochs.h"
#include "common/events/handover_store.h"
#include "common/status/status.h"

namespace idea::events {

absl::StatusOr<Backlog> ReadBacklog(storage::Transaction& db) {
  Backlog backlog;
  if (db.engine() == storage::Engine::kPostgresql) {
    ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT COUNT(*) FROM unplaced_events", {}));
    backlog.unplaced = row->Int(0);
  }
  ASSIGN_OR_RETURN(const Epochs epochs, Epochs::Read(db));
  ASSIGN_OR_RETURN(const storage::Rows cursors, db.Query("SELECT name, epoch, position FROM cursors", {}));
  for (const storage::Row& cursor : cursors) {
    const int64_t position = epochs.ReplayAfter(cursor.Text(1) + "." + std::to_string(cursor.Int(2)));
    backlog.undelivered[cursor.Text(0)] = epochs.head() - position;
  }
  ASSIGN_OR_RETURN(const auto aside,
                   db.QueryOne("SELECT COUNT(*) FROM handovers WHERE state <> $1", {int64_t{kFinished}}));
  backlog.set_aside = aside->Int(0);
  return backlog;
}

}  // namespace idea::events
