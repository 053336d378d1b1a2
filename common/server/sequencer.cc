#include "common/server/sequencer.h"

#include <thread>
#include <utility>

#include "common/events/history_check.h"
#include "common/events/positions.h"
#include "common/status/status.h"

namespace idea::server {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPollInterval{1000};
// The minimum time between two announcements. Under load, readers then take the events of several writes at
// once. After a pause, an event is announced without a delay.
constexpr milliseconds kAnnounceInterval{5};
constexpr milliseconds kMinBackoff{20};
constexpr milliseconds kMaxBackoff{1000};

}  // namespace

Sequencer::Sequencer(std::string service, storage::Database& database, events::Notifier& notifier)
    : database_(database),
      notifier_(notifier),
      loop_({.name = "sequencer",
             .service = std::move(service),
             .interval = kPollInterval,
             .notifier = &notifier,
             .waits_for_writes = true,
             .min_backoff = kMinBackoff,
             .max_backoff = kMaxBackoff},
            [this] {
              std::this_thread::sleep_until(announce_at_);
              absl::StatusOr<int> passed = Pass();
              announce_at_ = std::chrono::steady_clock::now() + kAnnounceInterval;
              // Also after a poll that found nothing, because another replica may have placed events. Readers
              // do not poll more often than without it.
              notifier_.Announce();
              return passed;
            }) {
  notifier_.TakeWrites();
}

void Sequencer::Stop() {
  // Includes the mark of the last writes.
  if (loop_.Stop()) events::CheckHistory(database_, events::EventLog(), /*starting=*/false).IgnoreError();
}

absl::StatusOr<int> Sequencer::Pass() {
  RETURN_IF_ERROR(events::PlaceEvents(database_));
  if (const auto now = std::chrono::steady_clock::now(); now >= check_at_) {
    RETURN_IF_ERROR(events::CheckHistory(database_, events::EventLog(), /*starting=*/false).status());
    check_at_ = now + kPollInterval;
  }
  return 0;
}

}  // namespace idea::server
