#ifndef IDEA_SERVICES_NOTIFICATION_INBOX_INBOX_WORKER_H_
#define IDEA_SERVICES_NOTIFICATION_INBOX_INBOX_WORKER_H_

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/events/events.h"
#include "common/metrics/metrics.h"
#include "common/redis/redis.h"
#include "common/server/background_loop.h"
#include "common/storage/database.h"

namespace idea::notification {

// Moves events from the queue into the inboxes. Each replica reads the whole queue, and the first replica
// that stores a message has stored it for all. A message is stored if it follows the stored messages of its
// source, in one transaction at a time, so that a replica that is killed, paused or late changes neither
// order nor content. Any other message shows that Redis has lost messages. The source then publishes again
// what follows the stored messages.
class InboxWorker {
 public:
  // `redis` has the queue. Notifies `notifier` of stored events. Counts failures of Redis in `metrics`, which
  // may be null. A pass waits up to `block` for its first message.
  InboxWorker(const redis::Options& redis, storage::Database& database, events::Notifier& notifier,
              metrics::Metrics* metrics = nullptr,
              std::chrono::milliseconds block = std::chrono::milliseconds(500));
  ~InboxWorker() { Stop(); }

  void Start() { loop_.Start(); }
  // Returns when the current pass has returned.
  void Stop();

  // Runs one pass, which Start repeats: reads the next messages, or continues with those that a failure has
  // left. Returns the number of messages.
  absl::StatusOr<int> Pass();

 private:
  using Cursors = std::map<std::string, std::string>;

  absl::StatusOr<int> PassAndCount();
  // Returns the cursor up to which each source is stored.
  absl::StatusOr<Cursors> Stored();
  // Stores the batch. Returns the new cursors.
  absl::StatusOr<Cursors> Store();
  absl::StatusOr<int> StoreIn(storage::Transaction& db, Cursors& stored);
  // Asks the sources whose messages do not follow the stored ones to publish again.
  absl::Status FillGaps(const std::vector<redis::Message>& batch, const Cursors& stored);
  // Detects that an older backup was restored, in the first pass and every second.
  absl::Status CheckInboxes();
  // Counts and logs the forged messages that the reader dropped.
  void CountRefused();
  // Does what FillGaps does for sources whose last messages were lost, and for those that repeat stored
  // messages.
  absl::Status Reconcile();

  const std::chrono::milliseconds block_;
  storage::Database& database_;
  events::Notifier& notifier_;
  redis::Connection connection_;
  redis::Reader reader_;
  metrics::Metrics* const metrics_;
  // The last comparison of the inboxes with their recorded head.
  std::optional<clock::Micros> checked_;
  // The number of forged messages that are counted and logged.
  int64_t refused_ = 0;
  // Messages that are read but not stored. Later messages must not overtake them.
  std::vector<redis::Message> batch_;
  // The last request to a source to publish again, and its cursor. A source is not asked twice for messages
  // that are on their way.
  struct Rewound {
    clock::Micros time = 0;
    std::string stored;
  };
  std::map<std::string, Rewound> rewound_;
  // The start of the last Reconcile.
  clock::Micros reconciled_ = 0;
  server::BackgroundLoop loop_;
};

}  // namespace idea::notification

#endif  // IDEA_SERVICES_NOTIFICATION_INBOX_INBOX_WORKER_H_
