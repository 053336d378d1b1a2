#include "services/dispute/working_days.h"

#include <gmock/gmock.h>

#include "tests/support/golden.h"
#include "tests/support/matchers.h"

namespace idea::dispute {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;

constexpr char kZone[] = "America/Los_Angeles";

WorkingDays Shipped() {
  const auto days =
      WorkingDays::Parse(testing::ReadText(testing::SourcePath("services/dispute/data/holidays.csv")), kZone);
  EXPECT_THAT(days, IsOk());
  return days.value_or(WorkingDays());
}

// Noon of a day in California.
clock::Micros Noon(int year, int month, int day) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(kZone, &zone));
  return absl::ToUnixMicros(absl::FromCivil(absl::CivilSecond(year, month, day, 12), zone));
}

struct Kept {
  int year, month, day;
  const char* name;
};

class HolidayOfTheFile : public ::testing::TestWithParam<Kept> {};

TEST_P(HolidayOfTheFile, IsKeptOnItsDay) {
  EXPECT_EQ(Shipped().HolidayOn(absl::CivilDay(GetParam().year, GetParam().month, GetParam().day)),
            GetParam().name);
}

INSTANTIATE_TEST_SUITE_P(
    Each, HolidayOfTheFile,
    ::testing::Values(Kept{2026, 1, 1, "New Year's Day"},
                      // A Sunday: the Monday after is a holiday, too.
                      Kept{2023, 1, 2, "New Year's Day"},
                      // A Saturday does not move, except Veterans Day.
                      Kept{2027, 12, 31, ""}, Kept{2026, 7, 3, ""}, Kept{2023, 11, 10, "Veterans Day"},
                      Kept{2029, 11, 12, "Veterans Day"}, Kept{2026, 1, 19, "Dr. Martin Luther King Jr. Day"},
                      Kept{2026, 2, 16, "Presidents' Day"}, Kept{2026, 3, 31, "Farmworkers Day"},
                      Kept{2026, 5, 25, "Memorial Day"}, Kept{2021, 7, 5, "Independence Day"},
                      Kept{2026, 9, 7, "Labor Day"}, Kept{2026, 11, 26, "Thanksgiving Day"},
                      Kept{2026, 11, 27, "Day after Thanksgiving"}, Kept{2022, 12, 26, "Christmas Day"},
                      Kept{2026, 6, 1, ""}));

TEST(WorkingDays, EndWithTheMidnightOfTheLastDay) {
  // Friday before the week of Thanksgiving 2026.
  const auto term = Shipped().After(Noon(2026, 11, 20), 5);
  EXPECT_EQ(term.due, Noon(2026, 12, 1) + int64_t{12} * 3600 * clock::kSecond);
  EXPECT_EQ(
      term.why,
      "5 working days after 2026-11-20 end with 2026-12-01; not counted: Thanksgiving Day (2026-11-26), "
      "Day after Thanksgiving (2026-11-27)");
}

TEST(WorkingDays, DoNotCountTheFirstDay) {
  const WorkingDays days = Shipped();
  // A week without a holiday, from a Monday, a Saturday and a Sunday.
  EXPECT_THAT(days.After(Noon(2026, 6, 1), 5).why, HasSubstr("end with 2026-06-08"));
  EXPECT_THAT(days.After(Noon(2026, 6, 6), 5).why, HasSubstr("end with 2026-06-12"));
  EXPECT_THAT(days.After(Noon(2026, 6, 7), 5).why, HasSubstr("end with 2026-06-12"));
  EXPECT_THAT(days.After(Noon(2026, 6, 1), 10).why, HasSubstr("end with 2026-06-15"));
}

TEST(WorkingDays, BeginAndEndInTheTimeZoneInEverySeason) {
  const WorkingDays days = Shipped();
  // 2026-03-06 23:30 in California is the 7th by UTC; clocks go forward on the 8th.
  const clock::Micros late = Noon(2026, 3, 6) + (int64_t{11} * 60 + 30) * 60 * clock::kSecond;
  EXPECT_EQ(days.DayOf(late), absl::CivilDay(2026, 3, 6));
  EXPECT_EQ(days.After(late, 1).due, Noon(2026, 3, 9) + int64_t{12} * 3600 * clock::kSecond);
}

// Over both changes of daylight saving time, a leap day and the end of a year.
TEST(WorkingDays, EndAtMidnightOfTheirLastDay) {
  const WorkingDays days = Shipped();
  struct Period {
    absl::CivilDay begin;
    absl::CivilDay last;
  };
  for (const auto& [begin, last] : {Period{absl::CivilDay(2027, 3, 12), absl::CivilDay(2027, 3, 19)},
                                    Period{absl::CivilDay(2026, 10, 30), absl::CivilDay(2026, 11, 6)},
                                    Period{absl::CivilDay(2028, 2, 28), absl::CivilDay(2028, 3, 6)},
                                    Period{absl::CivilDay(2028, 2, 29), absl::CivilDay(2028, 3, 7)},
                                    Period{absl::CivilDay(2027, 2, 26), absl::CivilDay(2027, 3, 5)},
                                    Period{absl::CivilDay(2026, 12, 28), absl::CivilDay(2027, 1, 5)}}) {
    const auto noon = [](absl::CivilDay day) {
      return Noon(static_cast<int>(day.year()), day.month(), day.day());
    };
    EXPECT_EQ(days.After(noon(begin), 5).due, noon(last) + int64_t{12} * 3600 * clock::kSecond) << begin;
  }
}

TEST(WorkingDays, OfAnotherFile) {
  const auto days =
      WorkingDays::Parse("# ours\n\nMourning, 2026-06-03,\nLeap day,2028-02-29,sunday\n", kZone);
  ASSERT_THAT(days, IsOk());
  EXPECT_EQ(days->HolidayOn(absl::CivilDay(2026, 6, 3)), "Mourning");
  EXPECT_EQ(days->HolidayOn(absl::CivilDay(2027, 6, 3)), "");
  EXPECT_THAT(WorkingDays::Parse("", kZone), IsOk());
}

TEST(WorkingDays, NameTheWrongLine) {
  for (const char* line :
       {"Christmas", "Christmas, 12-25", ", 12-25,", "X, 13-01,", "X, 02-29,", "X, 2026-02-29,",
        "X, 5 Mon Jan,", "X, 1 Mo Jan,", "X, 1 Mon January,", "X, first Mon Jan,", "X, 1 Mon Jan 1,",
        "X, 1 Mon Jan +9,", "X, 12-25, saturday", "X, 12-25, sunday, more", "X, ,"}) {
    const auto days = WorkingDays::Parse(std::string("# first\n") + line, kZone);
    ASSERT_FALSE(days.ok()) << line;
    EXPECT_THAT(std::string(days.status().message()), HasSubstr("line 2 is not a holiday")) << line;
  }
  EXPECT_FALSE(WorkingDays::Parse("", "California/Sacramento").ok());
}

}  // namespace
}  // namespace idea::dispute
