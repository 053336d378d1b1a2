#include "common/events/notifier.h"

namespace idea::events {

void Notifier::Notify() {
  const std::lock_guard lock(mutex_);
  ++(writes_taken_ ? writes_ : count_);
  changed_.notify_all();
}

uint64_t Notifier::Wait(uint64_t seen, std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [&] { return count_ != seen; });
  return count_;
}

uint64_t Notifier::Count() {
  const std::lock_guard lock(mutex_);
  return count_;
}

void Notifier::TakeWrites() {
  const std::lock_guard lock(mutex_);
  writes_taken_ = true;
}

uint64_t Notifier::WaitForWrites(uint64_t seen, std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [&] { return writes_ != seen; });
  return writes_;
}

void Notifier::Announce() {
  const std::lock_guard lock(mutex_);
  ++count_;
  changed_.notify_all();
}

}  // namespace idea::events
