#ifndef IDEA_SERVICES_NOTIFICATION_SUBSCRIPTION_SUBSCRIPTION_STORE_H_
#define IDEA_SERVICES_NOTIFICATION_SUBSCRIPTION_SUBSCRIPTION_STORE_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/outbound/webhook.h"
#include "common/storage/database.h"
#include "idea/notification/v1/subscription.pb.h"

// The tables of subscriptions, of their progress and of their replays. Names are full resource names. The
// etag is the version of the row.
namespace idea::notification {

// The number of shards. One replica at a time delivers the subscriptions of a shard.
inline constexpr int64_t kShards = 16;
// `due` of a subscription that waits for nothing but new items in the inbox.
inline constexpr clock::Micros kNever = std::numeric_limits<int64_t>::max();

inline constexpr int64_t kMaxSubscriptionsOfEntity = 100;
inline constexpr int64_t kMaxReplaysOfSubscription = 10;

// The secrets of a subscription, as references.
struct Secrets {
  outbound::SecretRef current;
  // Signs too until `previous_until`; empty if there never was one.
  outbound::SecretRef previous;
  clock::Micros previous_until = 0;
};

// A subscription as its deliverer needs it.
struct StoredSubscription {
  v1::Subscription subscription;
  Secrets secrets;
  // The row of the inbox up to which deliveries were created.
  int64_t position = 0;
  clock::Micros due = 0;
  clock::Micros hold_until = 0;
};

// Stores a new subscription that starts after the position. Returns LIMIT_REACHED.
absl::Status InsertSubscription(storage::Transaction& db, const v1::Subscription& subscription,
                                const Secrets& secrets, int64_t position, clock::Micros now);

// The shard of a subscription.
int64_t ShardOf(const std::string& name);

// The subscription, or NOT_FOUND.
absl::StatusOr<StoredSubscription> FindSubscription(storage::Transaction& db, const std::string& name);

// One page of the subscriptions of request.parent().
absl::StatusOr<v1::ListSubscriptionsResponse> ListSubscriptions(storage::Transaction& db,
                                                                const v1::ListSubscriptionsRequest& request);

// Stores every field that callers may change, the state and the secrets. Returns CONCURRENT_CHANGE if the row
// no longer has the etag.
absl::Status UpdateSubscription(storage::Transaction& db, const v1::Subscription& subscription,
                                const Secrets& secrets, clock::Micros now);

// Deletes it with its progress, replays, deliveries and attempts. Returns CONCURRENT_CHANGE as above.
absl::Status DeleteSubscription(storage::Transaction& db, const v1::Subscription& subscription);

// The addresses of the recipients of a mail; none if the subscription has another receiver. Saving none
// removes them.
absl::Status SaveRecipients(storage::Transaction& db, const std::string& name,
                            const std::vector<std::string>& addresses);
absl::StatusOr<std::vector<std::string>> ReadRecipientsOf(storage::Transaction& db, const std::string& name);
// All subscriptions with a mail.
absl::StatusOr<std::vector<v1::Subscription>> FindMails(storage::Transaction& db);

// Makes the deliverer of the subscription look at it at once. `resume`: also forgets failures of the
// receiver.
absl::Status WakeSubscription(storage::Transaction& db, const std::string& name, bool resume);

// The progress of a subscription, which only its deliverer changes.
absl::Status SavePosition(storage::Transaction& db, const std::string& name, int64_t position);
absl::Status SaveDue(storage::Transaction& db, const std::string& name, clock::Micros due);
// The outcome of attempts: the number of failures since the last success, and no attempt before `hold_until`.
absl::Status SaveHealth(storage::Transaction& db, const std::string& name, int64_t failures,
                        clock::Micros hold_until, clock::Micros now);

// A subscription, and whether the last attempt of its receiver failed.
struct FoundSubscription {
  std::string name;
  bool failing = false;
};
// Up to `limit` subscriptions of the shards that are due at `now`, the earliest first.
absl::StatusOr<std::vector<FoundSubscription>> FindDue(storage::Transaction& db,
                                                       const std::vector<int64_t>& shards, clock::Micros now,
                                                       int limit);
// The active subscriptions of the entities whose shard is among these.
absl::StatusOr<std::vector<FoundSubscription>> FindOfEntities(storage::Transaction& db,
                                                              const std::vector<std::string>& entities,
                                                              const std::vector<int64_t>& shards);
// The subscriptions of the shards that have items of their inbox after their position.
absl::StatusOr<std::vector<FoundSubscription>> FindLate(storage::Transaction& db,
                                                        const std::vector<int64_t>& shards);

// A part of an inbox to deliver again.
struct Replay {
  std::string id;
  int64_t position = 0;
  int64_t last = 0;
  clock::Micros since = 0;
  clock::Micros until = 0;
};
// Returns LIMIT_REACHED if the subscription has kReplaysOfSubscription of them.
absl::Status InsertReplay(storage::Transaction& db, const std::string& subscription, const Replay& replay);
// The oldest replay of the subscription; with an empty id if it has none.
absl::StatusOr<Replay> FirstReplay(storage::Transaction& db, const std::string& subscription);
// Moves a replay, or removes it when it has reached its end.
absl::Status SaveReplay(storage::Transaction& db, const Replay& replay);

}  // namespace idea::notification

#endif  // IDEA_SERVICES_NOTIFICATION_SUBSCRIPTION_SUBSCRIPTION_STORE_H_
