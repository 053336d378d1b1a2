#include "services/inventory/inventory_service.h"

#include <algorithm>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "common/transparency/leaf_digests.h"
#include "idea/review/v1/review.pb.h"
#include "services/inventory/filing_flow.h"
#include "services/inventory/filing_moves.h"
#include "services/inventory/filing_parts.h"
#include "services/inventory/filing_store.h"

namespace idea::inventory {
namespace {

using status::Error;
using status::Reason;

// An executed agreement that is not filed yet; `agreement` is what drafting says of it.
template <class Agreement>
v1::Filing Expect(const Agreement& agreement, const drafting::v1::Content& content) {
  v1::Filing filing;
  filing.set_name("filings/" + ids::NewUuid());
  filing.set_title(agreement.title());
  *filing.mutable_recipients() = content.recipients();
  *filing.mutable_providers() = content.providers();
  filing.set_amends(agreement.amends());
  filing.set_disputed(agreement.disputed());
  *filing.mutable_data_categories() = content.business_case().data_categories().categories();
  const auto& dates = content.administrative().critical_dates();
  if (dates.has_start_date()) *filing.mutable_start_date() = dates.start_date();
  if (dates.has_end_date()) *filing.mutable_end_date() = dates.end_date();
  filing.set_recurrence(dates.recurrence());
  filing.set_frequency(dates.frequency());
  *filing.mutable_execute_time() = agreement.execute_time();
  filing.set_state(v1::FILING_STATE_UNFILED);
  return filing;
}

v1::Filing ExpectFrom(const v1::RecordExecutionRequest& request, const drafting::v1::Content& content) {
  v1::Filing filing = Expect(request, content);
  filing.set_bucp(request.bucp());
  if (request.has_draft_time()) *filing.mutable_draft_time() = request.draft_time();
  filing.set_revision(request.revision());
  filing.set_digest(request.digest());
  return filing;
}

v1::Filing ExpectFrom(const drafting::v1::Bucp& bucp) {
  v1::Filing filing = Expect(bucp, bucp.content());
  filing.set_bucp(bucp.name());
  if (bucp.has_create_time()) *filing.mutable_draft_time() = bucp.create_time();
  filing.set_revision(bucp.frozen_revision());
  filing.set_digest(bucp.frozen_digest());
  return filing;
}

v1::Terms TermsOf(const drafting::v1::Content& content) {
  v1::Terms terms;
  terms.set_purpose(content.business_case().use_case_description().purpose());
  for (const auto& element : content.technical().data_elements().elements()) {
    terms.add_data_elements(element.field_name());
  }
  *terms.mutable_data_users() = content.technical().data_users();
  *terms.mutable_destruction() = content.technical().destruction();
  *terms.mutable_redisclosure() = content.administrative().redisclosure();
  *terms.mutable_contacts() = content.business_case().contact_information();
  return terms;
}

// Stores a filing that is not stored yet.
absl::Status InsertIfNew(rpc::Call& call, v1::Filing& filing, const drafting::v1::Content& content) {
  if (!filing.etag().empty()) return absl::OkStatus();
  v1::Terms terms = TermsOf(content);
  filing.set_terms_digest(transparency::TermsDigest(terms));
  return InsertFiling(call.db(), filing, terms, call.now());
}

absl::StatusOr<flow::Step<State, FilingFacts>> Decide(const rpc::Call& call, const v1::Filing& filing,
                                                      std::string_view on, const FilingFacts& facts) {
  return flow::Decide(kFilingFlow, filing.state(), on, PartsOf(call.caller(), filing), facts);
}

}  // namespace

void InventoryService::Tell(rpc::Call& call, const v1::Filing& filing, std::string_view type,
                            std::string_view citation, std::string summary) const {
  TellMoved(call.scribe(), filing, cdo_entity_, type, citation, std::move(summary));
}

absl::StatusOr<drafting::v1::Revision> InventoryService::GatherForExecution(
    rpc::Call& call, const v1::RecordExecutionRequest& request) {
  drafting::v1::GetRevisionRequest question;
  question.set_name(request.revision());
  drafting::v1::GetRevisionResponse answer;
  RETURN_IF_ERROR(ask_("drafting", call.context(), question, &answer));
  if (answer.revision().digest() != request.digest()) {
    return Error(Reason::ERROR_REASON_DIGEST_MISMATCH, "the digest is not that of " + request.revision());
  }
  return std::move(*answer.mutable_revision());
}

absl::StatusOr<v1::RecordExecutionResponse> InventoryService::RecordExecution(
    rpc::Call& call, const v1::RecordExecutionRequest& request, const drafting::v1::Revision& executed) {
  v1::RecordExecutionResponse response;
  // The recipient may have been faster and have filed already.
  ASSIGN_OR_RETURN(std::optional<v1::Filing> known, FindFilingOf(call.db(), request.bucp()));
  v1::Filing filing = known ? *std::move(known) : ExpectFrom(request, executed.content());
  RETURN_IF_ERROR(InsertIfNew(call, filing, executed.content()));
  const bool unfiled = filing.state() == v1::FILING_STATE_UNFILED;
  Tell(call, filing, "ExecutionRecorded", "agreement 5.17",
       unfiled ? "in force; the Data Recipient files it" : "executed; the Data Recipient has filed it");

  if (!request.amends().empty()) {
    ASSIGN_OR_RETURN(std::optional<v1::Filing> old, FindFilingOf(call.db(), request.amends()));
    if (old && old->state() != v1::FILING_STATE_ENDED) {
      const State from = old->state();
      ASSIGN_OR_RETURN(const auto step, Decide(call, *old, "RecordExecution", {}));
      old->set_state(step.to);
      old->set_end_reason("superseded by " + request.bucp());
      *old->mutable_end_time() = clock::ToProto(call.now());
      RETURN_IF_ERROR(SaveFiling(call.db(), from, *old));
      RETURN_IF_ERROR(
          log_.Append(call.db(), EntryOf(*old, v1::LOG_ENTRY_KIND_SUPERSEDED, call.now())).status());
      Tell(call, *old, step.tell, step.guide, old->end_reason());
    }
  }
  *response.mutable_filing() = std::move(filing);
  return response;
}

absl::StatusOr<Executed> InventoryService::GatherForFiling(rpc::Call& call,
                                                           const v1::FileBucpRequest& request) {
  Executed executed;
  drafting::v1::GetBucpRequest question;
  question.set_name(request.bucp());
  drafting::v1::GetBucpResponse answer;
  RETURN_IF_ERROR(ask_("drafting", call.context(), question, &answer));
  executed.bucp = std::move(*answer.mutable_bucp());

  review::v1::ListRoutingsRequest find;
  find.set_filter("bucp = \"" + request.bucp() + "\" AND state = ROUTING_STATE_COMPLETE");
  review::v1::ListRoutingsResponse routings;
  RETURN_IF_ERROR(ask_("review", call.context(), find, &routings));
  if (routings.routings().empty()) return executed;
  review::v1::ListSignaturesRequest list;
  list.set_parent(routings.routings(0).name());
  list.set_page_size(1000);
  review::v1::ListSignaturesResponse signatures;
  RETURN_IF_ERROR(ask_("review", call.context(), list, &signatures));
  for (const auto& signature : signatures.signatures()) executed.signed_digests.push_back(signature.digest());
  return executed;
}

absl::StatusOr<v1::FileBucpResponse> InventoryService::FileBucp(rpc::Call& call,
                                                                const v1::FileBucpRequest& request,
                                                                const Executed& executed) {
  const drafting::v1::Bucp& bucp = executed.bucp;
  ASSIGN_OR_RETURN(std::optional<v1::Filing> known, FindFilingOf(call.db(), request.bucp()));
  v1::Filing filing = known ? *std::move(known) : ExpectFrom(bucp);
  if (PartsOf(call.caller(), filing) == 0) {
    return Error(Reason::ERROR_REASON_NOT_FOUND,
                 "there is no " + request.bucp() + ", or you are no party to it");
  }
  if (!bucp.has_execute_time()) {
    return Error(Reason::ERROR_REASON_NOT_EXECUTED, request.bucp() + " is not executed")
        .With("state", flow::NameOf(bucp.state()));
  }
  const auto& digests = executed.signed_digests;
  FilingFacts facts;
  facts.same_digest = request.digest() == bucp.frozen_digest() && !digests.empty() &&
                      std::all_of(digests.begin(), digests.end(),
                                  [&](const std::string& digest) { return digest == request.digest(); });
  const State from = filing.state();
  ASSIGN_OR_RETURN(const auto step, Decide(call, filing, "FileBucp", facts));
  RETURN_IF_ERROR(InsertIfNew(call, filing, bucp.content()));
  filing.set_state(step.to);
  filing.set_feedback(request.feedback());
  *filing.mutable_file_time() = clock::ToProto(call.now());
  const v1::LogEntry entry = EntryOf(filing, v1::LOG_ENTRY_KIND_FILED, call.now());
  v1::Receipt& receipt = *filing.mutable_receipt();
  receipt.set_receipt_id(ids::NewUuid());
  receipt.set_digest(entry.filing_digest());
  *receipt.mutable_issue_time() = entry.time();
  ASSIGN_OR_RETURN(*receipt.mutable_leaf(), log_.Append(call.db(), entry));
  RETURN_IF_ERROR(SaveFiling(call.db(), from, filing));
  Tell(call, filing, step.tell, step.guide, "filed with the Statewide CDO; receipt " + receipt.receipt_id());
  v1::FileBucpResponse response;
  *response.mutable_filing() = std::move(filing);
  return response;
}

absl::StatusOr<NoticeFacts> InventoryService::GatherForTermination(
    rpc::Call& call, const v1::TerminateFilingRequest& request) {
  v1::Filing filing;
  RETURN_IF_ERROR(call.Look([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(filing, FindVisible(db, call.caller(), request.name()));
    return absl::OkStatus();
  }));
  return notices_.Gather(call.context(), call.now(), std::move(filing));
}

absl::StatusOr<v1::TerminateFilingResponse> InventoryService::TerminateFiling(
    rpc::Call& call, const v1::TerminateFilingRequest& request, const NoticeFacts& facts) {
  ASSIGN_OR_RETURN(v1::Filing filing, FindVisible(call.db(), call.caller(), request.name()));
  const State from = filing.state();
  ASSIGN_OR_RETURN(const auto step, Decide(call, filing, "TerminateFiling", {}));
  filing.set_state(step.to);
  filing.set_grounds(request.grounds());
  filing.set_end_reason(request.reason());
  filing.set_deletion_terms(request.deletion_terms());
  *filing.mutable_end_time() = clock::ToProto(call.now());
  RETURN_IF_ERROR(SaveFiling(call.db(), from, filing));
  RETURN_IF_ERROR(
      log_.Append(call.db(), EntryOf(filing, v1::LOG_ENTRY_KIND_TERMINATED, call.now())).status());
  RETURN_IF_ERROR(notices_.GiveTermination(call, facts, filing, request));
  const bool violation = request.grounds() == v1::GROUNDS_VIOLATION;
  Tell(call, filing, step.tell, violation ? "agreement 7.4" : "agreement 5.14",
       "terminated: " + request.reason());
  v1::TerminateFilingResponse response;
  *response.mutable_filing() = std::move(filing);
  return response;
}

absl::StatusOr<v1::GetFilingResponse> InventoryService::GetFiling(rpc::Call& call,
                                                                  const v1::GetFilingRequest& request) {
  v1::GetFilingResponse response;
  ASSIGN_OR_RETURN(*response.mutable_filing(), FindVisible(call.db(), call.caller(), request.name()));
  return response;
}

absl::StatusOr<v1::GetTermsResponse> InventoryService::GetTerms(rpc::Call& call,
                                                                const v1::GetTermsRequest& request) {
  ASSIGN_OR_RETURN(const v1::Filing filing, FindVisible(call.db(), call.caller(), request.parent()));
  v1::GetTermsResponse response;
  ASSIGN_OR_RETURN(*response.mutable_terms(), FindTerms(call.db(), filing.name()));
  return response;
}

absl::StatusOr<v1::ListFilingsResponse> InventoryService::ListFilings(rpc::Call& call,
                                                                      const v1::ListFilingsRequest& request) {
  const bool all = call.caller().kind == common::v1::CALLER_KIND_CDO;
  return inventory::ListFilings(call.db(), request, all ? "" : call.caller().entity);
}

}  // namespace idea::inventory
