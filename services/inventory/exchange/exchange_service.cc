#include "services/inventory/exchange/exchange_service.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/time/civil_time.h"
#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/status/status.h"
#include "services/inventory/exchange/lapse_store.h"
#include "services/inventory/exchange/transfer_rules.h"
#include "services/inventory/exchange/transfer_store.h"
#include "services/inventory/filing/filing_access.h"
#include "services/inventory/filing/filing_store.h"
#include "services/inventory/inventory_events.h"

namespace idea::inventory {
namespace {

using status::Error;
using status::Reason;

constexpr int kWatchBatch = 100;
// Maximum bytes of the decisions in one response: clients accept 4 MiB.
constexpr size_t kMaxBatchBytes = 3 << 20;
constexpr clock::Micros kMillisecond = 1000;
// The sequences that tokens are positions in.
constexpr char kRevisions[] = "revisions";
constexpr char kChanges[] = "exchanges";

Error Invalid(const std::string& field, const std::string& expected) {
  return Error(Reason::ERROR_REASON_INVALID_FIELD, field + ": " + expected).Field(field, expected);
}

std::optional<int64_t> NumberIn(std::string_view text) {
  int64_t number = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || bad != std::errc() || end != text.data() + text.size() || number < 0)
    return std::nullopt;
  return number;
}

// The changes that a decision must include: a number of changes, or a filing with that etag.
struct Demand {
  std::string_view filing = {};
  int64_t number = 0;
};

// `epochs` is null before the first read. A number alone is a revision_token of an earlier release.
absl::StatusOr<Demand> DemandIn(std::string_view token, const std::string& field,
                                const events::Epochs* epochs) {
  if (token.empty()) return Demand();
  const size_t at = token.find('@');
  const bool filing = at != std::string_view::npos;
  if (!filing && token.find('.') != std::string_view::npos) {
    if (epochs == nullptr) return Demand();
    ASSIGN_OR_RETURN(const int64_t known, epochs->Resolve(token, kRevisions, field, /*may_be_ahead=*/true));
    return Demand{{}, known};
  }
  const auto number = NumberIn(filing ? token.substr(at + 1) : token);
  if (!number || (filing && !ids::MatchesPattern(token.substr(0, at), "filings/*"))) {
    return Invalid(field, "a revision_token, or filings/{id}@{etag}");
  }
  return Demand{filing ? token.substr(0, at) : std::string_view(), *number};
}

v1::ExchangeChange ChangeOf(const v1::Filing& filing) {
  v1::ExchangeChange change;
  change.set_filing(filing.name());
  change.set_bucp(filing.bucp());
  *change.mutable_providers() = filing.providers();
  *change.mutable_recipients() = filing.recipients();
  change.set_state(filing.state());
  if (filing.has_start_date()) *change.mutable_start_date() = filing.start_date();
  if (filing.has_end_date()) *change.mutable_end_date() = filing.end_date();
  change.set_etag(filing.etag());
  return change;
}

// Adds the parties of an agreement that have lapsed.
void AddLapsed(const std::vector<exchange::Lapse>& lapses, v1::ExchangeChange& change) {
  for (const exchange::Lapse& lapse : lapses) {
    if (!absl::c_linear_search(change.providers(), lapse.entity) &&
        !absl::c_linear_search(change.recipients(), lapse.entity))
      continue;
    v1::LapsedParty& lapsed = *change.add_lapsed_parties();
    lapsed.set_entity(lapse.entity);
    *lapsed.mutable_since() = exchange::DateOf(lapse.start);
  }
}

exchange::Day StartOf(const v1::Filing& filing) {
  return filing.has_start_date() ? exchange::DayNumber(filing.start_date()) : exchange::kNoStart;
}
exchange::Day EndOf(const v1::Filing& filing) {
  return filing.has_end_date() ? exchange::DayNumber(filing.end_date()) : exchange::kNoEnd;
}

bool WasInForce(const v1::Filing& filing, clock::Micros at, exchange::Day day) {
  const bool ended = filing.state() == v1::FILING_STATE_ENDED && clock::FromProto(filing.end_time()) <= at;
  return clock::FromProto(filing.execute_time()) <= at && StartOf(filing) <= day && day <= EndOf(filing) &&
         !ended;
}

}  // namespace

void ExchangeService::Bind(rpc::Router& router) {
  using S = ExchangeService;
  router.BindInline(this, &S::CheckExchange);
  router.BindInline(this, &S::BatchCheckExchange);
  router.BindWatch(this, &S::WatchExchanges, &S::SetCheckpoint);
  router.Bind(this, &S::RecordTransfer);
  router.Bind(this, &S::ListTransfers);
}

// Updates latest_ at most once a millisecond, because all threads share its cache line.
clock::Micros ExchangeService::Now() {
  const clock::Micros now = clock_.Now();
  clock::Micros latest = latest_;
  while (latest / kMillisecond < now / kMillisecond && !latest_.compare_exchange_weak(latest, now)) {
  }
  return std::max(latest, now);
}

