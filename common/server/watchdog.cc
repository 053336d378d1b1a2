#include "common/server/watchdog.h"

#include <utility>

namespace idea::server {

Watchdog::Watchdog(std::function<absl::Status(std::chrono::milliseconds)> probe,
                   std::chrono::milliseconds timeout, std::function<void(const absl::Status&)> on_deaf)
    : probe_(std::move(probe)),
      timeout_(timeout),
      on_deaf_(std::move(on_deaf)),
      loop_({.name = "watchdog", .interval = timeout, .waits_first = true}, [this] {
        Probe();
        return 0;
      }) {
  loop_.Start();
}

void Watchdog::Stop() {
  loop_.RequestStop();
  const std::lock_guard lock(mutex_);
  stopped_ = true;
}

void Watchdog::Probe() {
  const absl::Status status = probe_(timeout_);
  const std::lock_guard lock(mutex_);
  failures_ = status.ok() ? 0 : failures_ + 1;
  if (failures_ == kMaxFailures && !stopped_) on_deaf_(status);
}

}  // namespace idea::server
