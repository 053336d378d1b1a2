#ifndef IDEA_SERVICES_DRAFTING_BUCP_APPLICABILITY_SERVICE_H_
#define IDEA_SERVICES_DRAFTING_BUCP_APPLICABILITY_SERVICE_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/peer_client.h"
#include "common/rpc/router.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "services/drafting/bucp/party_facts.h"

namespace idea::drafting {

// The method AssessApplicability of DraftingService.
class ApplicabilityService {
 public:
  explicit ApplicabilityService(rpc::PeerClient peers) : peers_(std::move(peers)) {}
  void Bind(rpc::Router& router);

  absl::StatusOr<Signatories> GatherForAssessment(rpc::Call& call,
                                                  const v1::AssessApplicabilityRequest& request);
  absl::StatusOr<v1::AssessApplicabilityResponse> AssessApplicability(
      rpc::Call& call, const v1::AssessApplicabilityRequest& request, const Signatories& signatories);

 private:
  const rpc::PeerClient peers_;
};

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_BUCP_APPLICABILITY_SERVICE_H_
