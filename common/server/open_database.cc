#include "common/server/open_database.h"

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <string>
#include <thread>

#include "common/events/events.h"
#include "common/events/positions.h"
#include "common/log/log.h"
#include "common/status/status.h"

namespace idea::server {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kDatabasePollInterval{250};

// Whether the process was asked to stop during its start.
bool IsToStop() {
  sigset_t pending;
  sigpending(&pending);
  return sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1;
}

absl::Status TryToOpen(storage::Database& database, std::string_view service,
                       const config::EmbeddedFile* schema) {
  RETURN_IF_ERROR(storage::Migrate(database, "events", k_events_schema));
  RETURN_IF_ERROR(storage::Migrate(database, service, schema));
  return events::OpenLog(database);
}

int64_t SecondsBetween(Clock::time_point begun, Clock::time_point end) {
  return std::chrono::round<std::chrono::seconds>(std::max(end - begun, Clock::duration::zero())).count();
}

}  // namespace

absl::Status In(std::string_view where, const absl::Status& status) {
  const std::string cause = storage::CauseOf(status);
  std::string line = std::string(where) + ": " + (cause.empty() ? std::string(status.message()) : cause);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return absl::Status(status.code(), line.substr(0, line.find_last_not_of(' ') + 1));
}

absl::Status OpenDatabase(storage::Database& database, std::string_view service,
                          const config::EmbeddedFile* schema, Clock::time_point give_up) {
  const Clock::time_point begun = Clock::now();
  for (bool waited = false;; waited = true) {
    const absl::Status status = TryToOpen(database, service, schema);
    if (status::ReasonOf(status) != status::Reason::ERROR_REASON_STORAGE_UNAVAILABLE) {
      if (waited && status.ok()) {
        log::Line(log::Level::kInfo, "the database answers")
            .With("service", service)
            .With("seconds", SecondsBetween(begun, Clock::now()));
      }
      return status.ok() ? status : In("database of " + std::string(service), status);
    }
    if (IsToStop()) return absl::CancelledError("stopped while waiting for the database");
    if (Clock::now() >= give_up) return In("database of " + std::string(service), status);
    if (!waited) {
      log::Line(log::Level::kWarn, "waiting for the database")
          .With("service", service)
          .With("seconds", SecondsBetween(begun, give_up))
          .With("cause", storage::CauseOf(status));
    }
    std::this_thread::sleep_for(kDatabasePollInterval);
  }
}

}  // namespace idea::server
