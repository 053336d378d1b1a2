#include "common/server/backlog_report.h"

#include <optional>

#include "common/events/backlog.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "common/storage/open_transactions.h"

namespace idea::server {

BacklogReport::BacklogReport(metrics::Metrics& metrics, SetDeadLetters set_dead_letters, Settings settings)
    : metrics_(metrics),
      set_dead_letters_(std::move(set_dead_letters)),
      settings_(settings),
      loop_({.name = "backlog report", .interval = settings.interval}, [this] { return Pass(); }) {}

void BacklogReport::Add(std::string service, storage::Database& database) {
  databases_.emplace(std::move(service), &database);
}

int BacklogReport::Pass() {
  int lines = 0;
  // Readiness already reports a database that does not answer.
  for (const auto& [service, database] : databases_) Report(service, *database, lines).IgnoreError();
  return lines;
}

absl::Status BacklogReport::Report(const std::string& service, storage::Database& database, int& lines) {
  events::Backlog backlog;
  std::optional<storage::OpenTransaction> oldest;
  RETURN_IF_ERROR(database.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(backlog, events::ReadBacklog(db));
    ASSIGN_OR_RETURN(oldest, storage::FindOldestTransaction(db));
    return absl::OkStatus();
  }));
  metrics_.Set("idea_events_unplaced", "Events that are stored and that no reader sees yet",
               {{"service", service}}, static_cast<double>(backlog.unplaced));
  for (const auto& [target, events] : backlog.undelivered) {
    metrics_.Set("idea_relay_undelivered", "Events after the cursor of a relay",
                 {{"service", service}, {"target", target}}, static_cast<double>(events));
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
