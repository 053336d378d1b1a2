#include "services/drafting/completeness/completeness_service.h"

#include <utility>

#include "common/status/status.h"
#include "services/drafting/bucp/bucp_access.h"
#include "services/drafting/comment/comment_store.h"
#include "services/drafting/template/gap_rules.h"
#include "services/drafting/template/template_store.h"

namespace idea::drafting {

void CompletenessService::Bind(rpc::Router& router) {
  router.Bind(this, &CompletenessService::CheckCompleteness);
}

absl::StatusOr<v1::CheckCompletenessResponse> CompletenessService::CheckCompleteness(
    rpc::Call& call, const v1::CheckCompletenessRequest& request) {
  ASSIGN_OR_RETURN(const v1::Bucp bucp, FindVisible(call, request.name()));
  v1::CheckCompletenessResponse response;
  ASSIGN_OR_RETURN(const v1::Template bucp_template, FindTemplate(call.db(), bucp.template_()));
  for (v1::Gap& gap : FindGaps(bucp.content(), bucp.disputed(), bucp_template))
    *response.add_gaps() = std::move(gap);
  response.set_complete(response.gaps().empty());
  ASSIGN_OR_RETURN(*response.mutable_unresolved_comments(), UnresolvedComments(call.db(), bucp.name()));
  return response;
}

}  // namespace idea::drafting
