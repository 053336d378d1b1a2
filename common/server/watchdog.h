#ifndef IDEA_COMMON_SERVER_WATCHDOG_H_
#define IDEA_COMMON_SERVER_WATCHDOG_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/status/status.h"

namespace idea::server {

// Detects a server whose process runs but accepts no new connections, so that only a restart helps. Probes
// the own port continuously. The server is deaf after kMaxFailures failures in a row. Pauses of the whole
// process do not count.
class Watchdog {
 public:
  static constexpr int kMaxFailures = 3;

  // `probe` may take `timeout`, and is repeated after `timeout`. `on_deaf` is called once, with the last
  // failure.
  Watchdog(std::function<absl::Status(std::chrono::milliseconds timeout)> probe,
           std::chrono::milliseconds timeout, std::function<void(const absl::Status& cause)> on_deaf);
  // Waits for the running probe.
  ~Watchdog();
  // Prevents further calls. Does not wait.
  void Stop();

 private:
  void Run();

  const std::function<absl::Status(std::chrono::milliseconds)> probe_;
  const std::chrono::milliseconds timeout_;
  const std::function<void(const absl::Status&)> on_deaf_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace idea::server

#endif  // IDEA_COMMON_SERVER_WATCHDOG_H_
