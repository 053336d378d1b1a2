#include "common/server/background_loop.h"

#include <algorithm>
#include <utility>

#include "common/log/log.h"
#include "common/log/thread.h"
#include "common/redis/failure.h"
#include "common/status/status.h"

namespace idea::server {

namespace {

using std::chrono::milliseconds;

// The reason of a failure, or the kind of a failure of Redis.
std::string CauseOf(const absl::Status& status) {
  const std::string kind = redis::KindOf(status);
  return kind.empty() ? status::ReasonName(status) : kind;
}

}  // namespace

BackgroundLoop::BackgroundLoop(Options options, Pass pass)
    : options_(std::move(options)), pass_(std::move(pass)) {}

void BackgroundLoop::Start() {
  thread_ = log::StartThread(options_.name, [this] { Run(); });
}

bool BackgroundLoop::Stop() {
  if (!thread_.joinable()) return false;
  RequestStop();
  thread_.join();
  return true;
}

void BackgroundLoop::RequestStop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  if (options_.notifier == nullptr) return;
  if (options_.waits_for_writes) {
    options_.notifier->Notify();
  } else {
    options_.notifier->Announce();
  }
}

void BackgroundLoop::LogFailure(const absl::Status& failure, const std::string& cause) const {
  log::Line(log::Level::kWarn, "background work failed and is repeated until it succeeds")
      .With("work", options_.name)
      .With("service", options_.service)
      .With("cause", cause)
      .With("text", std::string(failure.message()));
}

void BackgroundLoop::Run() {
  const auto sleep = [this](milliseconds time) {
    std::unique_lock lock(mutex_);
    stopped_.wait_for(lock, time, [this] { return stopping_.load(); });
  };
  const auto wait = [this](uint64_t seen) {
    return options_.waits_for_writes ? options_.notifier->WaitForWrites(seen, options_.interval)
                                     : options_.notifier->Wait(seen, options_.interval);
  };
  uint64_t seen = options_.notifier == nullptr || options_.waits_for_writes ? 0 : options_.notifier->Count();
  if (options_.waits_first) sleep(options_.interval);
  milliseconds backoff{0};
  std::string cause;
  while (!stopping_) {
    const absl::StatusOr<int> done = pass_();
    const std::string before = std::exchange(cause, CauseOf(done.status()));
    if (!done.ok() && cause != before) LogFailure(done.status(), cause);
    backoff =
        done.ok() ? milliseconds(0) : std::clamp(backoff * 2, options_.min_backoff, options_.max_backoff);
    if (backoff > milliseconds(0)) {
      sleep(backoff);
    } else if (done.ok() && *done >= options_.full_pass) {
      continue;
    } else if (options_.notifier != nullptr) {
      seen = wait(seen);
    } else {
      sleep(options_.interval);
    }
  }
}

}  // namespace idea::server
