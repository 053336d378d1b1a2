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

// Implements ReviewService. Each method implements the rpc of the same name, which
// protos/idea/review/v1/review.proto describes.
class ReviewService {
 public:
  struct Settings {
    // The settings IDEA_ONE_PERSON_MAY_SIGN_TWICE and IDEA_TECHNOLOGY_OPINION.
    bool one_person_may_sign_twice = false;
    bool technology_opinion = false;
  };
  ReviewService(Settings settings, rpc::PeerClient peers) : settings_(settings), peers_(std::move(peers)) {}

  // Binds every method.
  void Bind(rpc::Router& router);

 private:
  // Commands of drafting. The frozen revision is read before the transaction.
  struct FrozenFacts {
    v1::RevisionFacts revision;
    // Whether the freeze of the request is the current one of the BUCP.
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
  // Returns the signer's contact with its public key from the registry if the request has a JWS.
  using Signer = registry::v1::ResolvePersonResponse;
  absl::StatusOr<Signer> GatherForSigning(rpc::Call& call, const v1::SignBucpRequest& request);
  absl::StatusOr<v1::SignBucpResponse> SignBucp(rpc::Call& call, const v1::SignBucpRequest& request,
                                                const Signer& signer);
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

  // Tasks. If the request names a person, their roles are read from the registry first.
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

  // Reads a person of the caller's department from the registry.
  absl::StatusOr<registry::v1::ResolvePersonResponse> Resolve(rpc::Call& call, const std::string& person);
  absl::StatusOr<Roles> ContactRolesOf(rpc::Call& call, const std::string& person);

  const Settings settings_;
  const rpc::PeerClient peers_;
};

}  // namespace idea::review

#endif  // IDEA_SERVICES_REVIEW_REVIEW_SERVICE_H_
