#ifndef IDEA_COMMON_EVENTS_NOTIFIER_H_
#define IDEA_COMMON_EVENTS_NOTIFIER_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace idea::events {

// Wakes the readers of a log in this process when it has new events. Events of other replicas are found by
// polling. Thread-safe.
class Notifier {
 public:
  // To be called after a commit that wrote events.
  void Notify();
  // Waits for events that were not readable at `seen`, or for `timeout`. Returns the new count.
  uint64_t Wait(uint64_t seen, std::chrono::milliseconds timeout);
  uint64_t Count();

  // For a sequencer. After this, Notify() wakes only the sequencer, which wakes the readers with Announce().
  void TakeWrites();
  // Waits for a call of Notify() since `seen`, or for `timeout`. Returns the new count.
  uint64_t WaitForWrites(uint64_t seen, std::chrono::milliseconds timeout);
  // Wakes the readers, because there may be new events, or because one of them has to stop.
  void Announce();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool writes_taken_ = false;
  uint64_t writes_ = 0;
  uint64_t count_ = 0;
};

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_NOTIFIER_H_
