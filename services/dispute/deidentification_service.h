#ifndef IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_SERVICE_H_
#define IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_SERVICE_H_

#include <utility>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/peer_client.h"
#include "common/rpc/router.h"
#include "services/dispute/deidentification_transition.h"
#include "services/dispute/opening_facts.h"
#include "services/dispute/working_days.h"

namespace idea::dispute {

// The methods of DisputeService on reviews of de-identified data. dispute_service.proto describes them.
class DeidentificationService {
 public:
  DeidentificationService(const WorkingDays& days, rpc::PeerClient peers)
      : days_(days), peers_(std::move(peers)) {}
  void Bind(rpc::Router& router);

  absl::StatusOr<drafting::v1::Bucp> GatherSubmission(rpc::Call& call,
                                                      const v1::SubmitDeidentificationRequest& request);
  absl::StatusOr<v1::SubmitDeidentificationResponse> Submit(rpc::Call& call,
                                                            const v1::SubmitDeidentificationRequest& request,
                                                            const drafting::v1::Bucp& bucp);
  absl::StatusOr<v1::AnswerDeidentificationResponse> Answer(rpc::Call& call,
                                                            const v1::AnswerDeidentificationRequest& request);
  absl::StatusOr<v1::WithdrawDeidentificationResponse> Withdraw(
      rpc::Call& call, const v1::WithdrawDeidentificationRequest& request);
  absl::StatusOr<v1::GetDeidentificationResponse> Get(rpc::Call& call,
                                                      const v1::GetDeidentificationRequest& request);
  absl::StatusOr<v1::ListDeidentificationsResponse> List(rpc::Call& call,
                                                         const v1::ListDeidentificationsRequest& request);

 private:
  // Claims the part of the caller: see DisputeService.
  template <class Request>
  absl::Status GatherPart(rpc::Call& call, const Request& request) {
    return GatherPartIn(call, request.name(), request.request_id());
  }
  absl::Status GatherPartIn(rpc::Call& call, const std::string& review, const std::string& act);
  // Sets or stops the timer after a step of a party.
  absl::Status UpdateTimer(storage::Transaction& db, const deidentification::Step& step, const Review& review,
                           clock::Micros now) const;

  const WorkingDays& days_;
  const rpc::PeerClient peers_;
};

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_SERVICE_H_
