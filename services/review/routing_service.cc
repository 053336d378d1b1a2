#include "common/ids/ids.h"
#include "services/review/checklist.h"
#include "services/review/review_service.h"
#include "services/review/routing_access.h"
#include "services/review/routing_store.h"
#include "services/review/routing_transition.h"

// The methods of ReviewService that read a routing.
namespace idea::review {

absl::StatusOr<v1::GetRoutingResponse> ReviewService::GetRouting(rpc::Call& call,
                                                                 const v1::GetRoutingRequest& request) {
  v1::GetRoutingResponse response;
  v1::Routing& routing = *response.mutable_routing();
  ASSIGN_OR_RETURN(routing, FindVisible(call, request.name()));
  // Concerns that did not fit when they were raised may fit now.
  ASSIGN_OR_RETURN(const auto opinions, ReadOpinions(call.db(), routing.name()));
  routing.clear_open_concerns();
  for (const v1::Opinion& opinion : opinions) {
    if (!opinion.refused()) AddOpenConcerns(opinion, routing);
  }
  return response;
}

absl::StatusOr<v1::ListRoutingsResponse> ReviewService::ListRoutings(rpc::Call& call,
                                                                     const v1::ListRoutingsRequest& request) {
  return review::ListRoutings(call.db(), request, VisibilityOf(call.caller()));
}

absl::StatusOr<v1::ListOpinionsResponse> ReviewService::ListOpinions(rpc::Call& call,
                                                                     const v1::ListOpinionsRequest& request) {
  RETURN_IF_ERROR(FindVisible(call, request.parent()).status());
  return review::ListOpinions(call.db(), request);
}

absl::StatusOr<v1::ListOpinionVersionsResponse> ReviewService::ListOpinionVersions(
    rpc::Call& call, const v1::ListOpinionVersionsRequest& request) {
  RETURN_IF_ERROR(FindVisible(call, ids::Parent(request.parent())).status());
  RETURN_IF_ERROR(FindOpinion(call.db(), request.parent()).status());
  return review::ListOpinionVersions(call.db(), request);
}

absl::StatusOr<v1::ListSignaturesResponse> ReviewService::ListSignatures(
    rpc::Call& call, const v1::ListSignaturesRequest& request) {
  RETURN_IF_ERROR(FindVisible(call, request.parent()).status());
  return review::ListSignatures(call.db(), request);
}

absl::StatusOr<v1::ExplainRoutingResponse> ReviewService::ExplainRouting(
    rpc::Call& call, const v1::ExplainRoutingRequest& request) {
  ASSIGN_OR_RETURN(const v1::Routing routing, FindVisible(call, request.name()));
  return Explain(routing);
}

absl::StatusOr<v1::GetChecklistResponse> ReviewService::GetChecklist(rpc::Call& call,
                                                                     const v1::GetChecklistRequest& request) {
  ASSIGN_OR_RETURN(const v1::Routing routing, FindVisible(call, request.name()));
  ASSIGN_OR_RETURN(const auto opinions, ReadOpinions(call.db(), routing.name()));
  ASSIGN_OR_RETURN(const auto signatures, ReadSignatures(call.db(), routing.name()));
  return ChecklistOf(routing, opinions, signatures, call.zone());
}

}  // namespace idea::review
