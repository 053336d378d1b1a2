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

// Working days: Monday to Friday except the holidays of a file. services/dispute/data/holidays.csv describes
// its format. Days begin at midnight of one time zone. Immutable.
class WorkingDays {
 public:
  // `holidays` is the text of the file. Fails with the line that is not valid, or with a time zone that this
  // machine does not have.
  static absl::StatusOr<WorkingDays> Parse(std::string_view holidays, const std::string& time_zone);

  // The end of a period of working days, which does not count the day on which it begins.
  struct Deadline {
    // The midnight at the end of the last day.
    clock::Micros due = 0;
    // "5 working days after 2026-11-20 end with 2026-12-01; not counted: Thanksgiving Day (2026-11-26), ...".
    std::string why = {};
  };
  Deadline After(clock::Micros from, int days) const;

  // The name of the holiday on a day, or "".
  std::string HolidayOn(absl::CivilDay day) const;
  // The day of a time.
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

    // The day of the holiday in a year. It may move to the year before.
    absl::CivilDay In(absl::civil_year_t year) const;
    bool ParseDay(std::string_view text);
    bool ParseMoved(std::string_view text);
  };

  std::vector<Holiday> holidays_;
  absl::TimeZone zone_;
};

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_WORKING_DAYS_H_
