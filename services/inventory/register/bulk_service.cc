#include "services/inventory/register/bulk_service.h"

#include <iterator>
#include <optional>
#include <utility>

#include "common/clock/date.h"
#include "common/digest/digest.h"
#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/server/registry_client.h"
#include "common/status/status.h"
#include "common/transparency/leaf_digests.h"
#include "services/inventory/filing/filing_access.h"
#include "services/inventory/filing/filing_store.h"
#include "services/inventory/filing/filing_transition.h"
#include "services/inventory/inventory_events.h"
#include "services/inventory/log/log_store.h"
#include "services/inventory/register/import_rules.h"
#include "services/inventory/register/import_store.h"

namespace idea::inventory {
namespace {

// The registry confirms at most this number at once.
constexpr size_t kConfirmed = 500;
constexpr int kPage = 500;
// Maximum bytes of a message: half of the maximum of a call.
constexpr size_t kMaxBytes = 2 << 20;
constexpr std::string_view kImportCitation = "guidebook step 6";

std::string DigestOf(v1::EarlierFiling row) {
  row.clear_line();
  return digest::Digest(row);
}

// Imports the rows of one batch in its transaction.
class Import {
 public:
  Import(rpc::Call& call, const LogService& log, const v1::ImportFilingsRequest& request)
      : call_(call), log_(log), source_(request.source()) {
    if (!request.validate_only()) return;
    assumed_.insert(request.assumed_references().begin(), request.assumed_references().end());
  }

  absl::Status Add(const v1::EarlierFiling& row, const std::set<std::string>& parties) {
    if (auto refused = CheckRow(row, parties, call_.now())) return Refuse(row, *std::move(refused));
    const std::string content = DigestOf(row);
    ASSIGN_OR_RETURN(const auto known, FindImported(call_.db(), source_, row.reference()));
    if (known && known->content == content) {
      response_.set_known(response_.known() + 1);
      return absl::OkStatus();
    }
    if (known) {
      return Refuse(row, {"reference", "a reference that is not " + known->filing + " with other content"});
    }
    std::optional<v1::Filing> amended;
    if (!row.amends().empty()) {
      ASSIGN_OR_RETURN(const auto old, FindImported(call_.db(), source_, row.amends()));
      if (!old && !assumed_.contains(row.amends()))
        return Refuse(row, {"amends", "the reference of an agreement that was imported before it"});
      if (old) {
        ASSIGN_OR_RETURN(amended, FindFiling(call_.db(), old->filing));
        ASSIGN_OR_RETURN(const bool superseded, IsInForce(old->successor));
        if (superseded && FilingOf(row, source_, call_.now()).state() != v1::FILING_STATE_ENDED)
          return Refuse(row, {"amends", "an agreement that " + old->successor + " has not replaced"});
      }
    }
    return Store(row, content, std::move(amended));
  }
  v1::ImportFilingsResponse TakeResponse() { return std::move(response_); }

 private:
  absl::StatusOr<bool> IsInForce(const std::string& name) {
    if (name.empty()) return false;
    ASSIGN_OR_RETURN(const v1::Filing filing, FindFiling(call_.db(), name));
    return filing.state() != v1::FILING_STATE_ENDED;
  }

  absl::Status Store(const v1::EarlierFiling& row, const std::string& content,
                     std::optional<v1::Filing> amended) {
    v1::Filing filing = FilingOf(row, source_, call_.now());
    filing.set_name(ids::kFilings.Name(ids::NewUuid()));
    if (amended) filing.set_amends(amended->name());
    v1::Terms terms = TermsOf(row);
    filing.set_terms_digest(transparency::TermsDigest(terms));
    v1::LogEntry entry = EntryOf(filing, v1::LOG_ENTRY_KIND_IMPORTED, call_.now());
    entry.set_receipt_id(ids::NewUuid());
    v1::Receipt& receipt = *filing.mutable_receipt();
    receipt.set_receipt_id(entry.receipt_id());
    receipt.set_digest(entry.filing_digest());
    *receipt.mutable_issue_time() = entry.time();
    ASSIGN_OR_RETURN(*receipt.mutable_leaf(), log_.Append(call_.db(), entry));
    // Distinct create times keep the order of the source.
    RETURN_IF_ERROR(InsertFiling(call_.db(), filing, terms, call_.now() + response_.added()));
    RETURN_IF_ERROR(StoreImported(call_.db(), source_, row.reference(), {filing.name(), content}));
    RecordEvent(filing, event::kFilingImported, "taken over from " + source_ + ", there " + row.reference());
    response_.set_added(response_.added() + 1);
    return amended ? Supersede(*std::move(amended), row, filing) : absl::OkStatus();
  }

  // Exactly one of the two is in force.
  absl::Status Supersede(v1::Filing old, const v1::EarlierFiling& row, const v1::Filing& by) {
    RETURN_IF_ERROR(SetSuccessor(call_.db(), source_, row.amends(), by.name()));
    if (old.state() == v1::FILING_STATE_ENDED) return absl::OkStatus();
    const auto end = [&](v1::Filing& ended) -> absl::StatusOr<std::string> {
      ended.set_end_reason("superseded by " + by.name());
      *ended.mutable_end_time() = clock::ToProto(clock::StartOfDay(row.execute_date()));
      return ended.end_reason();
    };
    return Transition({call_.db(), call_.recorder(), log_, ""},
                      {.on = "ImportFilings",
                       .by = flow::kCdo,
                       .entry = v1::LOG_ENTRY_KIND_SUPERSEDED,
                       .citation = kImportCitation,
                       .has_audience = false,
                       .change = end},
                      old);
  }

