#ifndef IDEA_SERVICES_DISPUTE_DISPUTE_SERVICE_H_
#define IDEA_SERVICES_DISPUTE_DISPUTE_SERVICE_H_

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "idea/dispute/v1/dispute.pb.h"
#include "services/dispute/dispute_flow.h"
#include "services/dispute/dispute_parts.h"
#include "services/dispute/dispute_questions.h"

namespace idea::dispute {

// The methods of DisputeService. What each does and refuses stands in dispute.proto.
class DisputeService {
 public:
  DisputeService(Offices offices, Ask ask) : offices_(std::move(offices)), ask_(std::move(ask)) {}
  void Bind(rpc::Router& router);

  absl::StatusOr<OpeningFacts> GatherOpening(rpc::Call& call, const v1::OpenDisputeRequest& request);
  absl::StatusOr<v1::OpenDisputeResponse> OpenDispute(rpc::Call& call, const v1::OpenDisputeRequest& request,
                                                      const OpeningFacts& facts);
  absl::StatusOr<v1::GetDisputeResponse> GetDispute(rpc::Call& call, const v1::GetDisputeRequest& request);
  absl::StatusOr<v1::ListDisputesResponse> ListDisputes(rpc::Call& call,
                                                        const v1::ListDisputesRequest& request);
  absl::StatusOr<v1::SubmitStatementResponse> SubmitStatement(rpc::Call& call,
                                                              const v1::SubmitStatementRequest& request);
  absl::StatusOr<v1::SettleDisputeResponse> SettleDispute(rpc::Call& call,
                                                          const v1::SettleDisputeRequest& request);
  absl::StatusOr<v1::EscalateDisputeResponse> EscalateDispute(rpc::Call& call,
                                                              const v1::EscalateDisputeRequest& request);
  absl::StatusOr<v1::DecideDisputeResponse> DecideDispute(rpc::Call& call,
                                                          const v1::DecideDisputeRequest& request);
  absl::StatusOr<v1::WithdrawDisputeResponse> WithdrawDispute(rpc::Call& call,
                                                              const v1::WithdrawDisputeRequest& request);

 private:
  // The step that the caller takes; `dispute` as See returned it, with the statement being submitted.
  static absl::StatusOr<Step> Decide(const rpc::Call& call, const v1::Dispute& dispute, std::string_view on,
                                     bool approve = false);

  Offices offices_;
  Ask ask_;
};

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DISPUTE_SERVICE_H_
