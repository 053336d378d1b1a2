#include "services/dispute/working_days.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

namespace idea::dispute {
namespace {

constexpr std::array<std::string_view, 7> kWeekdays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::vector<std::string_view> Split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (size_t end = text.find(at); end != std::string_view::npos; end = text.find(at)) {
    parts.push_back(Trim(text.substr(0, end)));
    text.remove_prefix(end + 1);
  }
  parts.push_back(Trim(text));
  return parts;
}

bool ParseNumber(std::string_view text, int low, int high, int* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size() && low <= *number && *number <= high;
}

// The place of a name in a list, from 1. 0 if the list does not contain it.
template <size_t N>
int PlaceIn(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? 0 : static_cast<int>(found - names.begin()) + 1;
}

std::string Text(absl::CivilDay day) { return absl::FormatCivilTime(day); }

bool IsWeekend(absl::CivilDay day) {
  const absl::Weekday weekday = absl::GetWeekday(day);
  return weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday;
}

}  // namespace

bool WorkingDays::Holiday::ParseDay(std::string_view text) {
  std::vector<std::string_view> dashed = Split(text, '-');
  if (dashed.size() > 1) {
    if (dashed.size() == 3) {
      if (!ParseNumber(dashed[0], 1900, 9999, &year)) return false;
      dashed.erase(dashed.begin());
    }
    return dashed.size() == 2 && ParseNumber(dashed[0], 1, 12, &month) &&
           ParseNumber(dashed[1], 1, 31, &day) &&
           absl::CivilDay(year == 0 ? 2023 : year, month, day).month() == month;
  }
  const std::vector<std::string_view> words = Split(text, ' ');
  if (words.size() != 3 && words.size() != 4) return false;
  by_weekday = true;
  const int in_week = PlaceIn(kWeekdays, words[1]);
  month = PlaceIn(kMonths, words[2]);
  if (in_week == 0 || month == 0) return false;
  weekday = static_cast<absl::Weekday>(in_week - 1);
  if (words[0] != "last" && !ParseNumber(words[0], 1, 4, &nth)) return false;
  return words.size() == 3 || (words[3].substr(0, 1) == "+" && ParseNumber(words[3].substr(1), 1, 6, &plus));
}

bool WorkingDays::Holiday::ParseMoved(std::string_view text) {
  sunday_moves = text == "sunday" || text == "sunday saturday";
  saturday_moves = text == "sunday saturday";
  return text.empty() || sunday_moves;
}

absl::CivilDay WorkingDays::Holiday::In(absl::civil_year_t in) const {
  if (by_weekday) {
    if (nth == 0) return absl::PrevWeekday(absl::CivilDay(in, month + 1, 1), weekday) + plus;
    return absl::NextWeekday(absl::CivilDay(in, month, 1) - 1, weekday) + int64_t{7} * (nth - 1) + plus;
  }
  const absl::CivilDay kept(year == 0 ? in : year, month, day);
  const absl::Weekday falls_on = absl::GetWeekday(kept);
  if (sunday_moves && falls_on == absl::Weekday::sunday) return kept + 1;
  if (saturday_moves && falls_on == absl::Weekday::saturday) return kept - 1;
  return kept;
}

absl::StatusOr<WorkingDays> WorkingDays::Parse(std::string_view holidays, const std::string& time_zone) {
  WorkingDays days;
  if (!absl::LoadTimeZone(time_zone, &days.zone_)) {
    return absl::InvalidArgumentError("unknown time zone " + time_zone +
                                      "; is the package tzdata installed?");
  }
  int number = 0;
  for (const std::string_view line : Split(holidays, '\n')) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    const std::vector<std::string_view> cells = Split(line, ',');
    Holiday holiday;
    if (cells.size() != 3 || cells[0].empty() || !holiday.ParseDay(cells[1]) ||
        !holiday.ParseMoved(cells[2])) {
      return absl::InvalidArgumentError(
          "line " + std::to_string(number) +
          " is not a holiday of the form \"name, day, moved\": " + std::string(line));
    }
    holiday.name = cells[0];
    days.holidays_.push_back(std::move(holiday));
  }
  return days;
}

std::string WorkingDays::HolidayOn(absl::CivilDay day) const {
  for (const Holiday& holiday : holidays_) {
    // New Year's Day may be kept on the last day of the year before.
    if (holiday.In(day.year()) == day || holiday.In(day.year() + 1) == day) return holiday.name;
  }
  return "";
}

absl::CivilDay WorkingDays::DayOf(clock::Micros at) const {
  return absl::ToCivilDay(absl::FromUnixMicros(at), zone_);
}

WorkingDays::Deadline WorkingDays::After(clock::Micros from, int days) const {
  const absl::CivilDay begin = DayOf(from);
  absl::CivilDay day = begin;
  std::string skipped;
  for (int left = days; left > 0;) {
    ++day;
    if (IsWeekend(day)) continue;
    const std::string holiday = HolidayOn(day);
    if (holiday.empty()) {
      --left;
    } else {
      skipped += (skipped.empty() ? "; not counted: " : ", ") + holiday + " (" + Text(day) + ")";
    }
  }
  return {absl::ToUnixMicros(absl::FromCivil(day + 1, zone_)),
          std::to_string(days) + " working days after " + Text(begin) + " end with " + Text(day) + skipped};
}

}  // namespace idea::dispute
