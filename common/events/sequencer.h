#ifndef IDEA_COMMON_EVENTS_SEQUENCER_H_
#define IDEA_COMMON_EVENTS_SEQUENCER_H_

#include <atomic>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "common/events/notifier.h"
#include "common/storage/database.h"

namespace idea::events {

// Gives positions to the committed events that have none, in the order of their numbers. One transaction of
// all replicas does so at a time, so positions become visible in order, and an open transaction delays only
// its own events. Does nothing on SQLite, where the number of an event is its position.
//
// Events of two writers that changed the same row are in the order of their commits: the snapshot of the
// second writer is younger than the commit of the first one (REPEATABLE READ), so its events have higher
// numbers, and a reader that sees them also sees those of the first.
absl::Status PlaceEvents(storage::Database& database);

// At a start, detects whether the database was restored, copied or taken over since the last one
// (CheckHistory).
absl::Status OpenLog(storage::Database& database);

// Gives positions on a thread, after each write of this process and once a second for writers that crashed
// before that, and wakes the readers. Also calls CheckHistory() once a second.
class Sequencer {
 public:
  Sequencer(std::string service, storage::Database& database, Notifier& signal);
  ~Sequencer();
  void Start();
  // Returns when the thread has ended.
  void Stop();

 private:
  void Loop();

  const std::string service_;
  storage::Database& database_;
  Notifier& signal_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_SEQUENCER_H_
