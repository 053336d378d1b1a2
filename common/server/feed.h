#ifndef IDEA_COMMON_SERVER_FEED_H_
#define IDEA_COMMON_SERVER_FEED_H_

#include <mutex>
#include <optional>
#include <string>

#include "common/events/events.h"
#include "common/metrics/metrics.h"
#include "common/redis/redis.h"
#include "common/server/background_loop.h"
#include "common/storage/database.h"

namespace idea::server {

// The stream that the feeds of all services fill and notification reads.
inline constexpr char kQueue[] = "idea:events";

// Publishes the event log of a service to the notification queue, from the cursor that Redis keeps beside the
// messages. Two replicas never both publish an event.
class Feed {
 public:
  Feed(std::string service, const redis::Options& redis, storage::Database& database,
       events::Notifier& notifier, metrics::Metrics& metrics);
  void Start() { loop_.Start(); }
  void Stop() { loop_.Stop(); }
  // The last known cursor; nullopt if Redis has not answered yet.
  std::optional<std::string> cursor();

  // One pass: publishes the next batch. Returns the number of published events.
  absl::StatusOr<int> Pass();

 private:
  absl::StatusOr<int> PassAndCount();
  void KeepCursor(const std::string& cursor);
  std::string service_;
  storage::Database& database_;
  metrics::Metrics& metrics_;
  redis::Connection connection_;
  redis::Publisher publisher_;
  std::mutex mutex_;
  std::optional<std::string> cursor_;
  BackgroundLoop loop_;
};

}  // namespace idea::server

#endif  // IDEA_COMMON_SERVER_FEED_H_
