#include "services/registry/entity/day.h"

namespace idea::registry {
namespace {

absl::CivilDay CivilDayOf(const google::type::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

}  // namespace

std::string DayOf(const google::type::Date& date) {
  if (date.year() == 0) return "";
  return DayOf(CivilDayOf(date));
}

std::string DayOf(absl::CivilDay day) { return absl::FormatCivilTime(day); }

google::type::Date DateOf(const std::string& day) {
  google::type::Date date;
  date.set_year(std::stoi(day.substr(0, 4)));
  date.set_month(std::stoi(day.substr(5, 2)));
  date.set_day(std::stoi(day.substr(8, 2)));
  return date;
}

int DaysBetween(const std::string& from, const std::string& to) {
  return static_cast<int>(CivilDayOf(DateOf(to)) - CivilDayOf(DateOf(from)));
}

}  // namespace idea::registry
