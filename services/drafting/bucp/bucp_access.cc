#include "services/drafting/bucp/bucp_access.h"

#include <algorithm>
#include <set>

#include "absl/algorithm/container.h"
#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/status/status.h"
#include "services/drafting/bucp/bucp_store.h"
#include "services/drafting/content/content_parties.h"

namespace idea::drafting {
namespace {

bool IsDraftVisible(const auth::Caller& caller, const v1::Bucp& bucp) {
  return !caller.service.empty() || caller.kind == common::v1::CALLER_KIND_CDO ||
         absl::c_linear_search(bucp.content().recipients(), caller.entity);
}

}  // namespace

void Show(v1::Bucp& bucp) {
  if (bucp.first_shown_revision() == 0 && !bucp.has_send_time())
    bucp.set_first_shown_revision(bucp.revision());
}

auth::Visibility VisibilityOf(const auth::Caller& caller) {
  return caller.kind == common::v1::CALLER_KIND_ENTITY ? auth::Visibility::Of(caller.entity)
                                                       : auth::Visibility::All();
}

flow::Roles RolesOf(const auth::Caller& caller, const v1::Bucp& bucp) {
  if (caller.service == "review") return flow::kReview;
  if (caller.service == "dispute") return flow::kDispute;
  if (caller.service == "inventory") return flow::kInventory;
  const auto& content = bucp.content();
  flow::Roles roles = 0;
  if (absl::c_linear_search(content.recipients(), caller.entity)) roles |= flow::kRecipient;
  if (absl::c_linear_search(content.providers(), caller.entity)) roles |= flow::kProvider;
  if (!content.recipients().empty() && content.recipients(0) == caller.entity) roles |= flow::kLeadRecipient;
  if ((roles & flow::kRecipient) != 0 && bucp.sender() == caller.entity) roles |= flow::kSender;
  return roles;
}

absl::StatusOr<v1::Bucp> FindVisible(rpc::Call& call, const std::string& name) {
  return FindVisible(call.db(), call.caller(), name);
}

absl::StatusOr<v1::Bucp> FindVisible(storage::Transaction& db, const auth::Caller& caller,
                                     const std::string& name) {
  ASSIGN_OR_RETURN(v1::Bucp bucp, FindBucp(db, name));
  if (IsDraftVisible(caller, bucp)) return bucp;
  const bool involved = RolesOf(caller, bucp) != 0 ||
                        (!caller.entity.empty() && caller.entity == SigningAgencyOf(bucp.content()));
  if (involved && IsShown(bucp)) return bucp;
  return status::NotFoundOrHidden(name);
}

int32_t FirstRevisionFor(const auth::Caller& caller, const v1::Bucp& bucp) {
  return IsDraftVisible(caller, bucp) ? 0 : bucp.first_shown_revision();
}

absl::Status CheckRevisionVisible(storage::Transaction& db, const auth::Caller& caller,
                                  const std::string& revision) {
  ASSIGN_OR_RETURN(const v1::Bucp bucp, FindVisible(db, caller, ids::Parent(revision)));
  if (ids::kRevisions.NumberIn(revision) >= FirstRevisionFor(caller, bucp)) return absl::OkStatus();
  return status::NotFoundOrHidden(revision);
}

std::vector<std::string> AudienceOf(const v1::Bucp& bucp) {
  std::set<std::string> all(bucp.content().recipients().begin(), bucp.content().recipients().end());
  if (!IsShown(bucp)) return {all.begin(), all.end()};
  all.insert(bucp.content().providers().begin(), bucp.content().providers().end());
  if (const std::string agency = SigningAgencyOf(bucp.content()); !agency.empty()) all.insert(agency);
  return {all.begin(), all.end()};
}

}  // namespace idea::drafting
