#include "common/server/watchdog.h"

#include <utility>

#include "common/log/thread.h"

namespace idea::server {

Watchdog::Watchdog(std::function<absl::Status(std::chrono::milliseconds)> probe,
                   std::chrono::milliseconds timeout, std::function<void(const absl::Status&)> on_deaf)
    : probe_(std::move(probe)),
      timeout_(timeout),
      on_deaf_(std::move(on_deaf)),
      thread_(log::StartThread("watchdog", [this] { Run(); })) {}

Watchdog::~Watchdog() {
  Stop();
  thread_.join();
}

void Watchdog::Stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
}

void Watchdog::Run() {
  int failures = 0;
  for (std::unique_lock lock(mutex_); !changed_.wait_for(lock, timeout_, [this] { return stopping_; });) {
    lock.unlock();
    const absl::Status status = probe_(timeout_);
    lock.lock();
    failures = status.ok() ? 0 : failures + 1;
    if (failures == kMaxFailures && !stopping_) on_deaf_(status);
  }
}

}  // namespace idea::server
