#ifndef IDEA_SERVICES_NOTIFICATION_CHECKPOINT_WORKER_H_
#define IDEA_SERVICES_NOTIFICATION_CHECKPOINT_WORKER_H_

#include <chrono>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/rpc/peer_client.h"
#include "common/server/background_loop.h"

namespace idea::notification {

// Reads the newest checkpoint of the transparency log from inventory, for the watches of inboxes.
class CheckpointWorker {
 public:
  explicit CheckpointWorker(rpc::PeerClient peers)
      : peers_(std::move(peers)),
        loop_({.name = "checkpoint worker",
               .service = "notification",
               .interval = kPollInterval,
               .min_backoff = kMinBackoff,
               .max_backoff = kMaxBackoff},
              [this] { return Pass(); }) {}

  void Start() { loop_.Start(); }
  void Stop() { loop_.Stop(); }

  // The last checkpoint that was read. Empty before the first one. Thread-safe.
  std::string Newest() const;

  // One pass, as Start repeats it.
  absl::StatusOr<int> Pass();

 private:
  static constexpr std::chrono::seconds kPollInterval{20};
  static constexpr std::chrono::seconds kMinBackoff{1};
  static constexpr std::chrono::seconds kMaxBackoff{120};
  // Deadline of a call.
  static constexpr std::chrono::seconds kAskTimeout{5};

  const rpc::PeerClient peers_;
  mutable std::mutex mutex_;
  std::string newest_;
  server::BackgroundLoop loop_;
};

}  // namespace idea::notification

#endif  // IDEA_SERVICES_NOTIFICATION_CHECKPOINT_WORKER_H_
