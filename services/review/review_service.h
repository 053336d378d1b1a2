#ifndef IDEA_SERVICES_REVIEW_REVIEW_SERVICE_H_
#define IDEA_SERVICES_REVIEW_REVIEW_SERVICE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/peer_client.h"
#include "common/rpc/router.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/registry/v1/registry.pb.h"
#include "idea/review/v1/review.pb.h"

namespace idea::review {

// The work of ReviewService; each method is the rpc of the same name, and its comment in
// protos/idea/review/v1/review.proto describes it.
class ReviewService {
 public:
  struct Settings {
    // See the settings of these names.
    bool one_person_may_sign_twice = false;
    bool technology_opinion = false;
  };
  ReviewService(Settings settings, rpc::PeerClient peers) : settings_(settings), peers_(std::move(peers)) {}

  // Binds every method.
  void Bind(rpc::Router& router);

 private:
  // Commands of drafting. Before the transaction the frozen revision is read.
  // What drafting says of a revision that is to be routed.
  struct FrozenFacts {
    v1::RevisionFacts revision;
    // The freeze of the request is the BUCP's now.
    bool current = false;
  };
  absl::StatusOr<FrozenFacts> GatherForOpening(rpc::Call& call, const v1::OpenRoutingRequest& request);
  absl::StatusOr<v1::OpenRoutingResponse> OpenRouting(rpc::Call& call, const v1::OpenRoutingRequest& request,
                                                      const FrozenFacts& facts);
  absl::StatusOr<v1::CloseRoutingResponse> CloseRouting(rpc::Call& call,
                                                        const v1::CloseRoutingRequest& request);
  absl::StatusOr<v1::HoldRoutingResponse> HoldRouting(rpc::Call& call, const v1::HoldRoutingRequest& request);
  absl::StatusOr<v1::ReleaseRoutingResponse> ReleaseRouting(rpc::Call& call,
                                                            const v1::ReleaseRoutingRequest& request);

  absl::StatusOr<v1::RegisterOpinionResponse> RegisterOpinion(rpc::Call& call,
                                                              const v1::RegisterOpinionRequest& request);
  absl::StatusOr<v1::AmendOpinionResponse> AmendOpinion(rpc::Call& call,
                                                        const v1::AmendOpinionRequest& request);
  absl::StatusOr<v1::ReconcileConcernResponse> ReconcileConcern(rpc::Call& call,
                                                                const v1::ReconcileConcernRequest& request);
  absl::StatusOr<v1::RefuseCarryOverResponse> RefuseCarryOver(rpc::Call& call,
                                                              const v1::RefuseCarryOverRequest& request);
  // The signer's public key, asked of the registry where a JWS comes with the signature.
  absl::StatusOr<std::string> GatherForSigning(rpc::Call& call, const v1::SignBucpRequest& request);
  absl::StatusOr<v1::SignBucpResponse> SignBucp(rpc::Call& call, const v1::SignBucpRequest& request,
                                                const std::string& public_key);
  absl::StatusOr<v1::RequestChangesResponse> RequestChanges(rpc::Call& call,
                                                            const v1::RequestChangesRequest& request);

  absl::StatusOr<v1::ClaimPartResponse> ClaimPart(rpc::Call& call, const v1::ClaimPartRequest& request);
  absl::StatusOr<v1::ReleasePartResponse> ReleasePart(rpc::Call& call, const v1::ReleasePartRequest& request);

  absl::StatusOr<v1::GetRoutingResponse> GetRouting(rpc::Call& call, const v1::GetRoutingRequest& request);
  absl::StatusOr<v1::ListRoutingsResponse> ListRoutings(rpc::Call& call,
                                                        const v1::ListRoutingsRequest& request);
  absl::StatusOr<v1::ExplainRoutingResponse> ExplainRouting(rpc::Call& call,
                                                            const v1::ExplainRoutingRequest& request);
  absl::StatusOr<v1::GetChecklistResponse> GetChecklist(rpc::Call& call,
                                                        const v1::GetChecklistRequest& request);
  absl::StatusOr<v1::ListOpinionsResponse> ListOpinions(rpc::Call& call,
                                                        const v1::ListOpinionsRequest& request);
  absl::StatusOr<v1::ListOpinionVersionsResponse> ListOpinionVersions(
      rpc::Call& call, const v1::ListOpinionVersionsRequest& request);
  absl::StatusOr<v1::ListSignaturesResponse> ListSignatures(rpc::Call& call,
                                                            const v1::ListSignaturesRequest& request);

  // Tasks. Where a person is named, the registry is asked first which roles they have.
  using Roles = std::vector<common::v1::ContactRole>;
  absl::StatusOr<Roles> GatherForTasks(rpc::Call& call, const v1::ListTasksRequest& request);
  absl::StatusOr<v1::ListTasksResponse> ListTasks(rpc::Call& call, const v1::ListTasksRequest& request,
                                                  const Roles& roles);
  absl::StatusOr<std::vector<v1::WatchTasksResponse>> WatchTasks(rpc::Call& call,
                                                                 const v1::WatchTasksRequest& request,
                                                                 std::string& token);
  absl::StatusOr<Roles> GatherForReassigning(rpc::Call& call, const v1::ReassignTaskRequest& request);
  absl::StatusOr<v1::ReassignTaskResponse> ReassignTask(rpc::Call& call,
                                                        const v1::ReassignTaskRequest& request,
                                                        const Roles& roles);

  // What the registry says of a person of the caller's department.
  absl::StatusOr<registry::v1::ResolvePersonResponse> Resolve(rpc::Call& call, const std::string& person);
  absl::StatusOr<Roles> RolesOf(rpc::Call& call, const std::string& person);

  const Settings settings_;
  const rpc::PeerClient peers_;
};

}  // namespace idea::review

#endif  // IDEA_SERVICES_REVIEW_REVIEW_SERVICE_H_
