#ifndef IDEA_SERVICES_NOTIFICATION_INBOX_INTAKE_H_
#define IDEA_SERVICES_NOTIFICATION_INBOX_INTAKE_H_

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/events/events.h"
#include "common/redis/redis.h"
#include "common/storage/database.h"

namespace idea::notification {

// Moves what the queue brings into the inboxes, on a thread of its own. A message is acknowledged when its
// event is stored, and stored once however often it comes. Any number of replicas share the work.
class InboxIntake {
 public:
  // `redis` is the address of the queue. `news` is raised when something has arrived.
  InboxIntake(const std::string& redis, storage::Database& database, events::Signal& news);
  ~InboxIntake();

  void Start();
  // Returns when nothing is under way any more.
  void Stop();

  // One pass, as Start repeats it: takes the next messages, or goes on with those that a failure has left.
  // Waits a little for the first. Returns how many it has taken.
  absl::StatusOr<int> Pass();

 private:
  void Loop();
  absl::Status Store();

  storage::Database& database_;
  events::Signal& news_;
  redis::Connection connection_;
  redis::Consumer consumer_;
  // Read, but not stored and acknowledged yet. What comes later must not overtake it.
  std::vector<redis::Message> batch_;
  bool stored_ = false;

  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace idea::notification

#endif  // IDEA_SERVICES_NOTIFICATION_INBOX_INTAKE_H_
