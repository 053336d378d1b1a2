#ifndef IDEA_SERVICES_INVENTORY_EXCHANGE_EXCHANGE_WORKER_H_
#define IDEA_SERVICES_INVENTORY_EXCHANGE_EXCHANGE_WORKER_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>

#include "absl/status/status.h"
#include "common/clock/clock.h"
#include "common/events/epochs.h"
#include "common/events/events.h"
#include "common/exchange/exchange_index.h"
#include "common/server/background_loop.h"
#include "common/storage/database.h"

namespace idea::inventory {

// Keeps the index of a replica up to date, and knows whether it is. Reads all filings once, then repeatedly
// the event log for filings that any replica has changed. Also reads the events without a position: each pass
// includes every change that was committed before it.
class ExchangeWorker {
 public:
  struct Options {
    storage::Database& database;
    events::Notifier& notifier;
    const clock::Clock& clock;
    // The maximum age of the index. A pass runs four times as often.
    std::chrono::milliseconds bound;
    // Called when freshness changes. At first the index is not fresh.
    std::function<void(bool fresh)> health;
  };
  ExchangeWorker(Options options, exchange::ExchangeIndex& index);

  void Start();
  // Returns when the current pass has returned.
  void Stop();

  // One read of the database, as Start repeats it.
  absl::Status Pass();

  // Whether the index is not older than the bound, by the steady clock and by the wall clock: neither setting
  // the clock nor suspending the machine makes it look fresh.
  bool IsFresh() const;
  // The time since the last successful pass began; infinite before the first one.
  std::chrono::duration<double> Age() const;
  // The number of changes that the index has. An index with the same number or more includes all of them.
  int64_t known() const { return known_; }
  // The epochs of the log, as of the last pass in which they had changed. Null before the first pass.
  const events::Epochs* epochs() const { return epochs_; }

 private:
  // The state of the log in one snapshot.
  struct Snapshot;
  absl::Status Load();
  absl::Status Reload();
  absl::Status CatchUp();
  void Apply(const Snapshot& snapshot);
  // Reports freshness when it changes.
  void ReportHealth();

  const Options options_;
  exchange::ExchangeIndex& index_;
  bool loaded_ = false;
  // The index has the changes up to this position.
  int64_t position_ = 0;
  std::atomic<int64_t> known_{0};
  // All epochs that were current: readers hold no lock.
  std::deque<events::Epochs> all_epochs_;
  std::atomic<const events::Epochs*> epochs_{nullptr};
  // When the last pass began. 0 before the first pass.
  std::atomic<int64_t> steady_at_{0};
  std::atomic<clock::Micros> wall_at_{0};
  bool reported_fresh_ = false;
  server::BackgroundLoop loop_;
  // Reports freshness even while a pass hangs.
  server::BackgroundLoop reporter_;
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_EXCHANGE_EXCHANGE_WORKER_H_
