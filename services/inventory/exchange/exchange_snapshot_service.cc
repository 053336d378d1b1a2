// The watch with `snapshot` of ExchangeService.
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/events/epochs.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/inventory/exchange/exchange_service.h"
#include "services/inventory/exchange/lapse_store.h"
#include "services/inventory/filing/filing_access.h"
#include "services/inventory/filing/filing_store.h"

namespace idea::inventory {
namespace {

using status::Error;
using status::Reason;

// Agreements in one step of a watch.
constexpr int kSnapshotBatch = 50;
// Minimum time between two messages with `time`.
constexpr clock::Micros kTimeInterval = 900'000;

// How far a watch has come. It is the watch's token, which clients do not see.
struct Progress {
  // The epoch of the event log in which the watch began.
  std::string epoch;
  // The changes up to this position were sent, except those that the snapshot contains.
  int64_t position = 0;
  // The version of the lapses that was sent.
  int64_t lapses = 0;
  // The last agreement of the snapshot that was sent, until it is complete.
  bool complete = false;
  std::string last;
  // When the last message with `time` was sent.
  clock::Micros time = 0;

  std::string Token() const {
    return absl::StrCat(epoch, "|", position, "|", lapses, "|", complete ? 1 : 0, "|", last, "|", time);
  }
  static absl::StatusOr<Progress> Parse(const std::string& token) {
    const std::vector<std::string> parts = absl::StrSplit(token, '|');
    Progress progress;
    int complete = 0;
    if (parts.size() != 6 || !absl::SimpleAtoi(parts[1], &progress.position) ||
        !absl::SimpleAtoi(parts[2], &progress.lapses) || !absl::SimpleAtoi(parts[3], &complete) ||
        !absl::SimpleAtoi(parts[5], &progress.time))
      return absl::InternalError("the progress of a watch does not parse");
    progress.epoch = parts[0];
    progress.complete = complete != 0;
    progress.last = parts[4];
    return progress;
  }
};

v1::WatchExchangesResponse MessageOf(FilingAndTerms each) {
  each.terms.clear_contacts();
  each.terms.clear_legal_authority();
  v1::WatchExchangesResponse response;
  v1::ExchangeAgreement& agreement = *response.mutable_agreement();
  *agreement.mutable_filing() = std::move(each.filing);
  *agreement.mutable_terms() = std::move(each.terms);
  return response;
}

// Adds the agreements among `subjects` that are visible.
absl::Status AddAgreements(storage::Transaction& db, const std::set<std::string>& subjects,
                           auth::Visibility visibility, std::vector<v1::WatchExchangesResponse>& responses) {
  for (const std::string& subject : subjects) {
    if (!ids::MatchesPattern(subject, "filings/*")) continue;
    ASSIGN_OR_RETURN(FilingAndTerms each, FindFilingAndTerms(db, subject));
    if (!visibility.CoversAny(each.filing.providers()) && !visibility.CoversAny(each.filing.recipients()))
      continue;
    responses.push_back(MessageOf(std::move(each)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::WatchExchangesResponse> ExchangeService::RulesFor(rpc::Call& call) const {
  ASSIGN_OR_RETURN(const std::vector<exchange::Lapse> lapses, ReadLapses(call.db()));
  v1::WatchExchangesResponse response;
  v1::ExchangeRules& rules = *response.mutable_rules();
  const auth::Visibility visibility = VisibilityOf(call.caller());
  rules.set_all_entities(visibility.all());
  if (!visibility.all()) rules.set_entity(visibility.entity());
  rules.set_permits_lapsed(index_.permits_lapsed());
  rules.set_time_zone(zone_.name());
  for (const exchange::Lapse& lapse : lapses) {
    v1::SignatoryLapse& added = *rules.add_lapses();
    added.set_entity(lapse.entity);
    *added.mutable_start_date() = exchange::DateOf(lapse.start);
    if (lapse.end != exchange::kNoEnd) *added.mutable_end_date() = exchange::DateOf(lapse.end);
  }
  return response;
}

absl::StatusOr<std::vector<v1::WatchExchangesResponse>> ExchangeService::WatchSnapshot(rpc::Call& call,
                                                                                       std::string& token) {
  std::vector<v1::WatchExchangesResponse> responses;
  ASSIGN_OR_RETURN(const events::Epochs epochs, events::Epochs::Read(call.db()));
  ASSIGN_OR_RETURN(const int64_t lapses, ReadLapsesVersion(call.db()));
  const auth::Visibility visibility = VisibilityOf(call.caller());
  if (token.empty()) {
    token = Progress{.epoch = epochs.current(), .position = epochs.head(), .lapses = lapses}.Token();
    ASSIGN_OR_RETURN(responses.emplace_back(), RulesFor(call));
    return responses;
  }
  ASSIGN_OR_RETURN(Progress progress, Progress::Parse(token));
  if (progress.epoch != epochs.current()) {
    return Error(Reason::ERROR_REASON_CONCURRENT_CHANGE,
                 "the database was restored or replaced; begin a new watch");
  }
  if (!progress.complete) {
    ASSIGN_OR_RETURN(std::vector<FilingAndTerms> page,
                     ReadVisibleAfter(call.db(), visibility, progress.last, kSnapshotBatch));
    progress.complete = page.size() < kSnapshotBatch;
    if (!page.empty()) progress.last = page.back().filing.name();
    for (FilingAndTerms& each : page) responses.push_back(MessageOf(std::move(each)));
  }
  // Changes during the snapshot are sent after it: the snapshot may have an agreement before or after them.
  bool current = false;
  if (progress.complete) {
    if (progress.lapses != lapses) {
      ASSIGN_OR_RETURN(responses.emplace_back(), RulesFor(call));
      progress.lapses = lapses;
    }
    ASSIGN_OR_RETURN(const auto refs,
                     events::ReadSubjectsAfter(call.db(), progress.position, kSnapshotBatch));
    std::set<std::string> subjects;
    for (const events::EventRef& ref : refs) subjects.insert(ref.subject);
    if (!refs.empty()) progress.position = refs.back().position;
    RETURN_IF_ERROR(AddAgreements(call.db(), subjects, visibility, responses));
    current = refs.size() < kSnapshotBatch;
  }
  // Events without a position are read again until they have one.
  if (current && (call.now() < progress.time || call.now() - progress.time >= kTimeInterval)) {
    ASSIGN_OR_RETURN(const std::vector<std::string> unplaced, events::ReadUnplacedSubjects(call.db()));
    RETURN_IF_ERROR(AddAgreements(call.db(), {unplaced.begin(), unplaced.end()}, visibility, responses));
    *responses.emplace_back().mutable_time() = clock::ToProto(call.now());
    progress.time = call.now();
  }
  token = progress.Token();
  return responses;
}

}  // namespace idea::inventory
