#ifndef IDEA_SERVICES_NOTIFICATION_INBOX_WORKER_H_
#define IDEA_SERVICES_NOTIFICATION_INBOX_WORKER_H_

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/events/events.h"
#include "common/metrics/metrics.h"
#include "common/redis/redis.h"
#include "common/storage/database.h"

namespace idea::notification {

// Moves what the queue brings into the inboxes, on a thread. Each replica reads the whole queue, and
// whichever stores a message first has stored it for all: a message is stored if it follows what is stored of
// its source, in one transaction at a time, so that a replica that is killed, paused or late changes neither
// order nor content. A message that follows something else shows that Redis has lost some: then the source
// publishes again what follows the stored ones.
class InboxIntake {
 public:
  // `redis` is where the queue is. `notifier` is notified when something has arrived. Failures of Redis are
  // counted in `metrics`, unless that is null. A pass waits up to `block` for its first message.
  InboxIntake(const redis::Options& redis, storage::Database& database, events::Notifier& notifier,
              metrics::Metrics* metrics = nullptr,
              std::chrono::milliseconds block = std::chrono::milliseconds(500));
  ~InboxIntake();

  void Start();
  // Returns when nothing is under way any more.
  void Stop();

  // One pass, as Start repeats it: takes the next messages, or goes on with those that a failure has left.
  // Waits a little for the first. Returns how many it has taken.
  absl::StatusOr<int> Pass();

 private:
  using Cursors = std::map<std::string, std::string>;

  void Loop();
  // Reads how far each source is stored.
  absl::StatusOr<Cursors> Stored();
  // Stores the batch. Returns how far each source is stored then.
  absl::StatusOr<Cursors> Store();
  absl::StatusOr<int> StoreIn(storage::Transaction& db, Cursors& stored);
  // Has the sources publish again whose messages do not follow what is stored.
  absl::Status FillGaps(const std::vector<redis::Message>& batch, const Cursors& stored);
  // Notices that an older backup was put back: at first, and every second.
  absl::Status CheckInboxes();
  // Counts and logs the forged messages that the reader has dropped.
  void CountRefused();
  // As FillGaps, for sources whose last messages were lost, and for those that repeat what is stored.
  absl::Status Reconcile();

  const std::chrono::milliseconds block_;
  storage::Database& database_;
  events::Notifier& notifier_;
  redis::Connection connection_;
  redis::Reader reader_;
  metrics::Metrics* const metrics_;
  // When the inboxes were compared with their mark.
  std::optional<clock::Micros> checked_;
  // How many forged messages are counted and logged.
  int64_t refused_ = 0;
  // Read, but not stored yet. What comes later must not overtake it.
  std::vector<redis::Message> batch_;
  // When a source was last asked to publish again, and after which cursor: it is not asked twice for what is
  // on its way.
  struct Rewound {
    clock::Micros time = 0;
    std::string stored;
  };
  std::map<std::string, Rewound> rewound_;
  // When Reconcile was last begun.
  clock::Micros reconciled_ = 0;

  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace idea::notification

#endif  // IDEA_SERVICES_NOTIFICATION_INBOX_WORKER_H_
