#ifndef IDEA_SERVICES_INVENTORY_LOG_TIMESTAMP_WORKER_H_
#define IDEA_SERVICES_INVENTORY_LOG_TIMESTAMP_WORKER_H_

#include <atomic>
#include <chrono>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/server/background_loop.h"
#include "common/storage/database.h"
#include "services/inventory/log/log_service.h"

namespace idea::inventory {

// Has a time-stamping authority (RFC 3161) stamp the log's newest checkpoint, once an hour while the log
// grows. No write of the log waits for it. Each replica asks; the first token over a tree is kept.
class TimestampWorker {
 public:
  struct Options {
    // The authority's URL; empty: there is none.
    std::string url;
    // The file with the certificates, in PEM, that are trusted to issue that of the authority.
    std::string ca_file;
    // The authorities of HTTPS; empty: the system's.
    std::string tls_ca_file;
  };
  TimestampWorker(Options options, const LogService& log, storage::Database& database,
                  const clock::Clock& clock)
      : options_(std::move(options)),
        log_(log),
        database_(database),
        clock_(clock),
        loop_({.name = "timestamp worker",
               .service = "inventory",
               .interval = kPollInterval,
               .min_backoff = kPollInterval,
               .max_backoff = kMaxBackoff},
              [this] { return Pass(); }) {}
  ~TimestampWorker() { Stop(); }

  // FAILED_PRECONDITION names the setting that is wrong.
  static absl::Status Check(const Options& options);

  // Does nothing without an authority.
  void Start();
  void Stop();

  // One pass, as Start repeats it. Returns 1 if a checkpoint was stamped.
  absl::StatusOr<int> Pass();

 private:
  static constexpr std::chrono::seconds kPollInterval{30}, kMaxBackoff{600}, kTimeout{10};
  // The time between two stamps.
  static constexpr clock::Micros kStampInterval = 3600 * clock::kSecond;

  const Options options_;
  const LogService& log_;
  storage::Database& database_;
  const clock::Clock& clock_;
  std::atomic<bool> stopping_{false};
  server::BackgroundLoop loop_;
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_LOG_TIMESTAMP_WORKER_H_
