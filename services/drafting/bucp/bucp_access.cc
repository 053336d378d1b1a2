#include "services/drafting/bucp/bucp_access.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/drafting/bucp/bucp_store.h"
#include "services/drafting/content/content_parties.h"

namespace idea::drafting {
namespace {

using status::Error;
using status::Reason;

template <class Names>
bool Has(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Error NotFound(const std::string& name) {
  return Error(Reason::ERROR_REASON_NOT_FOUND, "there is no " + name + ", or you are no party to it");
}

bool SeesDrafts(const auth::Caller& caller, const v1::Bucp& bucp) {
  return !caller.service.empty() || caller.kind == common::v1::CALLER_KIND_CDO ||
         Has(bucp.content().recipients(), caller.entity);
}

}  // namespace

bool IsShown(const v1::Bucp& bucp) {
  // A release that did not count revisions showed what it sent.
  if (bucp.first_shown_revision() != 0 || bucp.has_send_time()) return true;
  return bucp.state() != v1::STATE_DRAFT && bucp.state() != v1::STATE_WITHDRAWN &&
         bucp.state() != v1::STATE_NOT_APPROVED;
}

void Show(v1::Bucp& bucp) {
  if (bucp.first_shown_revision() == 0 && !bucp.has_send_time())
    bucp.set_first_shown_revision(bucp.revision());
}

flow::Parts PartsOf(const auth::Caller& caller, const v1::Bucp& bucp) {
  if (caller.service == "review") return flow::kReview;
  if (caller.service == "dispute") return flow::kDispute;
  if (caller.service == "inventory") return flow::kInventory;
  const auto& content = bucp.content();
  flow::Parts parts = 0;
  if (Has(content.recipients(), caller.entity)) parts |= flow::kRecipient;
  if (Has(content.providers(), caller.entity)) parts |= flow::kProvider;
  if (!content.recipients().empty() && content.recipients(0) == caller.entity) parts |= flow::kLeadRecipient;
  if ((parts & flow::kRecipient) != 0 && bucp.sender() == caller.entity) parts |= flow::kSender;
  return parts;
}

absl::StatusOr<v1::Bucp> FindVisible(rpc::Call& call, const std::string& name) {
  return FindVisible(call.db(), call.caller(), name);
}

absl::StatusOr<v1::Bucp> FindVisible(storage::Transaction& db, const auth::Caller& caller,
                                     const std::string& name) {
  ASSIGN_OR_RETURN(v1::Bucp bucp, FindBucp(db, name));
  if (SeesDrafts(caller, bucp)) return bucp;
  const bool involved = PartsOf(caller, bucp) != 0 ||
                        (!caller.entity.empty() && caller.entity == SigningAgencyOf(bucp.content()));
  if (involved && IsShown(bucp)) return bucp;
  return NotFound(name);
}

int32_t FirstRevisionFor(const auth::Caller& caller, const v1::Bucp& bucp) {
  return SeesDrafts(caller, bucp) ? 0 : bucp.first_shown_revision();
}

absl::Status CheckRevisionVisible(storage::Transaction& db, const auth::Caller& caller,
                                  const std::string& revision) {
  ASSIGN_OR_RETURN(const v1::Bucp bucp, FindVisible(db, caller, ids::Parent(revision)));
  if (std::strtoll(ids::Segment(revision, 3).c_str(), nullptr, 10) >= FirstRevisionFor(caller, bucp))
    return absl::OkStatus();
  return NotFound(revision);
}

std::vector<std::string> AudienceOf(const v1::Bucp& bucp) {
  std::set<std::string> all(bucp.content().recipients().begin(), bucp.content().recipients().end());
  if (!IsShown(bucp)) return {all.begin(), all.end()};
  all.insert(bucp.content().providers().begin(), bucp.content().providers().end());
  if (const std::string agency = SigningAgencyOf(bucp.content()); !agency.empty()) all.insert(agency);
  return {all.begin(), all.end()};
}

}  // namespace idea::drafting
