#ifndef IDEA_COMMON_EVENTS_NOTIFIER_H_
#define IDEA_COMMON_EVENTS_NOTIFIER_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace idea::events {

// Wakes the readers of a log in this process when it has new events. They find the events of other replicas
// by polling. Thread-safe.
class Notifier {
 public:
  // Called after a commit that wrote events.
  void Notify();
  // Waits until events can be read that could not at `seen`, or for `timeout`. Returns the new count.
  uint64_t Wait(uint64_t seen, std::chrono::milliseconds timeout);
  uint64_t Count();

  // For a sequencer. Once it takes the writes, Notify() wakes it alone, and it wakes the readers with
  // Announce().
  void TakeWrites();
  // Waits until Notify() was called since `seen`, or for `timeout`. Returns the new count.
  uint64_t WaitForWrites(uint64_t seen, std::chrono::milliseconds timeout);
  // Wakes the readers: there may be news, or one of them has to stop.
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
