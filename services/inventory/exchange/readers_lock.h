#ifndef IDEA_SERVICES_INVENTORY_EXCHANGE_READERS_LOCK_H_
#define IDEA_SERVICES_INVENTORY_EXCHANGE_READERS_LOCK_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <shared_mutex>

namespace idea::inventory {

// A shared mutex for what is read all the time and hardly ever written: threads that read take slots of their
// own, so that none of them waits for another's cache line. Who writes takes every slot.
class ReadersLock {
 public:
  void lock_shared() { slots_[Own()].mutex.lock_shared(); }
  void unlock_shared() { slots_[Own()].mutex.unlock_shared(); }
  void lock() {
    for (Slot& slot : slots_) slot.mutex.lock();
  }
  void unlock() {
    for (Slot& slot : slots_) slot.mutex.unlock();
  }

 private:
  struct alignas(64) Slot {
    std::shared_mutex mutex;
  };
  static constexpr size_t kSlots = 16;
  static size_t Own() {
    static std::atomic<size_t> threads{0};
    thread_local const size_t own = threads++ % kSlots;
    return own;
  }
  std::array<Slot, kSlots> slots_;
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_EXCHANGE_READERS_LOCK_H_
