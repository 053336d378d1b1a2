#ifndef IDEA_SERVICES_REVIEW_REMINDER_WORKER_H_
#define IDEA_SERVICES_REVIEW_REMINDER_WORKER_H_

#include <vector>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/events/events.h"
#include "common/metrics/metrics.h"
#include "common/server/background_loop.h"
#include "common/storage/database.h"

// Sends reminders of tasks at the configured ages, and updates the metrics of how long steps take.
namespace idea::review {

// Records a reminder of every open task that has reached an age in `days` (ascending): once for each age,
// over all replicas, and after a pause only for the highest age. Returns the number of reminders.
absl::StatusOr<int> SendReminders(storage::Database& database, const std::vector<int>& days,
                                  clock::Micros now);

// Sets the gauges idea_review_* from the database, so that every replica shows the same.
absl::Status UpdateGauges(storage::Database& database, metrics::Metrics& metrics, clock::Micros now);

// Does both every few seconds.
class ReminderWorker {
 public:
  ReminderWorker(std::vector<int> days, storage::Database& database, events::Notifier& notifier,
                 metrics::Metrics& metrics, const clock::Clock& clock);
  void Start() { loop_.Start(); }
  void Stop() { loop_.Stop(); }

 private:
  absl::StatusOr<int> Pass();

  const std::vector<int> days_;
  storage::Database& database_;
  events::Notifier& notifier_;
  metrics::Metrics& metrics_;
  const clock::Clock& clock_;
  server::BackgroundLoop loop_;
};

}  // namespace idea::review

#endif  // IDEA_SERVICES_REVIEW_REMINDER_WORKER_H_
