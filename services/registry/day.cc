#include "services/registry/day.h"

#include <chrono>
#include <cstdio>

namespace idea::registry {
namespace {

std::string Formatted(int year, unsigned month, unsigned day) {
  char text[32];
  std::snprintf(text, sizeof(text), "%04d-%02u-%02u", year, month, day);
  return text;
}

std::chrono::sys_days DaysOf(const google::type::Date& date) {
  return std::chrono::year(date.year()) / date.month() / date.day();
}

}  // namespace

std::string DayOf(const google::type::Date& date) {
  if (date.year() == 0) return "";
  return Formatted(date.year(), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string DayOf(clock::Micros at) {
  const std::chrono::sys_time<std::chrono::microseconds> moment{std::chrono::microseconds(at)};
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(moment)};
  return Formatted(int{day.year()}, unsigned{day.month()}, unsigned{day.day()});
}

google::type::Date DateOf(const std::string& day) {
  google::type::Date date;
  date.set_year(std::stoi(day.substr(0, 4)));
  date.set_month(std::stoi(day.substr(5, 2)));
  date.set_day(std::stoi(day.substr(8, 2)));
  return date;
}

int DaysBetween(const std::string& from, const std::string& to) {
  return static_cast<int>((DaysOf(DateOf(to)) - DaysOf(DateOf(from))).count());
}

}  // namespace idea::registry
