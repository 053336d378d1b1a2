#include "common/clock/date.h"

namespace idea::clock {

absl::CivilDay DayOf(const google::type::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

google::type::Date DateOf(absl::CivilDay day) {
  google::type::Date date;
  date.set_year(static_cast<int>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

Micros StartOfDay(absl::CivilDay day) {
  return absl::ToUnixMicros(absl::FromCivil(day, absl::UTCTimeZone()));
}

Micros StartOfDay(const google::type::Date& date) { return StartOfDay(DayOf(date)); }

std::string DateText(const google::type::Date& date) { return date.year() == 0 ? "" : DateText(DayOf(date)); }

std::string DateText(absl::CivilDay day) { return absl::FormatCivilTime(day); }

std::string DateText(const google::type::Date& date, absl::CivilDay day) {
  return date.year() == 0 ? DateText(day) : DateText(date);
}

google::type::Date DateFromText(const std::string& text) {
  absl::CivilDay day;
  return absl::ParseCivilTime(text, &day) ? DateOf(day) : google::type::Date();
}

}  // namespace idea::clock
