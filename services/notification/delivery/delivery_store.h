#ifndef IDEA_SERVICES_NOTIFICATION_DELIVERY_DELIVERY_STORE_H_
#define IDEA_SERVICES_NOTIFICATION_DELIVERY_DELIVERY_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/events/events.h"
#include "common/storage/database.h"
#include "idea/notification/v1/delivery.pb.h"

// The tables of deliveries and of their attempts. Names are full resource names.
namespace idea::notification {

// Creates a delivery of an event. Returns its name.
absl::StatusOr<std::string> InsertDelivery(storage::Transaction& db, const v1::Subscription& subscription,
                                           v1::DeliveryKind kind, const events::Event& event,
                                           clock::Micros now);

// The delivery without its attempts, or NOT_FOUND. `entity` receives the entity of its subscription.
absl::StatusOr<v1::Delivery> FindDelivery(storage::Transaction& db, const std::string& name,
                                          std::string* entity);
// Adds the latest 100 attempts.
absl::Status ReadAttempts(storage::Transaction& db, v1::Delivery* delivery);

absl::StatusOr<v1::ListDeliveriesResponse> ListDeliveries(storage::Transaction& db,
                                                          const v1::ListDeliveriesRequest& request);
absl::StatusOr<v1::ListDeadLettersResponse> ListDeadLetters(storage::Transaction& db,
                                                            const v1::ListDeadLettersRequest& request);

// Makes a delivery that has ended pending again, with all tries. Returns STEP_NOT_ALLOWED if it is
// pending.
absl::Status RestartDelivery(storage::Transaction& db, const std::string& name, clock::Micros now);

// A pending delivery that no other one of its line precedes.
struct PendingDelivery {
  std::string name;
  v1::DeliveryKind kind = v1::DELIVERY_KIND_UNSPECIFIED;
  std::string line;
  std::string event_id;
  int64_t tries = 0;
  int64_t attempts = 0;
  clock::Micros next_try = 0;
  clock::Micros created = 0;
};
// The first pending delivery of each line of the subscription, the one that waits longest first, at most
// `limit`.
absl::StatusOr<std::vector<PendingDelivery>> ReadHeads(storage::Transaction& db,
                                                       const std::string& subscription, int limit);
// The oldest pending deliveries of the subscription except tests, at most `limit`.
absl::StatusOr<std::vector<PendingDelivery>> ReadPending(storage::Transaction& db,
                                                         const std::string& subscription, int limit);
// The number of pending deliveries, at most `limit`.
absl::StatusOr<int64_t> CountPending(storage::Transaction& db, const std::string& subscription,
                                     int64_t limit);

// The event of a delivery, from the inbox of the entity; that of a test is made here.
absl::StatusOr<events::Event> ReadEvent(storage::Transaction& db, const std::string& entity,
                                        const PendingDelivery& delivery);

// An attempt and what follows it.
struct Outcome {
  std::string delivery;
  // The attempts before it.
  int64_t attempts = 0;
  clock::Micros time = 0;
  int64_t millis = 0;
  int64_t status = 0;
  std::string answer;
  std::string error;
  v1::DeliveryState state = v1::DELIVERY_STATE_UNSPECIFIED;
  // If the state is PENDING.
  clock::Micros next_try = 0;
};
// Records it, unless the delivery was deleted or changed since it was read. Returns whether it was recorded.
absl::StatusOr<bool> SaveOutcome(storage::Transaction& db, const Outcome& outcome);

// Removes up to `limit` deliveries that ended before `before`, with their attempts. Returns their number.
absl::StatusOr<int64_t> RemoveEnded(storage::Transaction& db, clock::Micros before, int limit);

}  // namespace idea::notification

#endif  // IDEA_SERVICES_NOTIFICATION_DELIVERY_DELIVERY_STORE_H_
