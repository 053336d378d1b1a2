#include "services/drafting/bucp/lifecycle_service.h"

#include <algorithm>

#include "common/digest/digest.h"
#include "common/ids/resource_names.h"
#include "common/status/status.h"
#include "services/drafting/bucp/amendment_transition.h"
#include "services/drafting/bucp/bucp_store.h"
#include "services/drafting/bucp/bucp_transition.h"
#include "services/drafting/template/gap_rules.h"

namespace idea::drafting {
namespace {

// Takes the step and returns the BUCP in a response.
template <class Response>
absl::StatusOr<Response> Answer(rpc::Call& call, const StepRequest& step_request) {
  Response response;
  ASSIGN_OR_RETURN(*response.mutable_bucp(), Transition(call, step_request));
  return response;
}

// The freeze that a command of review names.
template <class Request>
Freeze FreezeOf(const Request& request) {
  return {request.digest(), request.freeze_number()};
}

}  // namespace

void LifecycleService::Bind(rpc::Router& router) {
  router.Bind(this, &LifecycleService::SendBucp);
  router.Bind(this, &LifecycleService::ShareBucp);
  router.Bind(this, &LifecycleService::SetBucpSender);
  router.Bind(this, &LifecycleService::ReturnBucp);
  router.Bind(this, &LifecycleService::GatherForFreeze, &LifecycleService::FreezeBucp);
  router.Bind(this, &LifecycleService::UnfreezeBucp);
  router.Bind(this, &LifecycleService::WithdrawBucp);
  router.Bind(this, &LifecycleService::CompleteReviews);
  router.Bind(this, &LifecycleService::CompleteSignatures);
  router.Bind(this, &LifecycleService::HoldBucp);
  router.Bind(this, &LifecycleService::ReleaseBucp);
  router.Bind(this, &LifecycleService::RejectBucp);
  router.Bind(this, &LifecycleService::RecordFiling);
  router.Bind(this, &LifecycleService::EndBucp);
}

absl::StatusOr<v1::SendBucpResponse> LifecycleService::SendBucp(rpc::Call& call,
                                                                const v1::SendBucpRequest& request) {
  ASSIGN_OR_RETURN(auto response, Answer<v1::SendBucpResponse>(
                                      call, {.on = "SendBucp",
                                             .name = request.name(),
                                             .etag = request.etag(),
                                             .summary = "sent to the Data Provider",
                                             .change = [&call](v1::Bucp& bucp) {
                                               Show(bucp);
                                               if (!bucp.has_send_time()) {
                                                 *bucp.mutable_send_time() = clock::ToProto(call.now());
                                               }
                                               return CheckEndDate(bucp.content(), call.today());
                                             }}));
  for (const std::string& provider : ProvidersToInvite(response.bucp().content()))
    response.add_invite(provider);
  return response;
}

absl::StatusOr<v1::ShareBucpResponse> LifecycleService::ShareBucp(rpc::Call& call,
                                                                  const v1::ShareBucpRequest& request) {
  return Answer<v1::ShareBucpResponse>(call, {.on = "ShareBucp",
                                              .name = request.name(),
                                              .etag = request.etag(),
                                              .summary = "the draft was shown to the Data Provider",
                                              .change = [](v1::Bucp& bucp) {
                                                Show(bucp);
                                                return absl::OkStatus();
                                              }});
}

absl::StatusOr<v1::SetBucpSenderResponse> LifecycleService::SetBucpSender(
    rpc::Call& call, const v1::SetBucpSenderRequest& request) {
  const std::string& sender = request.sender();
  const auto set = [&sender](v1::Bucp& bucp) -> absl::Status {
    const auto& recipients = bucp.content().recipients();
    if (!sender.empty() && std::find(recipients.begin(), recipients.end(), sender) == recipients.end()) {
      return status::Error(status::Reason::ERROR_REASON_INVALID_FIELD, "sender: a Data Recipient of the BUCP")
          .Field("sender", "a Data Recipient of the BUCP");
    }
    bucp.set_sender(sender);
    return absl::OkStatus();
  };
  return Answer<v1::SetBucpSenderResponse>(
      call, {.on = "SetBucpSender",
             .name = request.name(),
             .etag = request.etag(),
             .summary = sender.empty() ? "only the first Data Recipient sends" : sender + " may send",
             .change = set});
}

absl::StatusOr<v1::ReturnBucpResponse> LifecycleService::ReturnBucp(rpc::Call& call,
                                                                    const v1::ReturnBucpRequest& request) {
  return Answer<v1::ReturnBucpResponse>(call, {.on = "ReturnBucp",
                                               .name = request.name(),
                                               .etag = request.etag(),
                                               .reason = request.reason(),
                                               .summary = "returned to the Data Recipient"});
}

absl::StatusOr<Signatories> LifecycleService::GatherForFreeze(rpc::Call& call,
                                                              const v1::FreezeBucpRequest& request) {
  v1::Bucp bucp;
  RETURN_IF_ERROR(call.ReadSnapshot([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(bucp, FindVisible(db, call.caller(), request.name()));
    return absl::OkStatus();
  }));
  // In another state the flow refuses the step anyway.
  if (bucp.state() != v1::STATE_SENT) return Signatories();
  return Confirm(server::RegistryClient(peers_, call.context()), SignatoriesOf(bucp.content()));
}

absl::StatusOr<v1::FreezeBucpResponse> LifecycleService::FreezeBucp(rpc::Call& call,
                                                                    const v1::FreezeBucpRequest& request,
                                                                    const Signatories& signatories) {
  return Answer<v1::FreezeBucpResponse>(
      call, {.on = "FreezeBucp",
             .name = request.name(),
             .etag = request.etag(),
             .summary = "frozen for legal, privacy and security review",
             .change = [&](v1::Bucp& bucp) -> absl::Status {
               RETURN_IF_ERROR(CheckSignatories(signatories));
               RETURN_IF_ERROR(CheckEndDate(bucp.content(), call.today()));
               bucp.set_frozen_revision(ids::kRevisions.Name(bucp.name(), std::to_string(bucp.revision())));
               bucp.set_frozen_digest(digest::Digest(bucp.content()));
               bucp.set_freeze_number(bucp.freeze_number() + 1);
               return absl::OkStatus();
             }});
}

absl::StatusOr<v1::UnfreezeBucpResponse> LifecycleService::UnfreezeBucp(
    rpc::Call& call, const v1::UnfreezeBucpRequest& request) {
  StepRequest step_request = {.on = "UnfreezeBucp",
                              .name = request.name(),
                              .etag = request.etag(),
                              .reason = request.reason(),
                              .summary = "taken back to editing"};
  if (!call.caller().service.empty()) {
    step_request.freeze = FreezeOf(request);
  } else if (!request.digest().empty() || request.freeze_number() != 0) {
    // A person may name only the digest, only the number, or neither.
    ASSIGN_OR_RETURN(const v1::Bucp bucp, FindVisible(call, request.name()));
    step_request.freeze =
        Freeze{request.digest().empty() ? bucp.frozen_digest() : request.digest(),
               request.freeze_number() == 0 ? bucp.freeze_number() : request.freeze_number()};
  }
  return Answer<v1::UnfreezeBucpResponse>(call, step_request);
}

absl::StatusOr<v1::WithdrawBucpResponse> LifecycleService::WithdrawBucp(
    rpc::Call& call, const v1::WithdrawBucpRequest& request) {
  return Answer<v1::WithdrawBucpResponse>(call, {.on = "WithdrawBucp",
                                                 .name = request.name(),
                                                 .etag = request.etag(),
                                                 .reason = request.reason(),
                                                 .summary = "withdrawn by the Data Recipient",
                                                 .change = ForgetHold});
}

absl::StatusOr<v1::CompleteReviewsResponse> LifecycleService::CompleteReviews(
    rpc::Call& call, const v1::CompleteReviewsRequest& request) {
  return Answer<v1::CompleteReviewsResponse>(call, {.on = "CompleteReviews",
                                                    .name = request.name(),
                                                    .freeze = FreezeOf(request),
                                                    .summary = "every opinion is registered"});
}

absl::StatusOr<v1::CompleteSignaturesResponse> LifecycleService::CompleteSignatures(
    rpc::Call& call, const v1::CompleteSignaturesRequest& request) {
  ASSIGN_OR_RETURN(auto response, Answer<v1::CompleteSignaturesResponse>(
                                      call, {.on = "CompleteSignatures",
                                             .name = request.name(),
                                             .freeze = FreezeOf(request),
                                             .summary = "signed by all: the agreement is executed",
                                             .change = [&call](v1::Bucp& bucp) {
                                               *bucp.mutable_execute_time() = clock::ToProto(call.now());
                                               return absl::OkStatus();
                                             }}));
  const v1::Bucp& executed = response.bucp();
  // If the amended agreement is no longer in force, the amendment was closed instead.
  if (executed.state() != v1::STATE_EXECUTED || executed.amends().empty()) return response;
  ASSIGN_OR_RETURN(v1::Bucp old, FindBucp(call.db(), executed.amends()));
  const StepRequest supersede = {.on = "SupersedeBucp",
                                 .name = old.name(),
                                 .summary = "superseded by " + executed.name(),
                                 .change = [&executed](v1::Bucp& bucp) {
                                   bucp.set_superseded_by(executed.name());
                                   return absl::OkStatus();
                                 }};
  RETURN_IF_ERROR(Transition(ScopeOf(call), supersede, flow::kDrafting, std::move(old)).status());
  return response;
}

absl::StatusOr<v1::HoldBucpResponse> LifecycleService::HoldBucp(rpc::Call& call,
                                                                const v1::HoldBucpRequest& request) {
  ASSIGN_OR_RETURN(const v1::Bucp before, FindVisible(call, request.name()));
  return Answer<v1::HoldBucpResponse>(call, {.on = "HoldBucp",
                                             .name = request.name(),
                                             .summary = "held by a dispute",
                                             .change = [&](v1::Bucp& bucp) {
                                               bucp.set_disputed_before(bucp.disputed());
                                               bucp.set_disputed(true);
                                               bucp.set_dispute(request.dispute());
                                               bucp.set_held_from(before.state());
                                               return absl::OkStatus();
                                             }});
}

absl::StatusOr<v1::ReleaseBucpResponse> LifecycleService::ReleaseBucp(rpc::Call& call,
                                                                      const v1::ReleaseBucpRequest& request) {
  return Answer<v1::ReleaseBucpResponse>(
      call, {.on = "ReleaseBucp",
             .name = request.name(),
             .dispute = request.dispute(),
             .withdrawn = request.withdrawn(),
             .reason = request.outcome(),
             .summary = request.approved()    ? "released, for the dispute was decided for sharing"
                        : request.withdrawn() ? "released, for the dispute was withdrawn"
                                              : "released after the dispute",
             .change = [&request](v1::Bucp& bucp) {
               if (request.approved()) bucp.set_approved_in_dispute(true);
               return ForgetHold(bucp);
             }});
}

absl::StatusOr<v1::RejectBucpResponse> LifecycleService::RejectBucp(rpc::Call& call,
                                                                    const v1::RejectBucpRequest& request) {
  return Answer<v1::RejectBucpResponse>(call, {.on = "RejectBucp",
                                               .name = request.name(),
                                               .dispute = request.dispute(),
                                               .reason = request.outcome(),
                                               .summary = "not approved",
                                               .change = ForgetHold});
}

absl::StatusOr<v1::RecordFilingResponse> LifecycleService::RecordFiling(
    rpc::Call& call, const v1::RecordFilingRequest& request) {
  return Answer<v1::RecordFilingResponse>(call, {.on = "RecordFiling",
                                                 .name = request.name(),
                                                 .summary = "filed with the Statewide CDO",
                                                 .change = [&](v1::Bucp& bucp) {
                                                   bucp.set_filing(request.filing());
                                                   return absl::OkStatus();
                                                 }});
}

absl::StatusOr<v1::EndBucpResponse> LifecycleService::EndBucp(rpc::Call& call,
                                                              const v1::EndBucpRequest& request) {
  ASSIGN_OR_RETURN(auto response, Answer<v1::EndBucpResponse>(call, {.on = "EndBucp",
                                                                     .name = request.name(),
                                                                     .reason = request.reason(),
                                                                     .summary = "the agreement ended"}));
  RETURN_IF_ERROR(CloseOpenAmendment(ScopeOf(call), request.name()));
  return response;
}

}  // namespace idea::drafting
