#ifndef IDEA_SERVICES_DISPUTE_WORKING_DAYS_H_
#define IDEA_SERVICES_DISPUTE_WORKING_DAYS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"

namespace idea::dispute {

// Working days: Monday to Friday less the holidays of a file, where the file
// services/dispute/data/holidays.csv says how one is written. Days begin and end at the midnight of one time
// zone. Immutable.
class WorkingDays {
 public:
  // `holidays` is the text of such a file. Fails with the line that cannot be read, or the time zone that
  // this machine does not know.
  static absl::StatusOr<WorkingDays> Parse(std::string_view holidays, const std::string& time_zone);

  // A term of working days, the day it begins on not counted.
  struct Term {
    // The midnight that ends its last day.
    clock::Micros due = 0;
    // "5 working days after 2026-11-20 end with 2026-12-01; not counted: Thanksgiving Day (2026-11-26), ...".
    std::string why = {};
  };
  Term After(clock::Micros from, int days) const;

  // Name of the holiday kept on a day; empty if there is none.
  std::string HolidayOn(absl::CivilDay day) const;
  // The day that a time falls on.
  absl::CivilDay DayOf(clock::Micros at) const;

 private:
  // "3 Mon Jan", "last Mon May" (nth = 0), "12-25" (weekday unset), "2026-12-24" (year set).
  struct Holiday {
    std::string name;
    int year = 0;
    int month = 0;
    int day = 0;
    bool by_weekday = false;
    absl::Weekday weekday = absl::Weekday::monday;
    int nth = 0;
    int plus = 0;
    bool sunday_moves = false;
    bool saturday_moves = false;

    // The day it is kept on in a year; that of the year before if it moves there.
    absl::CivilDay In(absl::civil_year_t year) const;
    bool ParseDay(std::string_view text);
    bool ParseMoved(std::string_view text);
  };

  std::vector<Holiday> holidays_;
  absl::TimeZone zone_;
};

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_WORKING_DAYS_H_
