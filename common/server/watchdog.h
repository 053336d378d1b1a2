#ifndef IDEA_COMMON_SERVER_WATCHDOG_H_
#define IDEA_COMMON_SERVER_WATCHDOG_H_

#include <chrono>
#include <functional>
#include <mutex>

#include "absl/status/status.h"
#include "common/server/background_loop.h"

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
  ~Watchdog() { Stop(); }
  // Prevents further calls. Does not wait.
  void Stop();

 private:
  void Probe();

  const std::function<absl::Status(std::chrono::milliseconds)> probe_;
  const std::chrono::milliseconds timeout_;
  const std::function<void(const absl::Status&)> on_deaf_;
  int failures_ = 0;
  // Held while `on_deaf` is called.
  std::mutex mutex_;
  bool stopped_ = false;
  BackgroundLoop loop_;
};

}  // namespace idea::server

#endif  // IDEA_COMMON_SERVER_WATCHDOG_H_
