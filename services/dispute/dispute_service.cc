#include "services/dispute/dispute_service.h"

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/dispute/dispute_moves.h"
#include "services/dispute/dispute_store.h"

namespace idea::dispute {
namespace {

using status::Error;

// The dispute, if the caller sees it; NOT_FOUND alike if not and if it is not there.
absl::StatusOr<v1::Dispute> See(rpc::Call& call, const std::string& name) {
  ASSIGN_OR_RETURN(auto dispute, FindDispute(call.db(), name));
  if (!dispute || !Sees(call.caller(), *dispute)) {
    return Error(Reason::ERROR_REASON_NOT_FOUND, "there is no such dispute of the caller's")
        .With("name", name);
  }
  return *std::move(dispute);
}

// A provider objects; a disagreement on method or costs is any party's.
absl::Status CheckOpener(const rpc::Call& call, const v1::Dispute& dispute) {
  const flow::Parts by = dispute.category() == v1::CATEGORY_PROVIDER_OBJECTS ? flow::kProvider : flow::kParty;
  if ((PartsOf(call.caller(), dispute) & by) != 0) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_NOT_YOUR_STEP, "OpenDispute is a step of: " + flow::NamesOf(by))
      .With("by", flow::NamesOf(by));
}

// The dispute as it would be opened, its track not yet chosen.
v1::Dispute NewDispute(const rpc::Call& call, const v1::OpenDisputeRequest& request,
                       const OpeningFacts& facts) {
  v1::Dispute dispute;
  dispute.set_name("disputes/" + ids::NewUuid());
  dispute.set_bucp(request.bucp());
  dispute.set_title(facts.bucp.title());
  dispute.set_category(request.category());
  dispute.set_objection(request.objection());
  dispute.set_opened_by(call.caller().entity);
  *dispute.mutable_recipients() = facts.bucp.content().recipients();
  *dispute.mutable_providers() = facts.bucp.content().providers();
  return dispute;
}

// Whether nothing stands in the way of a dispute on this BUCP.
absl::Status CheckBucp(rpc::Call& call, const drafting::v1::Bucp& bucp) {
  ASSIGN_OR_RETURN(const std::string open, FindOpenDispute(call.db(), bucp.name()));
  if (!open.empty()) {
    return Error(Reason::ERROR_REASON_DISPUTE_OPEN, "a dispute on this BUCP is open").With("dispute", open);
  }
  if (CanBeHeld(bucp)) return absl::OkStatus();
  const std::string state = flow::NameOf(bucp.state());
  return Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED,
               "OpenDispute is not possible for a BUCP in state " + state)
      .With("state", state);
}

}  // namespace

void DisputeService::Bind(rpc::Router& router) {
  router.Bind(this, &DisputeService::GatherOpening, &DisputeService::OpenDispute);
  router.Bind(this, &DisputeService::GetDispute);
  router.Bind(this, &DisputeService::ListDisputes);
  router.Bind(this, &DisputeService::SubmitStatement);
  router.Bind(this, &DisputeService::SettleDispute);
  router.Bind(this, &DisputeService::EscalateDispute);
  router.Bind(this, &DisputeService::DecideDispute);
  router.Bind(this, &DisputeService::WithdrawDispute);
}

absl::StatusOr<Step> DisputeService::Decide(const rpc::Call& call, const v1::Dispute& dispute,
                                            std::string_view on, bool approve) {
  Facts facts = FactsOf(dispute);
  facts.approve = approve;
  return flow::Decide(kFlow, dispute.state(), on, PartsOf(call.caller(), dispute), facts);
}

absl::StatusOr<OpeningFacts> DisputeService::GatherOpening(rpc::Call& call,
                                                           const v1::OpenDisputeRequest& request) {
  return AskOpeningFacts(ask_, call.context(), request.bucp(), call.caller().entity);
}

absl::StatusOr<v1::OpenDisputeResponse> DisputeService::OpenDispute(rpc::Call& call,
                                                                    const v1::OpenDisputeRequest& request,
                                                                    const OpeningFacts& facts) {
  v1::Dispute dispute = NewDispute(call, request, facts);
  RETURN_IF_ERROR(CheckOpener(call, dispute));
  RETURN_IF_ERROR(CheckBucp(call, facts.bucp));
  ASSIGN_OR_RETURN(const v1::Track track, TrackOf(facts));
  dispute.set_track(track);
  dispute.set_state(FirstState(track == v1::TRACK_ALL_UNDER_GOVERNOR));
  if (track == v1::TRACK_ALL_UNDER_GOVERNOR) {
    for (const std::string& agency : AgenciesOf(facts)) dispute.add_agencies(agency);
  }
  RETURN_IF_ERROR(InsertDispute(call.db(), dispute, ViewersOf(dispute), call.now()));
  TellMoved(call.scribe(), offices_, "DisputeOpened", "agreement 5.2", dispute.state(), dispute,
            dispute.opened_by() + " opened a dispute on \"" + dispute.title() + "\".");
  v1::OpenDisputeResponse response;
  ASSIGN_OR_RETURN(*response.mutable_dispute(), See(call, dispute.name()));
  return response;
}

