#include "services/inventory/filing/filing_access.h"

#include <algorithm>

#include "common/status/status.h"
#include "services/inventory/filing/filing_store.h"

namespace idea::inventory {

flow::Parts PartsOf(const auth::Caller& caller, const v1::Filing& filing) {
  if (caller.service == "drafting") return flow::kDrafting;
  const auto has = [&](const auto& names) {
    return std::find(names.begin(), names.end(), caller.entity) != names.end();
  };
  flow::Parts parts = 0;
  if (has(filing.recipients())) parts |= flow::kRecipient;
  if (has(filing.providers())) parts |= flow::kProvider;
  if (!filing.recipients().empty() && filing.recipients(0) == caller.entity) parts |= flow::kLeadRecipient;
  return parts;
}

absl::StatusOr<v1::Filing> FindVisible(storage::Transaction& db, const auth::Caller& caller,
                                       const std::string& name) {
  ASSIGN_OR_RETURN(v1::Filing filing, FindFiling(db, name));
  if (PartsOf(caller, filing) != 0 || !caller.service.empty() || caller.kind == common::v1::CALLER_KIND_CDO) {
    return filing;
  }
  return status::Error(status::Reason::ERROR_REASON_NOT_FOUND,
                       "there is no " + name + ", or you are no party to it");
}

}  // namespace idea::inventory