  // Records an event without an audience: old agreements fill no inbox.
  void RecordEvent(const v1::Filing& filing, std::string_view type, std::string summary) {
    v1::FilingMoved moved;
    moved.set_filing(filing.name());
    moved.set_state(filing.state());
    moved.set_reason(filing.end_reason());
    call_.Record({.type = type,
                  .subject = filing.name(),
                  .citation = kImportCitation,
                  .summary = std::move(summary),
                  .data = &moved});
  }

  absl::Status Refuse(const v1::EarlierFiling& row, Refusal why) {
    response_.set_refused(response_.refused() + 1);
    v1::RefusedRow& refusal = *response_.add_refusals();
    refusal.set_line(row.line());
    refusal.set_reference(row.reference());
    refusal.set_field(std::move(why.field));
    refusal.set_reason(std::move(why.reason));
    return absl::OkStatus();
  }

  rpc::Call& call_;
  const LogService& log_;
  const std::string& source_;
  // References that are treated as imported.
  std::set<std::string> assumed_;
  v1::ImportFilingsResponse response_;
};

absl::StatusOr<v1::ExportFilingsResponse> ReadMessage(storage::Transaction& db,
                                                      const v1::ListFilingsRequest& page,
                                                      auth::Visibility visibility, bool with_terms) {
  ASSIGN_OR_RETURN(v1::ListFilingsResponse found, ListFilings(db, page, visibility));
  v1::ExportFilingsResponse message;
  message.mutable_filings()->Swap(found.mutable_filings());
  message.set_resume_token(found.next_page_token());
  if (!with_terms) return message;
  ASSIGN_OR_RETURN(std::vector<v1::Terms> terms, ReadTermsOf(db, message.filings()));
  *message.mutable_terms() = {std::make_move_iterator(terms.begin()), std::make_move_iterator(terms.end())};
  return message;
}

}  // namespace

void BulkService::Bind(rpc::Router& router) {
  router.Bind(this, &BulkService::GatherParties, &BulkService::ImportFilings, kLogLane);
  router.BindWatch(this, &BulkService::ExportFilings);
}

absl::StatusOr<std::set<std::string>> BulkService::GatherParties(rpc::Call& call,
                                                                 const v1::ImportFilingsRequest& request) {
  std::set<std::string> named;
  for (const v1::EarlierFiling& row : request.rows()) {
    for (const auto* entities : {&row.recipients(), &row.providers()}) {
      for (const std::string& entity : *entities) {
        if (ids::MatchesPattern(entity, "entities/*")) named.insert(entity);
      }
    }
  }
  std::set<std::string> known;
  for (auto next = named.begin(); next != named.end();) {
    std::vector<std::string> batch;
    while (next != named.end() && batch.size() < kConfirmed) batch.push_back(*next++);
    ASSIGN_OR_RETURN(const auto answer,
                     server::RegistryClient(peers_, call.context()).ConfirmSignatories(batch));
    for (const auto& each : answer.confirmations()) {
      if (each.standing() != registry::v1::SIGNATORY_STANDING_UNKNOWN) known.insert(each.entity());
    }
  }
  return known;
}

absl::StatusOr<v1::ImportFilingsResponse> BulkService::ImportFilings(rpc::Call& call,
                                                                     const v1::ImportFilingsRequest& request,
                                                                     const std::set<std::string>& parties) {
  Import import(call, log_, request);
  for (const v1::EarlierFiling& row : request.rows()) RETURN_IF_ERROR(import.Add(row, parties));
  v1::ImportFilingsResponse done = import.TakeResponse();
  call.Record({.type = event::kFilingsImported,
               .subject = "imports/" + request.request_id(),
               .citation = kImportCitation,
               .summary = "from " + request.source() + ": " + std::to_string(done.added()) + " added, " +
                          std::to_string(done.known()) + " known, " + std::to_string(done.refused()) +
                          " refused"});
  return done;
}

absl::StatusOr<std::vector<v1::ExportFilingsResponse>> BulkService::ExportFilings(
    rpc::Call& call, const v1::ExportFilingsRequest& request, std::string& token) {
  const auth::Visibility visibility = VisibilityOf(call.caller());
  v1::ListFilingsRequest page;
  page.set_page_token(token.empty() ? request.resume_token() : token);
  page.set_filter(request.filter());
  page.set_order_by("create_time");
  std::vector<v1::ExportFilingsResponse> messages(1);
  // Halves the page until it fits.
  for (int size = kPage; size == kPage || messages[0].ByteSizeLong() > kMaxBytes; size /= 2) {
    page.set_page_size(size);
    ASSIGN_OR_RETURN(messages[0], ReadMessage(call.db(), page, visibility, request.include_terms()));
    if (size == 1) break;
  }
  token = messages[0].resume_token();
  if (token.empty()) call.EndStream();
  ASSIGN_OR_RETURN(const int64_t total, CountVisible(call.db(), visibility));
  messages[0].set_total(total);
  return messages;
}

}  // namespace idea::inventory