exchange::Day ExchangeService::DayAt(clock::Micros at) const {
  return static_cast<exchange::Day>(clock::DayOf(at, zone_) - absl::CivilDay(1970, 1, 1));
}

absl::Status ExchangeService::Decide(const auth::Caller& caller, const v1::CheckExchangeRequest& request,
                                     const std::string& path, v1::ExchangeDecision& decision) {
  const events::Epochs* epochs = worker_.epochs();
  ASSIGN_OR_RETURN(const Demand demand,
                   DemandIn(request.at_least_as_fresh(), path + "at_least_as_fresh", epochs));
  const auth::Visibility visibility = VisibilityOf(caller);
  // Read before the index, so that the decision includes at least these changes.
  const int64_t known = worker_.known();
  const clock::Micros at = request.has_time() ? clock::FromProto(request.time()) : Now();
  *decision.mutable_time() = clock::ToProto(at);
  if (epochs != nullptr) decision.set_revision_token(epochs->TokenOf(known, kRevisions));
  const bool demanded = demand.filing.empty() ? demand.number <= known
                                              : demand.number <= index_.VersionOf(demand.filing, visibility);
  if (!worker_.IsFresh() || !demanded) {
    decision.set_verdict(v1::VERDICT_DENIED_UNKNOWN);
    decision.add_denials()->set_reason(v1::DENIAL_REASON_INDEX_NOT_FRESH);
    return absl::OkStatus();
  }
  index_.Decide(request, {at, DayAt(at), !request.has_time()}, visibility, decision);
  return absl::OkStatus();
}

absl::Status ExchangeService::CheckExchange(const auth::Caller& caller,
                                            const v1::CheckExchangeRequest& request,
                                            v1::CheckExchangeResponse& response) {
  return Decide(caller, request, "", *response.mutable_decision());
}

