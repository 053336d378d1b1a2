#ifndef IDEA_COMMON_SERVER_BACKLOG_REPORT_H_
#define IDEA_COMMON_SERVER_BACKLOG_REPORT_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/clock/clock.h"
#include "common/metrics/metrics.h"
#include "common/server/background_loop.h"
#include "common/storage/database.h"

namespace idea::server {

// Reports undelivered events and possible causes: the gauges idea_relay_undelivered{service, target},
// idea_relay_oldest_undelivered_seconds{service, target}, idea_events_unplaced{service} and
// idea_database_oldest_transaction_seconds{service}, a log line with pid and database for each transaction
// that has been open for 30 s in the database of a service, and the number of dead letters of each service.
class BacklogReport {
 public:
  struct Settings {
    std::chrono::milliseconds interval{5'000};
    // The age at which a transaction is logged.
    std::chrono::milliseconds max_age{30'000};
  };
  // `set_dead_letters` receives the number of dead letters of a service at each pass.
  using SetDeadLetters = std::function<void(const std::string& service, int64_t events)>;
  BacklogReport(metrics::Metrics& metrics, const clock::Clock& clock, SetDeadLetters set_dead_letters,
                Settings settings);

  // Returns the cursor of a feed, which is stored outside of the database; nullopt if it is not known yet.
  using FeedCursor = std::function<std::optional<std::string>()>;
  // To be called before Start(). `database` must outlive the report. `feed` may be null.
  void Add(std::string service, storage::Database& database, FeedCursor feed = nullptr);
  // Runs a pass at each interval until the destruction.
  void Start() { loop_.Start(); }
  // One pass. Returns the number of log lines.
  int Pass();
  // Sets the ages of the oldest undelivered events as of now, so that they grow even while a pass hangs.
  void ShowAges();

 private:
  struct Log {
    storage::Database* database;
    FeedCursor feed;
    // The end of the log in the first pass. Stands for the cursor of a feed that is not known.
    std::string first_head = {};
  };
  absl::Status Report(const std::string& service, Log& log, int& lines);

  metrics::Metrics& metrics_;
  const clock::Clock& clock_;
  const SetDeadLetters set_dead_letters_;
  const Settings settings_;
  std::map<std::string, Log> logs_;
  std::mutex mutex_;
  // When the oldest undelivered event was recorded, by service and target; 0 if no event waits.
  std::map<std::pair<std::string, std::string>, clock::Micros> oldest_;
  // The transaction that was last logged for each service: pid and start time.
  std::map<std::string, std::pair<int64_t, int64_t>> logged_;
  BackgroundLoop loop_;
};

}  // namespace idea::server

#endif  // IDEA_COMMON_SERVER_BACKLOG_REPORT_H_
