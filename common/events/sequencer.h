#ifndef IDEA_COMMON_EVENTS_SEQUENCER_H_
#define IDEA_COMMON_EVENTS_SEQUENCER_H_

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "common/events/notifier.h"
#include "common/storage/database.h"

namespace idea::events {

// Gives the next positions to the events that are committed and have none, in the order of their numbers. One
// transaction on the database does so at a time, of whichever replica: positions become visible in their
// order, and a transaction that stays open, of whomever, holds back its own events only. Does nothing on
// SQLite, where an event's number is its position.
//
// Two events of writers that changed the same row have the order of their commits: the second writer's
// snapshot is younger than the first one's commit (REPEATABLE READ), so its events have higher numbers, and
// whoever sees them sees the first one's events too.
absl::Status PlaceEvents(storage::Database& database);

// Finds out at a start whether the database was restored, copied or taken over since the last one
// (CheckHistory).
absl::Status OpenLog(storage::Database& database);

// Gives positions on a thread, right after each write of this process and once a second for writers that died
// before they could; then wakes the readers. Once a second it also calls CheckHistory.
class Sequencer {
 public:
  // Receives what Epochs::Describe returns, once a second while the database answers.
  using HistorySink = std::function<void(const std::string& history)>;
  Sequencer(std::string service, storage::Database& database, Notifier& signal,
            HistorySink history = nullptr);
  ~Sequencer();
  void Start();
  // Returns when nothing is under way any more.
  void Stop();

 private:
  void Loop();
  absl::Status Check();

  const std::string service_;
  storage::Database& database_;
  Notifier& signal_;
  const HistorySink history_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_SEQUENCER_H_
