#include "services/inventory/register/register_service.h"

#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/clock/date.h"
#include "common/listing/listing.h"
#include "common/status/status.h"
#include "common/validation/text.h"
#include "services/inventory/filing/filing_access.h"
#include "services/inventory/filing/filing_store.h"
#include "services/inventory/filing/statistics_store.h"

namespace idea::inventory {
namespace {

using status::Error;
using status::Reason;

// Maximum number of elements of an agreement whose names are returned.
constexpr int kMaxNames = 100;

// Maximum numbers of characters of the texts, and of departments, in the public register.
constexpr size_t kMaxPublicPurpose = 600;
constexpr size_t kMaxPublicLegalAuthority = 300;
constexpr int kMaxPublicDepartments = 10;

absl::Status CheckDay(const google::type::Date& date, const char* field) {
  const absl::CivilDay day(date.year(), date.month(), date.day());
  if (date.year() >= 1970 && day.year() == date.year() && day.month() == date.month() &&
      day.day() == date.day()) {
    return absl::OkStatus();
  }
  return Error(Reason::ERROR_REASON_INVALID_FIELD, std::string(field) + " is not a day of 1970 or later")
      .Field(field, "a day of the calendar, 1970 or later");
}

v1::Exchange ExchangeOf(v1::Filing& filing) {
  v1::Exchange exchange;
  exchange.set_filing(filing.name());
  exchange.set_bucp(filing.bucp());
  exchange.set_title(filing.title());
  exchange.mutable_providers()->Swap(filing.mutable_providers());
  exchange.mutable_recipients()->Swap(filing.mutable_recipients());
  if (filing.has_start_date()) *exchange.mutable_start_date() = filing.start_date();
  if (filing.has_end_date()) *exchange.mutable_end_date() = filing.end_date();
  exchange.set_state(filing.state());
  return exchange;
}

// Adds the names of the first elements until the page has no room, in bytes.
void AddElements(const v1::Terms& terms, v1::Exchange& exchange, size_t* room) {
  exchange.set_data_element_count(terms.data_elements_size());
  for (const std::string& name : terms.data_elements()) {
    if (exchange.data_elements_size() == kMaxNames || name.size() > *room) return;
    *room -= name.size();
    exchange.add_data_elements(name);
  }
}

v1::PublicFiling PublicOf(v1::Filing& filing) {
  v1::PublicFiling shown;
  shown.set_name(filing.name());
  shown.set_title(filing.title());
  shown.mutable_recipients()->Swap(filing.mutable_recipients());
  shown.mutable_providers()->Swap(filing.mutable_providers());
  shown.mutable_data_categories()->Swap(filing.mutable_data_categories());
  if (filing.has_start_date()) *shown.mutable_start_date() = filing.start_date();
  if (filing.has_end_date()) *shown.mutable_end_date() = filing.end_date();
  shown.set_recurrence(filing.recurrence());
  shown.set_state(filing.state());
  *shown.mutable_execute_time() = filing.execute_time();
  *shown.mutable_file_time() = filing.file_time();
  if (filing.has_end_time()) *shown.mutable_end_time() = filing.end_time();
  shown.set_leaf_index(filing.receipt().leaf().leaf_index());
  shown.set_digest(filing.digest());
  shown.set_source(filing.source());
  shown.set_grounds(filing.grounds());
  shown.set_superseded_by(filing.superseded_by());
  return shown;
}

// Adds the public part of the terms.
void AddTerms(const v1::Terms& terms, v1::PublicFiling& shown) {
  shown.set_purpose(terms.purpose());
  validation::Truncate(kMaxPublicPurpose, *shown.mutable_purpose());
  for (const auto& entry : terms.legal_authority().departments()) {
    if (shown.legal_authority_size() == kMaxPublicDepartments) return;
    auto& text = *shown.add_legal_authority() = entry;
    validation::Truncate(kMaxPublicLegalAuthority, *text.mutable_text());
  }
}

// A filing of an earlier release names the amendment that replaced it only in its end reason.
absl::StatusOr<std::string> SupersededBy(storage::Transaction& db, const v1::Filing& filing) {
  constexpr std::string_view kSuperseded = "superseded by ";
  if (!filing.superseded_by().empty() || !filing.end_reason().starts_with(kSuperseded))
    return filing.superseded_by();
  const std::string bucp = filing.end_reason().substr(kSuperseded.size());
  ASSIGN_OR_RETURN(const std::optional<v1::Filing> amendment, FindFilingOf(db, bucp));
  return amendment ? amendment->name() : std::string();
}

}  // namespace

void RegisterService::Bind(rpc::Router& router) {
  router.Bind(this, &RegisterService::ListUnfiled);
  router.Bind(this, &RegisterService::GetStatistics);
  router.Bind(this, &RegisterService::ListExchanges);
  router.Bind(this, &RegisterService::ListPublicFilings);
}

absl::StatusOr<v1::ListUnfiledResponse> RegisterService::ListUnfiled(rpc::Call& call,
                                                                     const v1::ListUnfiledRequest& request) {
  v1::ListUnfiledResponse response;
  ASSIGN_OR_RETURN(const std::vector<v1::Filing> filings,
                   inventory::ListUnfiled(call.db(), request, VisibilityOf(call.caller()),
                                          *response.mutable_next_page_token()));
  for (const v1::Filing& filing : filings) {
    v1::Unfiled& unfiled = *response.add_unfiled();
    unfiled.set_filing(filing.name());
    unfiled.set_bucp(filing.bucp());
    unfiled.set_title(filing.title());
    if (!filing.recipients().empty()) unfiled.set_filer(filing.recipients(0));
    *unfiled.mutable_execute_time() = filing.execute_time();
    unfiled.set_state(filing.state());
    unfiled.set_age_days(
        static_cast<int32_t>((call.now() - clock::FromProto(filing.execute_time())) / clock::kDay));
  }
  return response;
}

absl::StatusOr<v1::GetStatisticsResponse> RegisterService::GetStatistics(
    rpc::Call& call, const v1::GetStatisticsRequest& request) {
  if (request.has_from()) RETURN_IF_ERROR(CheckDay(request.from(), "from"));
  if (request.has_until()) RETURN_IF_ERROR(CheckDay(request.until(), "until"));
  const clock::Micros from = request.has_from() ? clock::StartOfDay(request.from()) : 0;
  const clock::Micros until =
      request.has_until() ? clock::StartOfDay(request.until()) : std::numeric_limits<clock::Micros>::max();
  if (until <= from) {
    return Error(Reason::ERROR_REASON_INVALID_FIELD, "the period ends before it begins")
        .Field("until", "a day after `from`");
  }
  const auth::Visibility visibility = VisibilityOf(call.caller());
  if (!request.entity().empty() && !visibility.Covers(request.entity())) {
    return Error(Reason::ERROR_REASON_NOT_FOUND,
                 request.entity() + " does not exist, or it is not your department");
  }
  std::optional<std::string> entity;
  if (!request.entity().empty()) entity = request.entity();
  if (!visibility.all()) entity = ListKeyOf(visibility);
  ASSIGN_OR_RETURN(std::vector<v1::Statistics> all, CountFilings(call.db(), from, until, entity));
  v1::GetStatisticsResponse response;
  response.set_yardstick_days(kYardstickDays);
  for (v1::Statistics& one : all) {
    // The total of one department is its own row.
    if (one.entity().empty() || entity) *response.mutable_total() = one;
    if (!one.entity().empty()) *response.add_departments() = std::move(one);
  }
  response.mutable_total()->clear_entity();
  return response;
}

absl::StatusOr<v1::ListExchangesResponse> RegisterService::ListExchanges(
    rpc::Call& call, const v1::ListExchangesRequest& request) {
  v1::ListFilingsRequest list;
  list.set_page_size(request.page_size());
  list.set_page_token(request.page_token());
  if (!request.with().empty()) list.set_filter("party = \"" + request.with() + "\"");
  if (!request.include_ended()) {
    list.set_filter(list.filter() + (list.filter().empty() ? "" : " AND ") +
                    "state = FILING_STATE_UNFILED OR state = FILING_STATE_FILED");
  }
  ASSIGN_OR_RETURN(v1::ListFilingsResponse page,
                   inventory::ListFilings(call.db(), list, VisibilityOf(call.caller())));
  ASSIGN_OR_RETURN(const std::vector<v1::Terms> terms, ReadTermsOf(call.db(), page.filings()));
  v1::ListExchangesResponse response;
  response.set_next_page_token(std::move(*page.mutable_next_page_token()));
  size_t room = listing::kMaxPageBytes;
  for (int i = 0; i < page.filings_size(); ++i) {
    v1::Exchange& exchange = *response.add_exchanges();
    exchange = ExchangeOf(*page.mutable_filings(i));
    AddElements(terms[static_cast<size_t>(i)], exchange, &room);
  }
  return response;
}

absl::StatusOr<v1::ListPublicFilingsResponse> RegisterService::ListPublicFilings(
    rpc::Call& call, const v1::ListPublicFilingsRequest& request) {
  v1::ListPublicFilingsResponse response;
  ASSIGN_OR_RETURN(std::vector<v1::Filing> listed,
                   ListPublic(call.db(), request, *response.mutable_next_page_token()));
  google::protobuf::RepeatedPtrField<v1::Filing> filings(std::make_move_iterator(listed.begin()),
                                                         std::make_move_iterator(listed.end()));
  ASSIGN_OR_RETURN(const std::vector<v1::Terms> terms, ReadTermsOf(call.db(), filings));
  for (int i = 0; i < filings.size(); ++i) {
    v1::Filing& filing = filings[i];
    v1::PublicFiling shown = PublicOf(filing);
    AddTerms(terms[static_cast<size_t>(i)], shown);
    ASSIGN_OR_RETURN(*shown.mutable_superseded_by(), SupersededBy(call.db(), filing));
    if (!filing.amends().empty()) {
      ASSIGN_OR_RETURN(const std::optional<v1::Filing> amended, FindFilingOf(call.db(), filing.amends()));
      if (amended) shown.set_amends(amended->name());
    }
    *response.add_filings() = std::move(shown);
  }
  return response;
}

}  // namespace idea::inventory
