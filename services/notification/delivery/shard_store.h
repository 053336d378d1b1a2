#ifndef IDEA_SERVICES_NOTIFICATION_DELIVERY_SHARD_STORE_H_
#define IDEA_SERVICES_NOTIFICATION_DELIVERY_SHARD_STORE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"

namespace idea::notification {

// The lane of writes to the leases.
inline constexpr storage::Lane kDeliveryLane = "delivery_lane";

// The leases of one replica on shards. A lease has no time in the database, so that the clocks of replicas
// need not agree: an owner renews it by a number, and another replica takes the shard when it has seen the
// same number for the length of a lease, by its own steady clock. Not thread-safe.
class ShardLeases {
 public:
  // The length of a lease. An owner stops using a shard when it could not renew for this time.
  static constexpr clock::Micros kLease = 5 * clock::kSecond;
  // The time between two renewals.
  static constexpr clock::Micros kRenewInterval = clock::kSecond;

  explicit ShardLeases(std::string owner) : owner_(std::move(owner)) {}

  // Renews the leases and takes shards that are free, up to a fair share among the replicas that are alive;
  // gives back shards beyond that share. `steady` is the steady time before the transaction. Runs in
  // kDeliveryLane. Call Commit() after the transaction.
  absl::Status Renew(storage::Transaction& db, clock::Micros steady);
  void Commit(clock::Micros steady);

  // The shards of this replica; empty if the last renewal is longer ago than a lease.
  std::vector<int64_t> Owned(clock::Micros steady) const;

  // Gives all shards back.
  absl::Status Return(storage::Transaction& db);

 private:
  // The last observation of another replica or of the lease of a shard, and its time.
  struct Seen {
    std::string owner;
    int64_t renewals = 0;
    clock::Micros since = 0;
  };
  // Whether the value has not changed for the length of a lease.
  bool IsStale(std::map<std::string, Seen>& seen, const std::string& key, const Seen& now) const;

  const std::string owner_;
  std::map<std::string, Seen> shards_seen_, replicas_seen_;
  // As of the last transaction, and committed.
  std::vector<int64_t> planned_, owned_;
  int64_t renewals_ = 0;
  clock::Micros renewed_ = 0;
};

}  // namespace idea::notification

#endif  // IDEA_SERVICES_NOTIFICATION_DELIVERY_SHARD_STORE_H_
