#ifndef IDEA_COMMON_SERVER_BACKGROUND_LOOP_H_
#define IDEA_COMMON_SERVER_BACKGROUND_LOOP_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "common/events/notifier.h"

namespace idea::server {

// Repeats a pass on its own thread until Stop(). Logs a failure when it begins and when its cause
// changes.
class BackgroundLoop {
 public:
  struct Options {
    // Names the thread and the log lines.
    std::string name;
    // The service that the loop belongs to; empty if it belongs to the process.
    std::string service = {};
    // The time between two passes.
    std::chrono::milliseconds interval;
    // Whether the first pass waits for the interval, too.
    bool waits_first = false;
    // New events end the wait between two passes. May be null.
    events::Notifier* notifier = nullptr;
    // Whether writes of this process end the wait instead of events (Notifier::TakeWrites).
    bool waits_for_writes = false;
    // The next pass follows without a wait if a pass returns at least this number.
    int full_pass = std::numeric_limits<int>::max();
    // The wait after a failure, doubled from the first to the second with each further failure. Zero: a
    // failure waits like a success.
    std::chrono::milliseconds min_backoff{0};
    std::chrono::milliseconds max_backoff{0};
  };
  // Returns how much the pass has done.
  using Pass = std::function<absl::StatusOr<int>()>;

  BackgroundLoop(Options options, Pass pass);
  ~BackgroundLoop() { Stop(); }

  // At most once.
  void Start();
  // Returns when the current pass has returned. False if nothing had to be stopped: before Start() and the
  // second time.
  bool Stop();
  // Does not wait for the current pass. No other one follows.
  void RequestStop();
  // True once a stop has been requested: a long pass should return early.
  bool stopping() const { return stopping_; }

 private:
  void Run();
  void LogFailure(const absl::Status& failure, const std::string& cause) const;

  const Options options_;
  const Pass pass_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace idea::server

#endif  // IDEA_COMMON_SERVER_BACKGROUND_LOOP_H_
