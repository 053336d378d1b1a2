#ifndef IDEA_SERVICES_INVENTORY_LOG_WITNESS_WORKER_H_
#define IDEA_SERVICES_INVENTORY_LOG_WITNESS_WORKER_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/events/events.h"
#include "common/outbound/http_post.h"
#include "common/server/background_loop.h"
#include "common/storage/database.h"
#include "common/transparency/policy.h"
#include "services/inventory/log/log_service.h"

namespace idea::inventory {

// Submits checkpoints to the witnesses of the log's policy that have a URL (C2SP tlog-witness), and stores
// their cosignatures. No write of the log waits for it. A witness that does not answer is asked again after a
// pause that grows, while the others are asked as before. Each replica does this; a cosignature is stored
// once.
class WitnessWorker {
 public:
  // `ca_file` has the authorities of HTTPS witnesses; empty: the system's.
  WitnessWorker(const LogService& log, std::string ca_file, storage::Database& database,
                events::Notifier& notifier, const clock::Clock& clock)
      : log_(log),
        ca_file_(std::move(ca_file)),
        database_(database),
        notifier_(notifier),
        clock_(clock),
        loop_({.name = "witness worker", .service = "inventory", .interval = kPollInterval},
              [this] { return Pass(); }) {}
  ~WitnessWorker() { Stop(); }

  // Does nothing if no witness has a URL.
  void Start();
  void Stop();

  // One pass, as Start repeats it. Returns the number of cosignatures that it has stored, or the first
  // failure after all witnesses were asked.
  absl::StatusOr<int> Pass();

 private:
  static constexpr std::chrono::seconds kPollInterval{2};
  // Maximum time of a request.
  static constexpr std::chrono::seconds kTimeout{5};
  static constexpr std::chrono::seconds kFirstPause{5};
  static constexpr std::chrono::seconds kMaxPause{600};

  struct State {
    // Number of entries in the tree that the witness has cosigned last, as far as it is known here.
    int64_t size = 0;
    // When it may be asked again, on the steady clock, and the pause after the next failure.
    clock::Micros next_try = 0;
    std::chrono::seconds pause = kFirstPause;
  };
  // Returns whether a cosignature was stored.
  absl::StatusOr<bool> GetCosignature(const transparency::Witness& witness, State& state);
  absl::StatusOr<outbound::HttpAnswer> Submit(const transparency::Witness& witness,
                                              const LogService::Submission& submission) const;
  absl::StatusOr<bool> Store(const transparency::Witness& witness, int64_t size, const std::string& lines);

  const LogService& log_;
  const std::string ca_file_;
  storage::Database& database_;
  events::Notifier& notifier_;
  const clock::Clock& clock_;
  std::atomic<bool> stopping_{false};
  // By the witness's name in the policy.
  std::map<std::string, State> states_;
  server::BackgroundLoop loop_;
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_LOG_WITNESS_WORKER_H_
