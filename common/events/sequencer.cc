#include "common/events/sequencer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "common/events/epochs.h"
#include "common/events/history_check.h"
#include "common/log/log.h"
#include "common/log/thread.h"
#include "common/status/status.h"

namespace idea::events {
namespace {

using std::chrono::milliseconds;
using storage::Engine;

constexpr milliseconds kPoll{1000};
constexpr milliseconds kPauseMin{20};
constexpr milliseconds kPauseMax{1000};

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

Sequencer::Sequencer(std::string service, storage::Database& database, Notifier& signal)
    : service_(std::move(service)), database_(database), signal_(signal) {
  signal_.TakeWrites();
}

Sequencer::~Sequencer() { Stop(); }

void Sequencer::Start() {
  thread_ = log::StartThread("sequencer", [this] { Loop(); });
}

void Sequencer::Stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  signal_.Notify();
  thread_.join();
  // Includes the mark of the last writes.
  CheckHistory(database_, EventLog(), /*starting=*/false).IgnoreError();
}

void Sequencer::Loop() {
  uint64_t seen = 0;
  milliseconds pause{0};
  auto check_at = std::chrono::steady_clock::time_point();
  while (!stopping_) {
    absl::Status placed = PlaceEvents(database_);
    if (const auto now = std::chrono::steady_clock::now(); placed.ok() && now >= check_at) {
      placed = CheckHistory(database_, EventLog(), /*starting=*/false).status();
      if (placed.ok()) check_at = now + kPoll;
    }
    if (!placed.ok() && pause.count() == 0) {
      log::Line(log::Level::kWarn, "events get no positions; retrying")
          .With("service", service_)
          .With("reason", status::ReasonName(placed))
          .With("text", std::string(placed.message()));
    }
    pause = placed.ok() ? milliseconds(0) : std::clamp(pause * 2, kPauseMin, kPauseMax);
    // Also after a poll that found nothing, because another replica may have placed events. Readers do not
    // poll more often than without it.
    signal_.Announce();
    seen = signal_.WaitForWrites(seen, placed.ok() ? kPoll : pause);
  }
}

}  // namespace idea::events
