#include "services/inventory/exchange/transfer_rules.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"

namespace idea::inventory {
namespace {

struct Phrase {
  std::string_view text;
  Period period;
};

constexpr Phrase kPhrases[] = {
    {"daily", Period::kDay},
    {"every day", Period::kDay},
    {"once a day", Period::kDay},
    {"weekly", Period::kWeek},
    {"every week", Period::kWeek},
    {"once a week", Period::kWeek},
    {"biweekly", Period::kTwoWeeks},
    {"every two weeks", Period::kTwoWeeks},
    {"monthly", Period::kMonth},
    {"every month", Period::kMonth},
    {"once a month", Period::kMonth},
    {"quarterly", Period::kQuarter},
    {"every quarter", Period::kQuarter},
    {"once a quarter", Period::kQuarter},
    {"semiannually", Period::kHalfYear},
    {"semi-annually", Period::kHalfYear},
    {"twice a year", Period::kHalfYear},
    {"annually", Period::kYear},
    {"yearly", Period::kYear},
    {"every year", Period::kYear},
    {"once a year", Period::kYear},
};

// The number of the period of a day. If data flows once, all days are in one period.
int NumberOf(Period period, exchange::Day day) {
  const google::type::Date date = exchange::DateOf(day);
  const int month = date.year() * 12 + date.month() - 1;
  // 1970-01-01 was a Thursday; weeks begin on Monday.
  const int week = (day + 3 - ((day + 3) % 7 + 7) % 7) / 7;
  switch (period) {
    case Period::kDay:
      return day;
    case Period::kWeek:
      return week;
    case Period::kTwoWeeks:
      return (week - (week % 2 + 2) % 2) / 2;
    case Period::kMonth:
      return month;
    case Period::kQuarter:
      return month / 3;
    case Period::kHalfYear:
      return month / 6;
    case Period::kYear:
      return date.year();
    default:
      return 0;
  }
}

}  // namespace

Period PeriodOf(drafting::v1::Recurrence recurrence, std::string_view frequency) {
  if (recurrence == drafting::v1::RECURRENCE_ONE_TIME) return Period::kOnce;
  std::string text(absl::StripAsciiWhitespace(absl::string_view(frequency.data(), frequency.size())));
  absl::AsciiStrToLower(&text);
  const auto found = std::find_if(std::begin(kPhrases), std::end(kPhrases),
                                  [&](const Phrase& phrase) { return phrase.text == text; });
  return found == std::end(kPhrases) ? Period::kUnknown : found->period;
}

std::vector<v1::TransferFinding> Reconcile(Period period, exchange::Day start,
                                           std::optional<exchange::Day> previous, exchange::Day day) {
  std::vector<v1::TransferFinding> findings;
  if (period == Period::kUnknown) return findings;
  if (previous && NumberOf(period, *previous) == NumberOf(period, day))
    findings.push_back(v1::TRANSFER_FINDING_TOO_FREQUENT);
  if (MissedPeriods(period, start, previous, day) > 0) findings.push_back(v1::TRANSFER_FINDING_LATE);
  return findings;
}

int MissedPeriods(Period period, exchange::Day start, std::optional<exchange::Day> last, exchange::Day day) {
  if (period == Period::kUnknown || (!last && start == exchange::kNoStart)) return 0;
  return std::max(0, NumberOf(period, day) - NumberOf(period, last.value_or(start)) - 1);
}

}  // namespace idea::inventory
