#include "services/inventory/filing/amendment_rules.h"

#include <string>

#include "absl/algorithm/container.h"
#include "common/clock/date.h"
#include "common/flow/flow.h"
#include "common/status/status.h"

namespace idea::inventory {
namespace {

using status::Error;
using status::Reason;
using Names = google::protobuf::RepeatedPtrField<std::string>;

absl::Status Invalid(const std::string& wanted) {
  return Error(Reason::ERROR_REASON_INVALID_FIELD, "amends: " + wanted).Field("amends", wanted);
}

bool HasAll(const Names& names, const Names& required) {
  return absl::c_all_of(required,
                        [&](const std::string& name) { return absl::c_linear_search(names, name); });
}

absl::CivilDay DayOf(const google::protobuf::Timestamp& at, absl::TimeZone zone) {
  return clock::DayOf(clock::FromProto(at), zone);
}

bool IsPastLastDay(const v1::Filing& filing, const google::protobuf::Timestamp& at, absl::TimeZone zone) {
  return filing.has_end_date() && clock::DayOf(filing.end_date()) < DayOf(at, zone);
}

// Whether its last day ended it: it was neither terminated nor superseded.
bool EndedWithLastDay(const v1::Filing& filing, absl::TimeZone zone) {
  return filing.state() == v1::FILING_STATE_ENDED && filing.grounds() == v1::GROUNDS_UNSPECIFIED &&
         IsPastLastDay(filing, filing.end_time(), zone);
}

}  // namespace

bool IsInForceAt(const v1::Filing& filing, const google::protobuf::Timestamp& at, absl::TimeZone zone) {
  return filing.state() != v1::FILING_STATE_ENDED && !IsPastLastDay(filing, at, zone);
}

absl::Status CheckAmends(const v1::Filing& amendment, const std::optional<v1::Filing>& amended,
                         absl::TimeZone zone) {
  const std::string& name = amendment.amends();
  if (name == amendment.bucp()) return Invalid("another BUCP than the amendment itself");
  if (!amended) {
    return Error(Reason::ERROR_REASON_AMENDED_AGREEMENT_UNKNOWN,
                 "the register does not have " + name + " yet")
        .With("amends", name);
  }
  if (!HasAll(amendment.recipients(), amended->recipients()) ||
      !HasAll(amendment.providers(), amended->providers()) || amendment.recipients().empty() ||
      amended->recipients().empty() || amendment.recipients(0) != amended->recipients(0)) {
    return Invalid("an agreement whose parties are all parties of the amendment, with the same lead");
  }
  const auto& executed = amendment.execute_time();
  if (IsInForceAt(*amended, executed, zone)) return absl::OkStatus();
  if (EndedWithLastDay(*amended, zone) && !IsPastLastDay(*amended, executed, zone)) return absl::OkStatus();
  const std::string why = amended->state() == v1::FILING_STATE_ENDED
                              ? amended->end_reason()
                              : std::string("its last day had passed when the amendment was executed");
  return Error(Reason::ERROR_REASON_AMENDED_AGREEMENT_ENDED, name + " is no longer in force: " + why)
      .With("amends", name)
      .With("filing", amended->name());
}

}  // namespace idea::inventory
