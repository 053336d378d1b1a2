#include "common/server/backlog_report.h"

#include <algorithm>
#include <optional>

#include "common/events/backlog.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "common/storage/open_transactions.h"

namespace idea::server {

namespace {

// The target of the feed, which copies all events to the notification queue.
constexpr char kFeedTarget[] = "notification";

}  // namespace

BacklogReport::BacklogReport(metrics::Metrics& metrics, const clock::Clock& clock,
                             SetDeadLetters set_dead_letters, Settings settings)
    : metrics_(metrics),
      clock_(clock),
      set_dead_letters_(std::move(set_dead_letters)),
      settings_(settings),
      loop_({.name = "backlog report", .interval = settings.interval}, [this] { return Pass(); }) {}

void BacklogReport::Add(std::string service, storage::Database& database, FeedCursor feed) {
  logs_.emplace(std::move(service), Log{&database, std::move(feed)});
}

int BacklogReport::Pass() {
  int lines = 0;
  // Readiness already reports a database that does not answer.
  for (auto& [service, log] : logs_) Report(service, log, lines).IgnoreError();
  ShowAges();
  return lines;
}

void BacklogReport::ShowAges() {
  const clock::Micros now = clock_.Now();
  const std::lock_guard lock(mutex_);
  for (const auto& [of, since] : oldest_) {
    const clock::Micros age = since == 0 ? 0 : std::max<clock::Micros>(0, now - since);
    metrics_.Set("idea_relay_oldest_undelivered_seconds",
                 "Age of the oldest event after the cursor of a relay",
                 {{"service", of.first}, {"target", of.second}}, static_cast<double>(age) / clock::kSecond);
  }
}

absl::Status BacklogReport::Report(const std::string& service, Log& log, int& lines) {
  events::Backlog backlog;
  std::optional<storage::OpenTransaction> oldest;
  std::map<std::string, std::string> feeds;
  if (log.feed != nullptr) {
    const std::optional<std::string> known = log.feed();
    if (known || !log.first_head.empty()) feeds[kFeedTarget] = known.value_or(log.first_head);
  }
  RETURN_IF_ERROR(log.database->Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(backlog, events::ReadBacklog(db, feeds));
    ASSIGN_OR_RETURN(oldest, storage::FindOldestTransaction(db));
    return absl::OkStatus();
  }));
  if (log.first_head.empty()) log.first_head = backlog.head;
  metrics_.Set("idea_events_unplaced", "Events that are stored and that no reader sees yet",
               {{"service", service}}, static_cast<double>(backlog.unplaced));
  for (const auto& [target, waiting] : backlog.undelivered) {
    metrics_.Set("idea_relay_undelivered", "Events after the cursor of a relay",
                 {{"service", service}, {"target", target}}, static_cast<double>(waiting.events));
    const std::lock_guard lock(mutex_);
    oldest_[{service, target}] = waiting.oldest;
  }
  set_dead_letters_(service, backlog.set_aside);
  const std::chrono::milliseconds age = oldest ? oldest->age : std::chrono::milliseconds(0);
  metrics_.Set("idea_database_oldest_transaction_seconds",
               "Age of the oldest open transaction of the service's database", {{"service", service}},
               std::chrono::duration<double>(age).count());
  if (!oldest || age < settings_.max_age) return absl::OkStatus();
  const std::pair<int64_t, int64_t> transaction{oldest->pid, oldest->begun};
  if (std::exchange(logged_[service], transaction) == transaction) return absl::OkStatus();
  ++lines;
  log::Line(log::Level::kWarn,
            "a transaction has been open for long; it prevents the removal of rows and holds its locks")
      .With("service", service)
      .With("pid", oldest->pid)
      .With("database", oldest->database)
      .With("role", oldest->role)
      .With("application", oldest->application)
      .With("state", oldest->state)
      .With("seconds", int64_t{age.count() / 1000});
  return absl::OkStatus();
}

}  // namespace idea::server
