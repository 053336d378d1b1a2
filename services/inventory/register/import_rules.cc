#include "services/inventory/register/import_rules.h"

#include "common/clock/date.h"
#include "common/status/status.h"
#include "common/validation/validation.h"
#include "google/rpc/error_details.pb.h"

namespace idea::inventory {
namespace {

using clock::kDay;

// The first fault that the rules of the fields find.
std::optional<Refusal> CheckForm(const v1::EarlierFiling& row) {
  const absl::Status checked = validation::Validate(row);
  if (checked.ok()) return std::nullopt;
  const google::rpc::Status wire = status::ToWire(checked);
  for (const auto& detail : wire.details()) {
    google::rpc::BadRequest bad;
    if (!detail.UnpackTo(&bad) || bad.field_violations().empty()) continue;
    return Refusal{bad.field_violations(0).field(), bad.field_violations(0).description()};
  }
  return Refusal{"", std::string(checked.message())};
}

std::optional<Refusal> CheckParties(const v1::EarlierFiling& row, const std::set<std::string>& parties) {
  std::set<std::string> seen;
  const auto check = [&](const auto& entities, const char* field) -> std::optional<Refusal> {
    for (const std::string& entity : entities) {
      if (!parties.contains(entity)) return Refusal{field, entity + " is not in the registry"};
      if (!seen.insert(entity).second) return Refusal{field, entity + " is named twice"};
    }
    return std::nullopt;
  };
  const auto refused = check(row.recipients(), "recipients");
  return refused ? refused : check(row.providers(), "providers");
}

// The first date that precedes one that it has to follow.
std::optional<Refusal> CheckDates(const v1::EarlierFiling& row, clock::Micros now) {
  const clock::Micros executed = clock::StartOfDay(row.execute_date()),
                      filed = clock::StartOfDay(row.file_date());
  if (executed < 0) return Refusal{"execute_date", "a day of 1970 or later"};
  if (row.has_draft_date() && clock::StartOfDay(row.draft_date()) > executed)
    return Refusal{"draft_date", "a day that is not after execute_date"};
  if (filed < executed) return Refusal{"file_date", "a day that is not before execute_date"};
  if (filed > now) return Refusal{"file_date", "a day that is not in the future"};
  if (row.has_end_date() && row.has_start_date() &&
      clock::StartOfDay(row.end_date()) < clock::StartOfDay(row.start_date()))
    return Refusal{"end_date", "a day that is not before start_date"};
  if (row.has_ended_date() && clock::StartOfDay(row.ended_date()) < executed)
    return Refusal{"ended_date", "a day that is not before execute_date"};
  if (row.has_ended_date() && clock::StartOfDay(row.ended_date()) > now)
    return Refusal{"ended_date", "a day that is not in the future"};
  if (!row.has_ended_date() && !row.end_reason().empty())
    return Refusal{"end_reason", "empty unless ended_date is set"};
  if (!row.has_ended_date() && row.grounds() != v1::GROUNDS_UNSPECIFIED)
    return Refusal{"grounds", "empty unless ended_date is set"};
  return std::nullopt;
}

void Set(google::protobuf::Timestamp* time, const google::type::Date& day) {
  *time = clock::ToProto(clock::StartOfDay(day));
}

}  // namespace

std::optional<Refusal> CheckRow(const v1::EarlierFiling& row, const std::set<std::string>& parties,
                                clock::Micros now) {
  auto refused = CheckForm(row);
  if (!refused) refused = CheckParties(row, parties);
  return refused ? refused : CheckDates(row, now);
}

v1::Filing FilingOf(const v1::EarlierFiling& row, const std::string& source, clock::Micros now) {
  v1::Filing filing;
  filing.set_title(row.title());
  filing.set_digest(row.digest());
  *filing.mutable_recipients() = row.recipients();
  *filing.mutable_providers() = row.providers();
  filing.set_disputed(row.disputed());
  *filing.mutable_data_categories() = row.data_categories();
  if (row.has_start_date()) *filing.mutable_start_date() = row.start_date();
  if (row.has_end_date()) *filing.mutable_end_date() = row.end_date();
  filing.set_recurrence(row.recurrence());
  filing.set_frequency(row.frequency());
  filing.set_feedback(row.feedback());
  if (row.has_draft_date()) Set(filing.mutable_draft_time(), row.draft_date());
  Set(filing.mutable_execute_time(), row.execute_date());
  Set(filing.mutable_file_time(), row.file_date());
  filing.set_source(source);
  filing.set_source_reference(row.reference());
  filing.set_state(v1::FILING_STATE_FILED);
  if (row.has_ended_date()) {
    filing.set_state(v1::FILING_STATE_ENDED);
    filing.set_end_reason(row.end_reason());
    filing.set_grounds(row.grounds());
    filing.set_deletion_terms(row.deletion_terms());
    Set(filing.mutable_end_time(), row.ended_date());
  } else if (row.has_end_date() && clock::StartOfDay(row.end_date()) + kDay <= now) {
    filing.set_state(v1::FILING_STATE_ENDED);
    filing.set_end_reason("its last day was over when it was taken over");
    *filing.mutable_end_time() = clock::ToProto(clock::StartOfDay(row.end_date()) + kDay);
  }
  return filing;
}

v1::Terms TermsOf(const v1::EarlierFiling& row) {
  v1::Terms terms;
  terms.set_purpose(row.purpose());
  *terms.mutable_data_elements() = row.data_elements();
  if (row.has_data_users()) *terms.mutable_data_users() = row.data_users();
  if (row.has_destruction()) *terms.mutable_destruction() = row.destruction();
  if (row.has_redisclosure()) *terms.mutable_redisclosure() = row.redisclosure();
  if (row.has_contacts()) *terms.mutable_contacts() = row.contacts();
  return terms;
}

}  // namespace idea::inventory
