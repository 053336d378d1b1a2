#ifndef IDEA_COMMON_CLOCK_DATE_H_
#define IDEA_COMMON_CLOCK_DATE_H_

#include <string>

#include "absl/time/civil_time.h"
#include "common/clock/clock.h"
#include "google/type/date.pb.h"

// Calendar days: google::type::Date in messages, absl::CivilDay to calculate with, and text in databases.
namespace idea::clock {

absl::CivilDay DayOf(const google::type::Date& date);
google::type::Date DateOf(absl::CivilDay day);

// The beginning of a day in UTC.
Micros StartOfDay(absl::CivilDay day);
Micros StartOfDay(const google::type::Date& date);

// "YYYY-MM-DD", which sorts in the order of time. Empty for a date that is not set.
std::string DateText(const google::type::Date& date);
std::string DateText(absl::CivilDay day);
// The same, with `day` for a date that is not set.
std::string DateText(const google::type::Date& date, absl::CivilDay day);

// The date of a text that DateText() returned. The empty text is a date that is not set.
google::type::Date DateFromText(const std::string& text);

}  // namespace idea::clock

#endif  // IDEA_COMMON_CLOCK_DATE_H_
