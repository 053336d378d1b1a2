#ifndef IDEA_SERVICES_INVENTORY_EXCHANGE_EXCHANGE_FOLLOWER_H_
#define IDEA_SERVICES_INVENTORY_EXCHANGE_EXCHANGE_FOLLOWER_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>

#include "absl/status/status.h"
#include "common/clock/clock.h"
#include "common/events/epochs.h"
#include "common/events/events.h"
#include "common/server/background_loop.h"
#include "common/storage/database.h"
#include "services/inventory/exchange/exchange_index.h"

namespace idea::inventory {

// Keeps a replica's index as the database is, and knows whether it is. It reads all filings once, then again
// and again the event log for those that have changed, whichever replica changed them. It also reads the
// events that have no position yet: each look knows of every change that was committed before it.
class ExchangeFollower {
 public:
  struct Parts {
    storage::Database& database;
    events::Notifier& notifier;
    const clock::Clock& clock;
    // The index may be this old; it is looked after four times as often.
    std::chrono::milliseconds bound;
    // Hears whether it is fresh, when that changes; at first it is not.
    std::function<void(bool fresh)> health;
  };
  ExchangeFollower(Parts parts, ExchangeIndex& index);

  void Start();
  // Returns when nothing is under way any more.
  void Stop();

  // One look at the database, as Start repeats it.
  absl::Status Pass();

  // Whether the index is known to be no older than the bound: by the clock that never jumps and by the one
  // that people set, so that neither a set clock nor a machine that slept makes it look fresh.
  bool IsFresh() const;
  // How many changes it knows of: what a replica knows that says the same or more includes all of it.
  int64_t known() const { return known_; }
  // The epochs of the log, as of the last look at which they had changed; null before the first.
  const events::Epochs* epochs() const { return epochs_; }

 private:
  // What is known of the log in one snapshot.
  struct Snapshot;
  absl::Status Load();
  absl::Status LoadAgain();
  absl::Status Catch();
  void Remember(const Snapshot& snapshot);
  // Reports freshness when it changes.
  void ReportHealth();

  const Parts parts_;
  ExchangeIndex& index_;
  bool loaded_ = false;
  // Changes up to here are in the index.
  int64_t position_ = 0;
  std::atomic<int64_t> known_{0};
  // Each that was ever current: readers hold no lock.
  std::deque<events::Epochs> all_epochs_;
  std::atomic<const events::Epochs*> epochs_{nullptr};
  // When the last look began; 0: never.
  std::atomic<int64_t> steady_at_{0};
  std::atomic<clock::Micros> wall_at_{0};
  bool reported_fresh_ = false;
  server::BackgroundLoop follower_;
  // Reports even while a pass of the follower hangs.
  server::BackgroundLoop reporter_;
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_EXCHANGE_EXCHANGE_FOLLOWER_H_
