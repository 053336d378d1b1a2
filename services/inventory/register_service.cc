#include "services/inventory/register_service.h"

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/status/status.h"
#include "services/inventory/filing_counts.h"
#include "services/inventory/filing_store.h"

namespace idea::inventory {
namespace {

using status::Error;
using status::Reason;

// Whose filings the caller sees; empty: everybody's.
std::string ViewOf(const rpc::Call& call) {
  return call.caller().kind == common::v1::CALLER_KIND_CDO ? "" : call.caller().entity;
}

absl::Status CheckDay(const google::type::Date& date, const char* field) {
  const absl::CivilDay day(date.year(), date.month(), date.day());
  if (date.year() >= 1970 && day.year() == date.year() && day.month() == date.month() &&
      day.day() == date.day()) {
    return absl::OkStatus();
  }
  return Error(Reason::ERROR_REASON_INVALID_FIELD, std::string(field) + " is no day since 1970")
      .Field(field, "a day of the calendar, 1970 or later");
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
  return shown;
}

}  // namespace

absl::StatusOr<v1::ListUnfiledResponse> RegisterService::ListUnfiled(rpc::Call& call,
                                                                     const v1::ListUnfiledRequest& request) {
  v1::ListUnfiledResponse response;
  ASSIGN_OR_RETURN(
      const std::vector<v1::Filing> filings,
      inventory::ListUnfiled(call.db(), request, ViewOf(call), *response.mutable_next_page_token()));
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
  const clock::Micros from = request.has_from() ? MicrosOf(request.from()) : 0;
  const clock::Micros until =
      request.has_until() ? MicrosOf(request.until()) : std::numeric_limits<clock::Micros>::max();
  if (until <= from) {
    return Error(Reason::ERROR_REASON_INVALID_FIELD, "the period ends before it begins")
        .Field("until", "a day after `from`");
  }
  const std::string view = ViewOf(call);
  if (!view.empty() && !request.entity().empty() && request.entity() != view) {
    return Error(Reason::ERROR_REASON_NOT_FOUND, "there is no " + request.entity() + ", or it is not yours");
  }
  std::optional<std::string> entity;
  if (!request.entity().empty()) entity = request.entity();
  if (!view.empty()) entity = view;
  ASSIGN_OR_RETURN(std::vector<v1::Statistics> all, CountFilings(call.db(), from, until, entity));
  v1::GetStatisticsResponse response;
  response.set_yardstick_days(kYardstickDays);
  for (v1::Statistics& one : all) {
    // Of one department, that is all that there is to see.
    if (one.entity().empty() || entity) *response.mutable_total() = one;
    if (!one.entity().empty()) *response.add_departments() = std::move(one);
  }
  response.mutable_total()->clear_entity();
  return response;
}

absl::StatusOr<v1::ListPublicFilingsResponse> RegisterService::ListPublicFilings(
    rpc::Call& call, const v1::ListPublicFilingsRequest& request) {
  v1::ListPublicFilingsResponse response;
  ASSIGN_OR_RETURN(std::vector<v1::Filing> filings,
                   ListPublic(call.db(), request, *response.mutable_next_page_token()));
  for (v1::Filing& filing : filings) {
    v1::PublicFiling shown = PublicOf(filing);
    if (!filing.amends().empty()) {
      ASSIGN_OR_RETURN(const std::optional<v1::Filing> amended, FindFilingOf(call.db(), filing.amends()));
      if (amended) shown.set_amends(amended->name());
    }
    *response.add_filings() = std::move(shown);
  }
  return response;
}

}  // namespace idea::inventory
