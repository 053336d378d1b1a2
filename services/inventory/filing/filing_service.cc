#include "services/inventory/filing/filing_service.h"

#include <algorithm>

#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/status/status.h"
#include "common/transparency/leaf_digests.h"
#include "idea/review/v1/review.pb.h"
#include "services/inventory/filing/amendment_rules.h"
#include "services/inventory/filing/filing_access.h"
#include "services/inventory/filing/filing_flow.h"
#include "services/inventory/filing/filing_store.h"
#include "services/inventory/filing/filing_transition.h"
#include "services/inventory/inventory_events.h"
#include "services/inventory/log/log_store.h"

namespace idea::inventory {
namespace {

using status::Error;
using status::Reason;

// The filing of an executed BUCP, not filed yet.
v1::Filing UnfiledOf(const drafting::v1::Bucp& bucp) {
  const drafting::v1::Content& content = bucp.content();
  v1::Filing filing;
  filing.set_name(ids::kFilings.Name(ids::NewUuid()));
  filing.set_bucp(bucp.name());
  filing.set_title(bucp.title());
  filing.set_revision(bucp.frozen_revision());
  filing.set_digest(bucp.frozen_digest());
  *filing.mutable_recipients() = content.recipients();
  *filing.mutable_providers() = content.providers();
  filing.set_amends(bucp.amends());
  filing.set_disputed(bucp.disputed());
  *filing.mutable_data_categories() = content.business_case().data_categories().categories();
  const auto& dates = content.administrative().critical_dates();
  if (dates.has_start_date()) *filing.mutable_start_date() = dates.start_date();
  if (dates.has_end_date()) *filing.mutable_end_date() = dates.end_date();
  filing.set_recurrence(dates.recurrence());
  filing.set_frequency(dates.frequency());
  if (bucp.has_create_time()) *filing.mutable_draft_time() = bucp.create_time();
  *filing.mutable_execute_time() = bucp.execute_time();
  filing.set_state(v1::FILING_STATE_UNFILED);
  filing.set_freeze_number(bucp.freeze_number());
  return filing;
}

v1::Terms TermsOf(const drafting::v1::Content& content) {
  v1::Terms terms;
  const auto& description = content.business_case().use_case_description();
  terms.set_purpose(description.purpose());
  if (description.has_purpose_class()) *terms.mutable_purpose_class() = description.purpose_class();
  if (content.administrative().has_legal_authority())
    *terms.mutable_legal_authority() = content.administrative().legal_authority();
  for (const auto& element : content.technical().data_elements().elements()) {
    terms.add_data_elements(element.field_name());
    if (element.providers().empty()) continue;
    v1::ElementProviders& only = *terms.add_element_providers();
    only.set_data_element(element.field_name());
    *only.mutable_providers() = element.providers();
  }
  *terms.mutable_data_users() = content.technical().data_users();
  *terms.mutable_destruction() = content.technical().destruction();
  *terms.mutable_redisclosure() = content.administrative().redisclosure();
  *terms.mutable_contacts() = content.business_case().contact_information();
  return terms;
}

// A draft that was neither sent nor shared: only its recipients know that it exists.
bool IsRecipientsAlone(const drafting::v1::Bucp& bucp) {
  const bool unsent = bucp.state() == drafting::v1::STATE_DRAFT ||
                      bucp.state() == drafting::v1::STATE_WITHDRAWN ||
                      bucp.state() == drafting::v1::STATE_NOT_APPROVED;
  return unsent && !bucp.has_send_time() && bucp.first_shown_revision() == 0;
}

absl::Status NotExecuted(const drafting::v1::Bucp& bucp) {
  return Error(Reason::ERROR_REASON_NOT_EXECUTED, bucp.name() + " is not executed")
      .With("state", flow::NameOf(bucp.state()));
}

}  // namespace

void FilingService::Bind(rpc::Router& router) {
  using S = FilingService;
  router.Bind(this, &S::GatherForExecution, &S::RecordExecution, kLogLane);
  router.Bind(this, &S::GatherForFiling, &S::FileBucp, kLogLane);
  router.Bind(this, &S::GetFiling);
  router.Bind(this, &S::GetTerms);
  router.Bind(this, &S::ListFilings);
}

StepScope FilingService::ScopeOf(rpc::Call& call) const {
  return {call.db(), call.recorder(), log_, cdo_entity_};
}

void FilingService::RecordEvent(rpc::Call& call, const v1::Filing& filing, std::string_view type,
                                std::string_view citation, std::string summary) const {
  RecordFilingEvent(call.recorder(), filing, cdo_entity_, type, citation, std::move(summary));
}

absl::StatusOr<drafting::v1::Bucp> FilingService::GetBucp(rpc::Call& call, const std::string& name) const {
  drafting::v1::GetBucpRequest request;
  request.set_name(name);
  ASSIGN_OR_RETURN(auto response, peers_.Send<drafting::v1::GetBucpResponse>(call.context(), request));
  return std::move(*response.mutable_bucp());
}

absl::StatusOr<v1::Filing> FilingService::Enter(rpc::Call& call, const drafting::v1::Bucp& executed) {
  ASSIGN_OR_RETURN(std::optional<v1::Filing> known, FindFilingOf(call.db(), executed.name()));
  if (known) return *std::move(known);
  v1::Filing filing = UnfiledOf(executed);
  if (!filing.amends().empty()) {
    ASSIGN_OR_RETURN(const auto amended, FindFilingOf(call.db(), filing.amends()));
    RETURN_IF_ERROR(CheckAmends(filing, amended, call.zone()));
  }
  v1::Terms terms = TermsOf(executed.content());
  filing.set_terms_digest(transparency::TermsDigest(terms));
  RETURN_IF_ERROR(InsertFiling(call.db(), filing, terms, call.now()));
  return filing;
}

absl::Status FilingService::EndAmended(rpc::Call& call, const v1::Filing& amendment) {
  if (amendment.amends().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::optional<v1::Filing> old, FindFilingOf(call.db(), amendment.amends()));
  if (!old || !IsInForceAt(*old, amendment.execute_time(), call.zone())) return absl::OkStatus();
  const auto end = [&](v1::Filing& filing) -> absl::StatusOr<std::string> {
    filing.set_end_reason("superseded by " + amendment.bucp());
    filing.set_superseded_by(amendment.name());
    *filing.mutable_end_time() = clock::ToProto(call.now());
    return filing.end_reason();
  };
  return Transition(
      ScopeOf(call),
      {.on = "RecordExecution", .by = flow::kDrafting, .entry = v1::LOG_ENTRY_KIND_SUPERSEDED, .change = end},
      *old);
}

absl::StatusOr<drafting::v1::Bucp> FilingService::GatherForExecution(
    rpc::Call& call, const v1::RecordExecutionRequest& request) {
  ASSIGN_OR_RETURN(drafting::v1::Bucp bucp, GetBucp(call, request.bucp()));
  if (bucp.frozen_revision() != request.revision() || bucp.frozen_digest() != request.digest()) {
    return Error(Reason::ERROR_REASON_DIGEST_MISMATCH,
                 "revision and digest are not those that drafting has for " + request.bucp())
        .With("digest", bucp.frozen_digest());
  }
  if (!bucp.has_execute_time()) return NotExecuted(bucp);
  if (bucp.amends() != request.amends()) {
    return Error(Reason::ERROR_REASON_INVALID_FIELD, "amends: drafting has another BUCP there")
        .Field("amends", "the BUCP that " + request.bucp() + " amends, as drafting has it");
  }
  return bucp;
}

absl::StatusOr<v1::RecordExecutionResponse> FilingService::RecordExecution(
    rpc::Call& call, const v1::RecordExecutionRequest&, const drafting::v1::Bucp& executed) {
  v1::RecordExecutionResponse response;
  v1::Filing& filing = *response.mutable_filing();
  // The recipient may have filed it already.
  ASSIGN_OR_RETURN(filing, Enter(call, executed));
  RecordEvent(call, filing, event::kExecutionRecorded, "agreement 5.17",
              filing.has_file_time()                     ? "executed; the Data Recipient has filed it"
              : filing.state() == v1::FILING_STATE_ENDED ? "executed; it has ended since"
                                                         : "in force; the Data Recipient files it");
  RETURN_IF_ERROR(EndAmended(call, filing));
  return response;
}

absl::StatusOr<Executed> FilingService::GatherForFiling(rpc::Call& call, const v1::FileBucpRequest& request) {
  Executed executed;
  ASSIGN_OR_RETURN(executed.bucp, GetBucp(call, request.bucp()));

  review::v1::ListRoutingsRequest find;
  find.set_filter("bucp = \"" + request.bucp() + "\" AND state = ROUTING_STATE_COMPLETE");
  ASSIGN_OR_RETURN(const auto routings,
                   peers_.ListAll<review::v1::ListRoutingsResponse>(call.context(), find));
  const auto routing = std::find_if(routings.routings().begin(), routings.routings().end(),
                                    [&](const review::v1::Routing& candidate) {
                                      return candidate.freeze_number() == executed.bucp.freeze_number();
                                    });
  if (routing == routings.routings().end()) return executed;
  review::v1::ListSignaturesRequest list;
  list.set_parent(routing->name());
  ASSIGN_OR_RETURN(const auto signatures,
                   peers_.ListAll<review::v1::ListSignaturesResponse>(call.context(), list));
  for (const auto& signature : signatures.signatures()) executed.signed_digests.push_back(signature.digest());
  return executed;
}

absl::StatusOr<v1::FileBucpResponse> FilingService::FileBucp(rpc::Call& call,
                                                             const v1::FileBucpRequest& request,
                                                             const Executed& executed) {
  const drafting::v1::Bucp& bucp = executed.bucp;
  const flow::Roles roles = RolesOf(call.caller(), UnfiledOf(bucp));
  if (roles == 0 || (roles == flow::kProvider && IsRecipientsAlone(bucp))) {
    return status::NotFoundOrHidden(request.bucp());
  }
  if (!bucp.has_execute_time()) return NotExecuted(bucp);
  const auto& digests = executed.signed_digests;
  FilingFacts facts;
  facts.same_digest = request.digest() == bucp.frozen_digest() && !digests.empty() &&
                      std::all_of(digests.begin(), digests.end(),
                                  [&](const std::string& digest) { return digest == request.digest(); });
  v1::FileBucpResponse response;
  v1::Filing& filing = *response.mutable_filing();
  ASSIGN_OR_RETURN(filing, Enter(call, bucp));
  RETURN_IF_ERROR(EndAmended(call, filing));
  const auto file = [&](v1::Filing& filed) -> absl::StatusOr<std::string> {
    // An agreement that has ended can be filed once.
    if (filed.has_file_time()) {
      return Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED, filed.name() + " is filed already")
          .With("state", flow::NameOf(filed.state()));
    }
    filed.set_feedback(request.feedback());
    *filed.mutable_file_time() = clock::ToProto(call.now());
    v1::LogEntry entry = EntryOf(filed, v1::LOG_ENTRY_KIND_FILED, call.now());
    entry.set_receipt_id(ids::NewUuid());
    v1::Receipt& receipt = *filed.mutable_receipt();
    receipt.set_receipt_id(entry.receipt_id());
    receipt.set_digest(entry.filing_digest());
    *receipt.mutable_issue_time() = entry.time();
    ASSIGN_OR_RETURN(*receipt.mutable_leaf(), log_.Append(call.db(), entry));
    const bool ended = filed.state() == v1::FILING_STATE_ENDED;
    return (ended ? "filed with the Statewide CDO after its end; receipt "
                  : "filed with the Statewide CDO; receipt ") +
           receipt.receipt_id();
  };
  RETURN_IF_ERROR(Transition(
      ScopeOf(call), {.on = "FileBucp", .by = RolesOf(call.caller(), filing), .facts = facts, .change = file},
      filing));
  return response;
}

absl::StatusOr<v1::GetFilingResponse> FilingService::GetFiling(rpc::Call& call,
                                                               const v1::GetFilingRequest& request) {
  v1::GetFilingResponse response;
  ASSIGN_OR_RETURN(*response.mutable_filing(), FindVisible(call.db(), call.caller(), request.name()));
  return response;
}

absl::StatusOr<v1::GetTermsResponse> FilingService::GetTerms(rpc::Call& call,
                                                             const v1::GetTermsRequest& request) {
  ASSIGN_OR_RETURN(const v1::Filing filing, FindVisible(call.db(), call.caller(), request.parent()));
  v1::GetTermsResponse response;
  ASSIGN_OR_RETURN(*response.mutable_terms(), FindTerms(call.db(), filing.name()));
  return response;
}

absl::StatusOr<v1::ListFilingsResponse> FilingService::ListFilings(rpc::Call& call,
                                                                   const v1::ListFilingsRequest& request) {
  return inventory::ListFilings(call.db(), request, VisibilityOf(call.caller()));
}

}  // namespace idea::inventory
