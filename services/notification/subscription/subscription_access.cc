#include "services/notification/subscription/subscription_access.h"

#include "common/status/status.h"

namespace idea::notification {

absl::Status CheckOwner(const rpc::Call& call, const std::string& entity, const std::string& name) {
  return call.caller().entity == entity ? absl::OkStatus() : status::NotFoundOrHidden(name).ToStatus();
}

absl::StatusOr<StoredSubscription> FindOwn(rpc::Call& call, const std::string& name) {
  ASSIGN_OR_RETURN(StoredSubscription stored, FindSubscription(call.db(), name));
  RETURN_IF_ERROR(CheckOwner(call, stored.subscription.entity(), name));
  return stored;
}

}  // namespace idea::notification
