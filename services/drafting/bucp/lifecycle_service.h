#ifndef IDEA_SERVICES_DRAFTING_BUCP_LIFECYCLE_SERVICE_H_
#define IDEA_SERVICES_DRAFTING_BUCP_LIFECYCLE_SERVICE_H_

#include <utility>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/peer_client.h"
#include "common/rpc/router.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "services/drafting/bucp/party_facts.h"

namespace idea::drafting {

// The methods of DraftingService that change the state of a BUCP. protos/idea/drafting/v1/drafting.proto
// describes them.
class LifecycleService {
 public:
  explicit LifecycleService(rpc::PeerClient peers) : peers_(std::move(peers)) {}
  void Bind(rpc::Router& router);

  absl::StatusOr<v1::SendBucpResponse> SendBucp(rpc::Call& call, const v1::SendBucpRequest& request);
  absl::StatusOr<v1::ShareBucpResponse> ShareBucp(rpc::Call& call, const v1::ShareBucpRequest& request);
  absl::StatusOr<v1::SetBucpSenderResponse> SetBucpSender(rpc::Call& call,
                                                          const v1::SetBucpSenderRequest& request);
  absl::StatusOr<v1::ReturnBucpResponse> ReturnBucp(rpc::Call& call, const v1::ReturnBucpRequest& request);
  absl::StatusOr<Signatories> GatherForFreeze(rpc::Call& call, const v1::FreezeBucpRequest& request);
  absl::StatusOr<v1::FreezeBucpResponse> FreezeBucp(rpc::Call& call, const v1::FreezeBucpRequest& request,
                                                    const Signatories& signatories);
  absl::StatusOr<v1::UnfreezeBucpResponse> UnfreezeBucp(rpc::Call& call,
                                                        const v1::UnfreezeBucpRequest& request);
  absl::StatusOr<v1::WithdrawBucpResponse> WithdrawBucp(rpc::Call& call,
                                                        const v1::WithdrawBucpRequest& request);

  // Commands of other services.
  absl::StatusOr<v1::CompleteReviewsResponse> CompleteReviews(rpc::Call& call,
                                                              const v1::CompleteReviewsRequest& request);
  absl::StatusOr<v1::CompleteSignaturesResponse> CompleteSignatures(
      rpc::Call& call, const v1::CompleteSignaturesRequest& request);
  absl::StatusOr<v1::HoldBucpResponse> HoldBucp(rpc::Call& call, const v1::HoldBucpRequest& request);
  absl::StatusOr<v1::ReleaseBucpResponse> ReleaseBucp(rpc::Call& call, const v1::ReleaseBucpRequest& request);
  absl::StatusOr<v1::RejectBucpResponse> RejectBucp(rpc::Call& call, const v1::RejectBucpRequest& request);
  absl::StatusOr<v1::RecordFilingResponse> RecordFiling(rpc::Call& call,
                                                        const v1::RecordFilingRequest& request);
  absl::StatusOr<v1::EndBucpResponse> EndBucp(rpc::Call& call, const v1::EndBucpRequest& request);

 private:
  const rpc::PeerClient peers_;
};

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_BUCP_LIFECYCLE_SERVICE_H_
