#ifndef IDEA_SERVICES_REVIEW_REVIEW_SERVICE_H_
#define IDEA_SERVICES_REVIEW_REVIEW_SERVICE_H_

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "idea/review/v1/review.pb.h"

namespace idea::review {

// The work of ReviewService; each method is the rpc of the same name, and protos/idea/review/v1/review.proto
// says what it does.
class ReviewService {
 public:
  // `one_person_may_sign_twice` is the setting of that name.
  explicit ReviewService(bool one_person_may_sign_twice)
      : one_person_may_sign_twice_(one_person_may_sign_twice) {}

  // Commands of drafting.
  absl::StatusOr<v1::OpenRoutingResponse> OpenRouting(rpc::Call& call, const v1::OpenRoutingRequest& request);
  absl::StatusOr<v1::CloseRoutingResponse> CloseRouting(rpc::Call& call,
                                                        const v1::CloseRoutingRequest& request);
  absl::StatusOr<v1::HoldRoutingResponse> HoldRouting(rpc::Call& call, const v1::HoldRoutingRequest& request);
  absl::StatusOr<v1::ReleaseRoutingResponse> ReleaseRouting(rpc::Call& call,
                                                            const v1::ReleaseRoutingRequest& request);

  absl::StatusOr<v1::RegisterOpinionResponse> RegisterOpinion(rpc::Call& call,
                                                              const v1::RegisterOpinionRequest& request);
  absl::StatusOr<v1::SignBucpResponse> SignBucp(rpc::Call& call, const v1::SignBucpRequest& request);

  absl::StatusOr<v1::GetRoutingResponse> GetRouting(rpc::Call& call, const v1::GetRoutingRequest& request);
  absl::StatusOr<v1::ListRoutingsResponse> ListRoutings(rpc::Call& call,
                                                        const v1::ListRoutingsRequest& request);
  absl::StatusOr<v1::ListOpinionsResponse> ListOpinions(rpc::Call& call,
                                                        const v1::ListOpinionsRequest& request);
  absl::StatusOr<v1::ListSignaturesResponse> ListSignatures(rpc::Call& call,
                                                            const v1::ListSignaturesRequest& request);

 private:
  const bool one_person_may_sign_twice_;
};

}  // namespace idea::review

#endif  // IDEA_SERVICES_REVIEW_REVIEW_SERVICE_H_