absl::Status ExchangeService::BatchCheckExchange(const auth::Caller& caller,
                                                 const v1::BatchCheckExchangeRequest& request,
                                                 v1::BatchCheckExchangeResponse& response) {
  size_t bytes = 0;
  for (int i = 0; i < request.requests_size(); ++i) {
    v1::ExchangeDecision& decision = *response.add_decisions();
    RETURN_IF_ERROR(Decide(caller, request.requests(i), "requests[" + std::to_string(i) + "].", decision));
    bytes += decision.ByteSizeLong();
    if (bytes <= kMaxBatchBytes) continue;
    return Invalid("requests",
                   "at most the first " + std::to_string(i) + ", because their decisions fill a response");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::WatchExchangesResponse>> ExchangeService::WatchExchanges(
    rpc::Call& call, const v1::WatchExchangesRequest& request, std::string& token) {
  if (request.snapshot() && !request.resume_token().empty())
    return Invalid("resume_token", "empty in a watch with `snapshot`");
  if (request.snapshot()) return WatchSnapshot(call, token);
  std::vector<v1::WatchExchangesResponse> responses;
  const std::string& from = token.empty() ? request.resume_token() : token;
  ASSIGN_OR_RETURN(const events::Epochs epochs, events::Epochs::Read(call.db()));
  if (from.empty()) {
    token = epochs.TokenOf(epochs.head(), kChanges);
    responses.emplace_back().set_resume_token(token);
    RETURN_IF_ERROR(SetCheckpoint(call, responses.back()));
    return responses;
  }
  ASSIGN_OR_RETURN(int64_t position, epochs.Resolve(from, kChanges, "resume_token"));
  const auth::Visibility visibility = VisibilityOf(call.caller());
  for (size_t read = kWatchBatch; read == kWatchBatch && responses.empty();) {
    ASSIGN_OR_RETURN(const auto refs, events::ReadSubjectsAfter(call.db(), position, kWatchBatch));
    read = refs.size();
    std::set<std::string> filings;
    for (const events::EventRef& ref : refs) {
      position = ref.position;
      if (!ids::MatchesPattern(ref.subject, "filings/*") || !filings.insert(ref.subject).second) continue;
      ASSIGN_OR_RETURN(const v1::Filing filing, FindFiling(call.db(), ref.subject));
      if (!visibility.CoversAny(filing.providers()) && !visibility.CoversAny(filing.recipients())) continue;
      v1::WatchExchangesResponse& response = responses.emplace_back();
      *response.mutable_change() = ChangeOf(filing);
      response.set_resume_token(epochs.TokenOf(position, kChanges));
    }
  }
  if (!responses.empty()) {
    RETURN_IF_ERROR(SetCheckpoint(call, responses.front()));
    ASSIGN_OR_RETURN(std::vector<exchange::Lapse> lapses, ReadLapses(call.db()));
    std::erase_if(lapses,
                  [today = DayAt(call.now())](const exchange::Lapse& lapse) { return lapse.end <= today; });
    for (v1::WatchExchangesResponse& response : responses) AddLapsed(lapses, *response.mutable_change());
  }
  token = epochs.TokenOf(position, kChanges);
  return responses;
}

absl::Status ExchangeService::SetCheckpoint(rpc::Call& call, v1::WatchExchangesResponse& response) {
  if (log_ == nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(*response.mutable_checkpoint(), log_->NewestCheckpoint(call.db()));
  return absl::OkStatus();
}

absl::Status ExchangeService::AddFindings(rpc::Call& call, const v1::Filing& filing,
                                          v1::Transfer& transfer) const {
  const clock::Micros at = clock::FromProto(transfer.transfer_time());
  ASSIGN_OR_RETURN(const auto before, TimeBefore(call.db(), transfer));
  const auto previous = before ? std::optional(DayAt(*before)) : std::nullopt;
  for (const v1::TransferFinding finding :
       Reconcile(PeriodOf(filing.recurrence(), filing.frequency()), StartOf(filing), previous, DayAt(at))) {
    transfer.add_findings(finding);
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> reporters, ReportersOfSame(call.db(), transfer));
  bool same = false, both = false;
  for (const std::string& reporter : reporters) (reporter == transfer.reporter() ? same : both) = true;
  if (same) transfer.add_findings(v1::TRANSFER_FINDING_SAME_DIGEST);
  if (both) transfer.add_findings(v1::TRANSFER_FINDING_RECORDED_BY_BOTH);
  if (!WasInForce(filing, at, DayAt(at))) transfer.add_findings(v1::TRANSFER_FINDING_NOT_IN_FORCE);
  return absl::OkStatus();
}

absl::StatusOr<v1::RecordTransferResponse> ExchangeService::RecordTransfer(
    rpc::Call& call, const v1::RecordTransferRequest& request) {
  ASSIGN_OR_RETURN(const v1::Filing filing, FindVisible(call.db(), call.caller(), request.parent()));
  if (RolesOf(call.caller(), filing) == 0) {
    return Error(Reason::ERROR_REASON_NOT_YOUR_STEP,
                 "a transfer is recorded by the provider or the recipient");
  }
  if (!absl::c_linear_search(filing.providers(), request.provider()))
    return Invalid("provider", "a Data Provider of the filing");
  if (!absl::c_linear_search(filing.recipients(), request.recipient()))
    return Invalid("recipient", "a Data Recipient of the filing");
  const clock::Micros at =
      request.has_transfer_time() ? clock::FromProto(request.transfer_time()) : call.now();
  if (at > call.now()) return Invalid("transfer_time", "a time that is not in the future");
  v1::RecordTransferResponse response;
  v1::Transfer& transfer = *response.mutable_transfer();
  transfer.set_name(ids::kTransfers.Name(filing.name(), ids::NewUuid()));
  transfer.set_provider(request.provider());
  transfer.set_recipient(request.recipient());
  *transfer.mutable_transfer_time() = clock::ToProto(at);
  transfer.set_record_count(request.record_count());
  transfer.set_file_count(request.file_count());
  transfer.set_byte_count(request.byte_count());
  transfer.set_digest(request.digest());
  transfer.set_reporter(call.caller().entity);
  *transfer.mutable_create_time() = clock::ToProto(call.now());
  RETURN_IF_ERROR(InsertTransfer(call.db(), transfer));
  RETURN_IF_ERROR(AddFindings(call, filing, transfer));
  call.Record({.type = event::kTransferRecorded,
               .subject = transfer.name(),
               .bucp = filing.bucp(),
               .audience = {transfer.provider(), transfer.recipient()},
               .citation = "agreement 5.17",
               .summary = std::to_string(transfer.record_count()) + " records were sent"});
  return response;
}

absl::StatusOr<v1::ListTransfersResponse> ExchangeService::ListTransfers(
    rpc::Call& call, const v1::ListTransfersRequest& request) {
  ASSIGN_OR_RETURN(const v1::Filing filing, FindVisible(call.db(), call.caller(), request.parent()));
  ASSIGN_OR_RETURN(v1::ListTransfersResponse response, inventory::ListTransfers(call.db(), request));
  for (v1::Transfer& transfer : *response.mutable_transfers()) {
    RETURN_IF_ERROR(AddFindings(call, filing, transfer));
  }
  const Period period = PeriodOf(filing.recurrence(), filing.frequency());
  v1::TransferSchedule& schedule = *response.mutable_schedule();
  schedule.set_frequency(filing.frequency());
  schedule.set_understood(period != Period::kUnknown);
  ASSIGN_OR_RETURN(const auto last, LastTime(call.db(), filing.name()));
  if (last) *schedule.mutable_last_transfer_time() = clock::ToProto(*last);
  const bool ended = filing.state() == v1::FILING_STATE_ENDED;
  const exchange::Day until = DayAt(ended ? clock::FromProto(filing.end_time()) : call.now());
  schedule.set_missed_periods(MissedPeriods(period, StartOf(filing),
                                            last ? std::optional(DayAt(*last)) : std::nullopt,
                                            std::min(until, EndOf(filing))));
  return response;
}

}  // namespace idea::inventory
