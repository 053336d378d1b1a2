#include "services/dispute/dispute_service.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "common/ids/resource_names.h"
#include "common/listing/limit.h"
#include "common/status/status.h"
#include "services/dispute/dispute_events.h"
#include "services/dispute/dispute_store.h"
#include "services/dispute/dispute_transition.h"
#include "services/dispute/settlement_rules.h"
#include "services/dispute/track_rules.h"

namespace idea::dispute {
namespace {

using status::Error;

// Returns the dispute. NOT_FOUND if it does not exist or the caller may not see it.
absl::StatusOr<v1::Dispute> FindVisible(rpc::Call& call, const std::string& name) {
  ASSIGN_OR_RETURN(auto dispute, FindDispute(call.db(), name));
  if (!dispute || !IsVisible(*dispute, call.caller())) {
    return Error(Reason::ERROR_REASON_NOT_FOUND,
                 "the dispute does not exist, or the caller does not take part in it")
        .With("name", name);
  }
  UpdateWaitsFor(*dispute);
  return *std::move(dispute);
}

Actor ActorOf(const rpc::Call& call) {
  const auth::Caller& caller = call.caller();
  return {caller.entity, caller.person, caller.on_behalf};
}

// The person who takes a step of `by`. The step of an office is taken in the role of the office: a person who
// has the role by a delegation acts for somebody else.
Actor ActorIn(rpc::Call& call, const v1::Dispute& dispute, flow::Roles by) {
  const auto roles = ContactRolesIn(call.caller(), dispute, by);
  if (!roles.empty()) call.ActIn(roles);
  return ActorOf(call);
}

// NOT_YOUR_STEP if a party that is not a provider objects to the exchange. Any party disputes method or
// costs.
absl::Status CheckOpener(const rpc::Call& call, const v1::Dispute& dispute, const drafting::v1::Bucp& bucp) {
  if (dispute.category() != v1::CATEGORY_PROVIDER_OBJECTS ||
      absl::c_linear_search(bucp.content().providers(), call.caller().entity))
    return absl::OkStatus();
  const std::string by = flow::NamesOf(flow::kProvider);
  return Error(Reason::ERROR_REASON_NOT_YOUR_STEP, "OpenDispute is a step of: " + by).With("by", by);
}

absl::Status CheckCosts(const v1::OpenDisputeRequest& request) {
  if ((request.category() == v1::CATEGORY_COSTS) == request.has_costs()) return absl::OkStatus();
  const char* expected = request.has_costs()
                             ? "not set, because the category is not CATEGORY_COSTS"
                             : "amounts and frequency, because the category is CATEGORY_COSTS";
  return Error(Reason::ERROR_REASON_INVALID_FIELD, std::string("costs: ") + expected)
      .Field("costs", expected);
}

// The summary of a mediation that failed. `holds`: the dispute holds the BUCP.
std::string EscalationSummary(const Step& step, bool holds) {
  if (!IsOpen(step.to)) {
    return "Mediation failed and a party is outside the Governor's authority: " +
           std::string(holds ? "the BUCP is not approved."
                             : "the disputed point is not approved; the agreement stays in force.");
  }
  if (step.from == STATE_UNDERSECRETARIES_DECIDE)
    return "The Undersecretaries could not resolve the dispute: the Governor's Office decides.";
  if (step.from == STATE_STATEMENTS)
    return "Both sides have submitted statements, but not all parties: the Statewide CDO mediates.";
  if (step.to == STATE_STATEMENTS) return "Mediation failed: written statements follow.";
  if (step.to == STATE_UNDERSECRETARIES_DECIDE) return "Mediation failed: the Undersecretaries decide.";
  return "Mediation failed: the Governor's Office decides.";
}

// The caller's statement with this text.
v1::Statement StatementOf(const rpc::Call& call, const std::string& text) {
  v1::Statement statement;
  statement.set_entity(call.caller().entity);
  statement.set_person(call.caller().person);
  statement.set_text(text);
  return statement;
}

// INVALID_FIELD if the text of a statement takes more bytes than the department's share. The share guarantees
// every department space for its statement.
absl::Status CheckShare(const v1::Dispute& dispute, const std::string& text) {
  const int departments = dispute.recipients_size() + dispute.providers_size();
  const size_t share = listing::kMaxStatementsBytes / static_cast<size_t>(std::max(departments, 1));
  if (text.size() <= share) return absl::OkStatus();
  const std::string expected = "at most " + std::to_string(share) + " bytes, as " +
                               std::to_string(departments) + " departments submit statements";
  return Error(Reason::ERROR_REASON_INVALID_FIELD, "text: " + expected).Field("text", expected);
}

// LIMIT_REACHED if the dispute is too large for a step that can be repeated.
absl::Status CheckRoom(const v1::Dispute& dispute) {
  return listing::CheckLimit(listing::kBytesOfDispute, static_cast<int64_t>(dispute.ByteSizeLong()));
}

}  // namespace

void DisputeService::Bind(rpc::Router& router) {
  using S = DisputeService;
  router.Bind(this, &S::GatherOpening, &S::OpenDispute);
  router.Bind(this, &S::GatherTrack, &S::ExplainTrack);
  router.Bind(this, &S::GetDispute);
  router.Bind(this, &S::ListDisputes);
  router.Bind(this, &S::GatherPart<v1::SubmitStatementRequest>, &S::SubmitStatement);
  router.Bind(this, &S::GatherPart<v1::AmendStatementRequest>, &S::AmendStatement);
  router.Bind(this, &S::GatherPart<v1::RecordMeetingRequest>, &S::RecordMeeting);
  router.Bind(this, &S::GatherPart<v1::SettleDisputeRequest>, &S::SettleDispute);
  router.Bind(this, &S::GatherPart<v1::ConfirmSettlementRequest>, &S::ConfirmSettlement);
  router.Bind(this, &S::EndDispute);
  router.Bind(this, &S::GatherPart<v1::EscalateDisputeRequest>, &S::EscalateDispute);
  router.Bind(this, &S::GatherPart<v1::DecideDisputeRequest>, &S::DecideDispute);
  router.Bind(this, &S::GatherPart<v1::WithdrawDisputeRequest>, &S::WithdrawDispute);
}

absl::Status DisputeService::Transition(rpc::Call& call, std::string_view on, const Facts& facts,
                                        const Change& change, v1::Dispute& dispute) const {
  const StepRequest step_request = {
      .on = on,
      .by = RolesOf(call.caller(), dispute),
      .facts = facts,
      .actor = [&](const Step& step) { return ActorIn(call, dispute, step.by); },
      .change = change};
  return dispute::Transition({call.db(), call.recorder(), offices_}, step_request, dispute);
}

absl::Status DisputeService::GatherPartIn(rpc::Call& call, const std::string& name, const std::string& act) {
  std::string bucp;
  RETURN_IF_ERROR(call.ReadSnapshot([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(const auto dispute, FindDispute(db, name));
    // The step itself refuses a dispute that is over or in which the caller has no role.
    const bool acts = dispute && IsOpen(dispute->state()) && RolesOf(call.caller(), *dispute) != 0;
    bucp = acts ? dispute->bucp() : "";
    return absl::OkStatus();
  }));
  return bucp.empty() ? absl::OkStatus() : ClaimPart(peers_, call, bucp, act);
}

absl::StatusOr<OpeningFacts> DisputeService::GatherOpening(rpc::Call& call,
                                                           const v1::OpenDisputeRequest& request) {
  ASSIGN_OR_RETURN(OpeningFacts facts, GatherOpeningFacts(peers_, call.context(), offices_, request.bucp(),
                                                          call.caller().entity, call.now()));
  RETURN_IF_ERROR(ClaimPart(peers_, call, request.bucp(), request.request_id()));
  return facts;
}

absl::StatusOr<v1::OpenDisputeResponse> DisputeService::OpenDispute(rpc::Call& call,
                                                                    const v1::OpenDisputeRequest& request,
                                                                    const OpeningFacts& facts) {
  v1::Dispute dispute;
  dispute.set_bucp(request.bucp());
  dispute.set_category(request.category());
  dispute.set_objection(request.objection());
  dispute.set_opened_by(call.caller().entity);
  if (request.has_costs()) *dispute.mutable_costs() = request.costs();
  RETURN_IF_ERROR(CheckOpener(call, dispute, facts.bucp));
  RETURN_IF_ERROR(CheckCosts(request));
  v1::OpenDisputeResponse response;
  ASSIGN_OR_RETURN(*response.mutable_dispute(),
                   dispute::OpenDispute(call.db(), call.recorder(), offices_, process_, facts, ActorOf(call),
                                        std::move(dispute)));
  return response;
}

absl::StatusOr<OpeningFacts> DisputeService::GatherTrack(rpc::Call& call,
                                                         const v1::ExplainTrackRequest& request) {
  if (!ids::kDisputes.IdIn(request.name()).empty()) return OpeningFacts();
  if (ids::kBucps.IdIn(request.name()).empty()) {
    return Error(Reason::ERROR_REASON_INVALID_FIELD, "name: disputes/{id} or bucps/{id}")
        .Field("name", "disputes/{id} or bucps/{id}");
  }
  return GatherOpeningFacts(peers_, call.context(), offices_, request.name(),
                            VisibilityOf(call.caller()).all() ? "" : call.caller().entity, call.now());
}

absl::StatusOr<v1::ExplainTrackResponse> DisputeService::ExplainTrack(rpc::Call& call,
                                                                      const v1::ExplainTrackRequest& request,
                                                                      const OpeningFacts& facts) {
  v1::ExplainTrackResponse response;
  if (!ids::kBucps.IdIn(request.name()).empty()) {
    *response.mutable_explanation() = Explain(process_, facts, offices_);
    return response;
  }
  ASSIGN_OR_RETURN(v1::Dispute dispute, FindVisible(call, request.name()));
  *response.mutable_explanation() = std::move(*dispute.mutable_explanation());
  return response;
}

absl::StatusOr<v1::GetDisputeResponse> DisputeService::GetDispute(rpc::Call& call,
                                                                  const v1::GetDisputeRequest& request) {
  v1::GetDisputeResponse response;
  ASSIGN_OR_RETURN(*response.mutable_dispute(), FindVisible(call, request.name()));
  return response;
}

absl::StatusOr<v1::ListDisputesResponse> DisputeService::ListDisputes(
    rpc::Call& call, const v1::ListDisputesRequest& request) {
  ASSIGN_OR_RETURN(auto page, dispute::ListDisputes(call.db(), request, VisibilityOf(call.caller())));
  v1::ListDisputesResponse response;
  response.set_next_page_token(page.next_page_token());
  for (v1::Dispute& dispute : *page.mutable_disputes()) {
    UpdateWaitsFor(dispute);
    if (!request.waits_for().empty() && !WaitsFor(dispute, request.waits_for())) continue;
    dispute.clear_explanation();
    dispute.clear_statements();
    dispute.clear_history();
    *response.add_disputes() = std::move(dispute);
  }
  return response;
}

absl::StatusOr<v1::SubmitStatementResponse> DisputeService::SubmitStatement(
    rpc::Call& call, const v1::SubmitStatementRequest& request) {
  ASSIGN_OR_RETURN(v1::Dispute dispute, FindVisible(call, request.name()));
  // The facts include the statement.
  v1::Statement& statement = *dispute.add_statements();
  statement = StatementOf(call, request.text());
  *statement.mutable_submit_time() = clock::ToProto(call.now());
  const auto submit = [&](const Step&, v1::Dispute&) -> absl::StatusOr<StepText> {
    RETURN_IF_ERROR(CheckShare(dispute, request.text()));
    if (const auto& for_whom = call.caller().on_behalf) *statement.mutable_on_behalf() = *for_whom;
    RETURN_IF_ERROR(InsertStatement(call.db(), dispute.name(), statement, call.now()));
    return StepText{statement.entity() + " gave its statement."};
  };
  RETURN_IF_ERROR(Transition(call, "SubmitStatement", FactsOf(dispute), submit, dispute));
  v1::SubmitStatementResponse response;
  *response.mutable_dispute() = std::move(dispute);
  return response;
}

absl::StatusOr<v1::AmendStatementResponse> DisputeService::AmendStatement(
    rpc::Call& call, const v1::AmendStatementRequest& request) {
  ASSIGN_OR_RETURN(v1::Dispute dispute, FindVisible(call, request.name()));
  const auto amend = [&](const Step&, v1::Dispute&) -> absl::StatusOr<StepText> {
    RETURN_IF_ERROR(CheckShare(dispute, request.text()));
    RETURN_IF_ERROR(CheckRoom(dispute));
    v1::Statement statement = StatementOf(call, request.text());
    if (const auto& for_whom = call.caller().on_behalf) *statement.mutable_on_behalf() = *for_whom;
    *statement.mutable_amend_time() = clock::ToProto(call.now());
    RETURN_IF_ERROR(dispute::AmendStatement(call.db(), dispute.name(), statement));
    return StepText{statement.entity() + " changed its statement."};
  };
  RETURN_IF_ERROR(Transition(call, "AmendStatement", FactsOf(dispute), amend, dispute));
  v1::AmendStatementResponse response;
  ASSIGN_OR_RETURN(*response.mutable_dispute(), FindVisible(call, request.name()));
  return response;
}

absl::StatusOr<v1::RecordMeetingResponse> DisputeService::RecordMeeting(
    rpc::Call& call, const v1::RecordMeetingRequest& request) {
  ASSIGN_OR_RETURN(v1::Dispute dispute, FindVisible(call, request.name()));
  v1::Meeting meeting = request.meeting();
  const auto add = [&](const Step& step, v1::Dispute& changed) -> absl::StatusOr<StepText> {
    const absl::CivilDay day(meeting.date().year(), meeting.date().month(), meeting.date().day());
    if (day > days_.DayOf(call.now())) {
      return Error(Reason::ERROR_REASON_INVALID_FIELD, "meeting.date: not after today")
          .Field("meeting.date", "not after today");
    }
    meeting.set_entity(call.caller().entity);
    meeting.set_person(call.caller().person);
    if (const auto& for_whom = call.caller().on_behalf) *meeting.mutable_on_behalf() = *for_whom;
    meeting.set_state(step.from);
    *meeting.mutable_record_time() = clock::ToProto(call.now());
    *changed.add_meetings() = meeting;
    RETURN_IF_ERROR(CheckRoom(changed));
    return StepText{"A mediation meeting was recorded."};
  };
  RETURN_IF_ERROR(Transition(call, "RecordMeeting", FactsOf(dispute), add, dispute));
  RETURN_IF_ERROR(InsertMeeting(call.db(), dispute, meeting));
  v1::RecordMeetingResponse response;
  *response.mutable_dispute() = std::move(dispute);
  return response;
}

absl::StatusOr<v1::SettleDisputeResponse> DisputeService::SettleDispute(
    rpc::Call& call, const v1::SettleDisputeRequest& request) {
  ASSIGN_OR_RETURN(v1::Dispute dispute, FindVisible(call, request.name()));
  const auto settle = [&](const Step& step, v1::Dispute& changed) -> absl::StatusOr<StepText> {
    if (!request.interagency_agreement().empty() && changed.category() != v1::CATEGORY_COSTS) {
      return Error(Reason::ERROR_REASON_INVALID_FIELD, "interagency_agreement: only in a dispute on costs")
          .Field("interagency_agreement", "not set: the dispute is not about costs");
    }
    if (IsOpen(step.to)) RETURN_IF_ERROR(CheckRoom(changed));
    ProposeSettlement(call.caller(), request, call.now(), changed);
    if (!IsOpen(step.to)) ApplySettlement(changed);
    const std::string summary =
        IsOpen(step.to) ? call.caller().entity + " proposes a settlement, which the parties must confirm."
                        : "The parties agree.";
    return StepText{summary, request.outcome()};
  };
  RETURN_IF_ERROR(Transition(call, "SettleDispute", FactsOf(dispute), settle, dispute));
  v1::SettleDisputeResponse response;
  *response.mutable_dispute() = std::move(dispute);
  return response;
}

absl::StatusOr<v1::ConfirmSettlementResponse> DisputeService::ConfirmSettlement(
    rpc::Call& call, const v1::ConfirmSettlementRequest& request) {
  ASSIGN_OR_RETURN(v1::Dispute dispute, FindVisible(call, request.name()));
  // First checks whether the caller may take the step in this state, then the settlement, which is a fact.
  constexpr std::string_view kOn = "ConfirmSettlement";
  ASSIGN_OR_RETURN(const Step allowed, Decide(dispute.process(), dispute.state(), kOn,
                                              RolesOf(call.caller(), dispute), FactsOf(dispute)));
  ActorIn(call, dispute, allowed.by);
  RETURN_IF_ERROR(dispute::ConfirmSettlement(call.caller(), request.settlement(), call.now(), dispute));
  const auto confirm = [&](const Step& step, v1::Dispute& changed) -> absl::StatusOr<StepText> {
    if (!IsOpen(step.to)) ApplySettlement(changed);
    return StepText{
        IsOpen(step.to) ? call.caller().entity + " agrees to the settlement." : "The parties agree.",
        changed.settlement().text()};
  };
  RETURN_IF_ERROR(Transition(call, kOn, FactsOf(dispute), confirm, dispute));
  v1::ConfirmSettlementResponse response;
  *response.mutable_dispute() = std::move(dispute);
  return response;
}

absl::StatusOr<v1::EndDisputeResponse> DisputeService::EndDispute(rpc::Call& call,
                                                                  const v1::EndDisputeRequest& request) {
  ASSIGN_OR_RETURN(v1::Dispute dispute, FindVisible(call, request.name()));
  const auto end = [&](const Step&, v1::Dispute& ended) -> absl::StatusOr<StepText> {
    ended.set_outcome("The Data Recipient withdrew the BUCP" +
                      (request.reason().empty() ? "." : ": " + request.reason()));
    return StepText{"The BUCP was withdrawn: the dispute is over.", ended.outcome()};
  };
  RETURN_IF_ERROR(Transition(call, "EndDispute", FactsOf(dispute), end, dispute));
  v1::EndDisputeResponse response;
  *response.mutable_dispute() = std::move(dispute);
  return response;
}

absl::StatusOr<v1::EscalateDisputeResponse> DisputeService::EscalateDispute(
    rpc::Call& call, const v1::EscalateDisputeRequest& request) {
  ASSIGN_OR_RETURN(v1::Dispute dispute, FindVisible(call, request.name()));
  Facts facts = FactsOf(dispute);
  facts.mediated |= !request.no_meeting_reason().empty();
  const auto escalate = [&](const Step& step, v1::Dispute& changed) -> absl::StatusOr<StepText> {
    changed.set_recommendation(request.recommendation());
    // The settlement proposed at this level no longer counts.
    changed.clear_settlement();
    const std::string summary = EscalationSummary(step, changed.holds());
    if (!IsOpen(step.to)) changed.set_outcome(summary);
    const std::string no_meeting =
        request.no_meeting_reason().empty() ? "" : "\nNo meeting was held: " + request.no_meeting_reason();
    return StepText{summary, request.recommendation() + no_meeting};
  };
  RETURN_IF_ERROR(Transition(call, "EscalateDispute", facts, escalate, dispute));
  v1::EscalateDisputeResponse response;
  *response.mutable_dispute() = std::move(dispute);
  return response;
}

absl::StatusOr<v1::DecideDisputeResponse> DisputeService::DecideDispute(
    rpc::Call& call, const v1::DecideDisputeRequest& request) {
  ASSIGN_OR_RETURN(v1::Dispute dispute, FindVisible(call, request.name()));
  // The facts include this decision.
  v1::Dispute decided = dispute;
  v1::DisputeStep& made = *decided.add_history();
  made.set_on("DecideDispute");
  made.set_from(dispute.state());
  made.set_entity(call.caller().entity);
  made.set_decision(request.decision());
  const bool approve = request.decision() == v1::DECISION_APPROVE;
  Facts facts = FactsOf(decided);
  facts.approve = approve;
  const auto decide = [&](const Step& step, v1::Dispute& changed) -> absl::StatusOr<StepText> {
    // An Undersecretary can decide repeatedly. A decision that ends the dispute needs no room.
    if (IsOpen(step.to)) RETURN_IF_ERROR(CheckRoom(changed));
    if (!IsOpen(step.to)) changed.set_outcome(request.reasons());
    const std::string who = step.by == kGovernor ? "The Governor's Office"
                            : IsOpen(step.to)    ? "The Undersecretary of " + call.caller().entity
                                                 : "The Undersecretaries";
    return StepText{who + " decided " + (approve ? "for" : "against") + " sharing.", request.reasons(),
                    request.decision()};
  };
  RETURN_IF_ERROR(Transition(call, "DecideDispute", facts, decide, dispute));
  v1::DecideDisputeResponse response;
  *response.mutable_dispute() = std::move(dispute);
  return response;
}

absl::StatusOr<v1::WithdrawDisputeResponse> DisputeService::WithdrawDispute(
    rpc::Call& call, const v1::WithdrawDisputeRequest& request) {
  ASSIGN_OR_RETURN(v1::Dispute dispute, FindVisible(call, request.name()));
  const auto withdraw = [&](const Step&, v1::Dispute& ended) -> absl::StatusOr<StepText> {
    ended.set_outcome(request.reason());
    return StepText{ended.opened_by() + " withdrew it.", request.reason()};
  };
  RETURN_IF_ERROR(Transition(call, "WithdrawDispute", FactsOf(dispute), withdraw, dispute));
  v1::WithdrawDisputeResponse response;
  *response.mutable_dispute() = std::move(dispute);
  return response;
}

}  // namespace idea::dispute
