#ifndef IDEA_SERVICES_DISPUTE_DISPUTE_SERVICE_H_
#define IDEA_SERVICES_DISPUTE_DISPUTE_SERVICE_H_

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/peer_client.h"
#include "common/rpc/router.h"
#include "idea/dispute/v1/dispute_service.pb.h"
#include "services/dispute/dispute_transition.h"
#include "services/dispute/opening_facts.h"
#include "services/dispute/working_days.h"

namespace idea::dispute {

// The methods of DisputeService on disputes. dispute_service.proto describes them.
class DisputeService {
 public:
  // Opens new disputes under `process`. `days` determines the current day in California.
  DisputeService(Offices offices, v1::Process process, const WorkingDays& days, rpc::PeerClient peers)
      : offices_(std::move(offices)), process_(process), days_(days), peers_(std::move(peers)) {}
  void Bind(rpc::Router& router);

  absl::StatusOr<OpeningFacts> GatherOpening(rpc::Call& call, const v1::OpenDisputeRequest& request);
  absl::StatusOr<v1::OpenDisputeResponse> OpenDispute(rpc::Call& call, const v1::OpenDisputeRequest& request,
                                                      const OpeningFacts& facts);
  absl::StatusOr<OpeningFacts> GatherTrack(rpc::Call& call, const v1::ExplainTrackRequest& request);
  absl::StatusOr<v1::ExplainTrackResponse> ExplainTrack(rpc::Call& call,
                                                        const v1::ExplainTrackRequest& request,
                                                        const OpeningFacts& facts);
  absl::StatusOr<v1::GetDisputeResponse> GetDispute(rpc::Call& call, const v1::GetDisputeRequest& request);
  absl::StatusOr<v1::ListDisputesResponse> ListDisputes(rpc::Call& call,
                                                        const v1::ListDisputesRequest& request);
  absl::StatusOr<v1::SubmitStatementResponse> SubmitStatement(rpc::Call& call,
                                                              const v1::SubmitStatementRequest& request);
  absl::StatusOr<v1::AmendStatementResponse> AmendStatement(rpc::Call& call,
                                                            const v1::AmendStatementRequest& request);
  absl::StatusOr<v1::RecordMeetingResponse> RecordMeeting(rpc::Call& call,
                                                          const v1::RecordMeetingRequest& request);
  absl::StatusOr<v1::SettleDisputeResponse> SettleDispute(rpc::Call& call,
                                                          const v1::SettleDisputeRequest& request);
  absl::StatusOr<v1::ConfirmSettlementResponse> ConfirmSettlement(
      rpc::Call& call, const v1::ConfirmSettlementRequest& request);
  absl::StatusOr<v1::EndDisputeResponse> EndDispute(rpc::Call& call, const v1::EndDisputeRequest& request);
  absl::StatusOr<v1::EscalateDisputeResponse> EscalateDispute(rpc::Call& call,
                                                              const v1::EscalateDisputeRequest& request);
  absl::StatusOr<v1::DecideDisputeResponse> DecideDispute(rpc::Call& call,
                                                          const v1::DecideDisputeRequest& request);
  absl::StatusOr<v1::WithdrawDisputeResponse> WithdrawDispute(rpc::Call& call,
                                                              const v1::WithdrawDisputeRequest& request);

 private:
  // A person who takes a step acts for one entity on the BUCP: see ClaimPart.
  template <class Request>
  absl::Status GatherPart(rpc::Call& call, const Request& request) {
    return GatherPartIn(call, request.name(), request.request_id());
  }
  absl::Status GatherPartIn(rpc::Call& call, const std::string& dispute, const std::string& act);
  using Change = decltype(StepRequest::change);
  // Takes a step for the caller.
  absl::Status Transition(rpc::Call& call, std::string_view on, const Facts& facts, const Change& change,
                          v1::Dispute& dispute) const;

  Offices offices_;
  v1::Process process_;
  const WorkingDays& days_;
  const rpc::PeerClient peers_;
};

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DISPUTE_SERVICE_H_