absl::StatusOr<v1::GetDisputeResponse> DisputeService::GetDispute(rpc::Call& call,
                                                                  const v1::GetDisputeRequest& request) {
  v1::GetDisputeResponse response;
  ASSIGN_OR_RETURN(*response.mutable_dispute(), See(call, request.name()));
  return response;
}

absl::StatusOr<v1::ListDisputesResponse> DisputeService::ListDisputes(
    rpc::Call& call, const v1::ListDisputesRequest& request) {
  const auth::Caller& caller = call.caller();
  return dispute::ListDisputes(call.db(), request,
                               SeesAll(caller) ? std::nullopt : std::optional<std::string>(caller.entity));
}

absl::StatusOr<v1::SubmitStatementResponse> DisputeService::SubmitStatement(
    rpc::Call& call, const v1::SubmitStatementRequest& request) {
  ASSIGN_OR_RETURN(v1::Dispute dispute, See(call, request.name()));
  v1::Statement statement;
  statement.set_entity(call.caller().entity);
  statement.set_person(call.caller().person);
  statement.set_text(request.text());
  *statement.mutable_submit_time() = clock::ToProto(call.now());
  *dispute.add_statements() = statement;
  ASSIGN_OR_RETURN(const Step step, Decide(call, dispute, "SubmitStatement"));
  RETURN_IF_ERROR(InsertStatement(call.db(), dispute.name(), statement, call.now()));
  RETURN_IF_ERROR(
      Take(step, call.db(), call.scribe(), offices_, statement.entity() + " gave its statement.", dispute));
  v1::SubmitStatementResponse response;
  *response.mutable_dispute() = std::move(dispute);
  return response;
}

absl::StatusOr<v1::SettleDisputeResponse> DisputeService::SettleDispute(
    rpc::Call& call, const v1::SettleDisputeRequest& request) {
  ASSIGN_OR_RETURN(v1::Dispute dispute, See(call, request.name()));
  ASSIGN_OR_RETURN(const Step step, Decide(call, dispute, "SettleDispute"));
  dispute.set_outcome(request.outcome());
  RETURN_IF_ERROR(Take(step, call.db(), call.scribe(), offices_, "The parties agree.", dispute));
  v1::SettleDisputeResponse response;
  *response.mutable_dispute() = std::move(dispute);
  return response;
}

absl::StatusOr<v1::EscalateDisputeResponse> DisputeService::EscalateDispute(
    rpc::Call& call, const v1::EscalateDisputeRequest& request) {
  ASSIGN_OR_RETURN(v1::Dispute dispute, See(call, request.name()));
  ASSIGN_OR_RETURN(const Step step, Decide(call, dispute, "EscalateDispute"));
  dispute.set_recommendation(request.recommendation());
  std::string summary = "Mediation failed: the dispute goes to the next level.";
  if (!IsOpen(step.to)) {
    summary = "Mediation failed and a party is outside the Governor's authority: the BUCP is not approved.";
    dispute.set_outcome(summary);
  }
  RETURN_IF_ERROR(Take(step, call.db(), call.scribe(), offices_, summary, dispute));
  v1::EscalateDisputeResponse response;
  *response.mutable_dispute() = std::move(dispute);
  return response;
}

absl::StatusOr<v1::DecideDisputeResponse> DisputeService::DecideDispute(
    rpc::Call& call, const v1::DecideDisputeRequest& request) {
  ASSIGN_OR_RETURN(v1::Dispute dispute, See(call, request.name()));
  const bool approve = request.decision() == v1::DECISION_APPROVE;
  ASSIGN_OR_RETURN(const Step step, Decide(call, dispute, "DecideDispute", approve));
  dispute.set_outcome(request.reasons());
  RETURN_IF_ERROR(Take(step, call.db(), call.scribe(), offices_,
                       approve ? "The Governor's Office decided for sharing."
                               : "The Governor's Office decided against sharing.",
                       dispute));
  v1::DecideDisputeResponse response;
  *response.mutable_dispute() = std::move(dispute);
  return response;
}

absl::StatusOr<v1::WithdrawDisputeResponse> DisputeService::WithdrawDispute(
    rpc::Call& call, const v1::WithdrawDisputeRequest& request) {
  ASSIGN_OR_RETURN(v1::Dispute dispute, See(call, request.name()));
  ASSIGN_OR_RETURN(const Step step, Decide(call, dispute, "WithdrawDispute"));
  dispute.set_outcome(request.reason());
  RETURN_IF_ERROR(
      Take(step, call.db(), call.scribe(), offices_, dispute.opened_by() + " took it back.", dispute));
  v1::WithdrawDisputeResponse response;
  *response.mutable_dispute() = std::move(dispute);
  return response;
}

}  // namespace idea::dispute
