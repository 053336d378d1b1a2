#ifndef IDEA_SERVICES_REVIEW_REMINDER_WORKER_H_
#define IDEA_SERVICES_REVIEW_REMINDER_WORKER_H_

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/events/events.h"
#include "common/metrics/metrics.h"
#include "common/storage/database.h"

// What happens to tasks because time passes: reminders at the configured ages, and the figures of how long
// steps take.
namespace idea::review {

// Tells a reminder of every open task that has come of an age in `days` (ascending), each age once, whichever
// replica asks and however often; after a pause only the highest age. Returns how many.
absl::StatusOr<int> RemindOfTasks(storage::Database& database, const std::vector<int>& days,
                                  clock::Micros now);

// Sets the gauges idea_review_*: read from the database, so every replica shows the same.
absl::Status ShowFigures(storage::Database& database, metrics::Metrics& metrics, clock::Micros now);

// Does both every few seconds while it lives.
class ReminderWorker {
 public:
  ReminderWorker(std::vector<int> days, storage::Database& database, events::Notifier& notifier,
                 metrics::Metrics& metrics, const clock::Clock& clock);
  ~ReminderWorker();
  void Start();
  void Stop();

 private:
  void Loop();

  const std::vector<int> days_;
  storage::Database& database_;
  events::Notifier& notifier_;
  metrics::Metrics& metrics_;
  const clock::Clock& clock_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace idea::review

#endif  // IDEA_SERVICES_REVIEW_REMINDER_WORKER_H_
