#include "services/inventory/filing/filing_access.h"

#include "absl/algorithm/container.h"
#include "common/status/status.h"
#include "services/inventory/filing/filing_store.h"

namespace idea::inventory {

auth::Visibility VisibilityOf(const auth::Caller& caller) {
  if (caller.kind == common::v1::CALLER_KIND_CDO || !caller.service.empty()) return auth::Visibility::All();
  return auth::Visibility::Of(caller.entity);
}

flow::Roles RolesOf(const auth::Caller& caller, const v1::Filing& filing) {
  if (caller.service == "drafting") return flow::kDrafting;
  flow::Roles roles = 0;
  if (absl::c_linear_search(filing.recipients(), caller.entity)) roles |= flow::kRecipient;
  if (absl::c_linear_search(filing.providers(), caller.entity)) roles |= flow::kProvider;
  if (!filing.recipients().empty() && filing.recipients(0) == caller.entity) roles |= flow::kLeadRecipient;
  return roles;
}

absl::StatusOr<v1::Filing> FindVisible(storage::Transaction& db, const auth::Caller& caller,
                                       const std::string& name) {
  ASSIGN_OR_RETURN(v1::Filing filing, FindFiling(db, name));
  const auth::Visibility visibility = VisibilityOf(caller);
  if (visibility.CoversAny(filing.recipients()) || visibility.CoversAny(filing.providers())) return filing;
  return status::NotFoundOrHidden(name);
}

}  // namespace idea::inventory
