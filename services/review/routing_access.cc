#include "services/review/routing_access.h"

#include <algorithm>
#include <vector>

#include "common/status/status.h"
#include "services/review/routing_rules.h"
#include "services/review/routing_store.h"

namespace idea::review {

using status::Error;
using status::Reason;

auth::Visibility VisibilityOf(const auth::Caller& caller) {
  const bool all = !caller.service.empty() || caller.kind == common::v1::CALLER_KIND_CDO;
  return all ? auth::Visibility::All() : auth::Visibility::Of(caller.entity);
}

absl::StatusOr<v1::Routing> FindVisible(rpc::Call& call, const std::string& name) {
  ASSIGN_OR_RETURN(v1::Routing routing, FindRouting(call.db(), name));
  if (VisibilityOf(call.caller()).CoversAny(AudienceOf(routing))) return routing;
  return status::NotFoundOrHidden(name);
}

flow::Roles RolesOf(const auth::Caller& caller, const v1::Routing& routing) {
  if (caller.service == "drafting") return flow::kDrafting;
  const std::vector<std::string> asked = AudienceOf(routing);
  return std::find(asked.begin(), asked.end(), caller.entity) != asked.end() ? flow::kParty : 0;
}

absl::Status CheckRole(const auth::Caller& caller, common::v1::ContactRole role) {
  if (caller.Has(role)) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_ROLE_REQUIRED, "this step is another representative's")
      .With("roles", common::v1::ContactRole_Name(role));
}

}  // namespace idea::review
