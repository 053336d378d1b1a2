#include "common/events/history_check.h"

#include <optional>

#include "common/status/status.h"

namespace idea::events {
namespace {

absl::StatusOr<std::string> EventIdAt(storage::Transaction& db, const NumberedList& list, int64_t position) {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT event_id FROM " + list.name + " WHERE seq = $1", {position}));
  return row ? row->Text(0) : "";
}

// "<epoch>.<position> <event id>". Empty on PostgreSQL.
absl::StatusOr<std::string> MarkOf(storage::Transaction& db, const NumberedList& list, const Epochs& epochs) {
  if (db.engine() != storage::Engine::kSqlite) return "";
  ASSIGN_OR_RETURN(const std::string id, EventIdAt(db, list, epochs.head()));
  return epochs.CursorOf(epochs.head()) + " " + id;
}

absl::StatusOr<bool> IsLost(storage::Transaction& db, const NumberedList& list, const Epochs& epochs,
                            const std::string& mark) {
  const size_t space = mark.find(' ');
  if (space == std::string::npos) return false;
  const std::string cursor = mark.substr(0, space);
  if (!epochs.Knows(cursor) || epochs.IsAhead(cursor)) return true;
  // The loss of an earlier epoch is already recorded.
  if (!cursor.starts_with(epochs.current() + ".")) return false;
  ASSIGN_OR_RETURN(const std::string id, EventIdAt(db, list, epochs.ReplayAfter(cursor)));
  return id != mark.substr(space + 1);
}

}  // namespace

NumberedList EventLog() { return {"events", &Epochs::Read}; }

absl::StatusOr<Epochs> CheckHistory(storage::Database& database, const NumberedList& list, bool starting) {
  // Read before the snapshot, so that the snapshot has the row that the mark names.
  const std::string mark = database.ReadMark(list.name);
  bool elsewhere = false;
  bool lost = false;
  std::optional<Epochs> epochs;
  std::string now;
  const auto look = [&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(elsewhere, IsElsewhere(db));
    ASSIGN_OR_RETURN(epochs, list.read(db));
    ASSIGN_OR_RETURN(lost, IsLost(db, list, *epochs, mark));
    ASSIGN_OR_RETURN(now, MarkOf(db, list, *epochs));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(database.Read(look));
  if (elsewhere || lost) {
    RETURN_IF_ERROR(database.Write(
        [&](storage::Transaction& db) -> absl::Status {
          RETURN_IF_ERROR(look(db));
          if (!elsewhere && !lost) return absl::OkStatus();
          RETURN_IF_ERROR(elsewhere ? EnsureEpoch(db) : BeginEpoch(db, /*exact=*/starting));
          return list.begun ? list.begun(db) : absl::OkStatus();
        },
        kSequencerLane));
    RETURN_IF_ERROR(database.Read(look));
  }
  // An older mark is harmless: it detects less.
  if (now != mark) database.SaveMark(list.name, now).IgnoreError();
  return *std::move(epochs);
}

}  // namespace idea::events
