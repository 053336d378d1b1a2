#ifndef IDEA_SERVICES_NOTIFICATION_SUBSCRIPTION_SUBSCRIPTION_ACCESS_H_
#define IDEA_SERVICES_NOTIFICATION_SUBSCRIPTION_SUBSCRIPTION_ACCESS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "services/notification/subscription/subscription_store.h"

namespace idea::notification {

// NOT_FOUND for the resource `name` unless `entity` is that of the caller. An entity manages its
// subscriptions alone, with its platform or a person: a subscription delivers what the platform may read
// anyway.
absl::Status CheckOwner(const rpc::Call& call, const std::string& entity, const std::string& name);

// The subscription if it belongs to the caller's entity. Otherwise NOT_FOUND.
absl::StatusOr<StoredSubscription> FindOwn(rpc::Call& call, const std::string& name);

}  // namespace idea::notification

#endif  // IDEA_SERVICES_NOTIFICATION_SUBSCRIPTION_SUBSCRIPTION_ACCESS_H_
