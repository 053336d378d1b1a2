#include "common/clock/clock.h"

#include <gtest/gtest.h>

namespace idea::clock {
namespace {

constexpr Micros kHour = 3600 * kSecond;

// The last hour of each of these days, in California: a change of the clocks, a leap day, the end of a year.
struct Hour {
  absl::CivilDay day;
  // The offset from UTC at the end of the day, in hours.
  int offset;
};

class ADay : public ::testing::TestWithParam<Hour> {};

TEST_P(ADay, EndsAtMidnightOfItsTimeZone) {
  absl::TimeZone zone;
  ASSERT_TRUE(absl::LoadTimeZone("America/Los_Angeles", &zone));
  const auto& [day, offset] = GetParam();
  const Micros midnight = (day + 1 - absl::CivilDay(1970, 1, 1)) * kDay - offset * kHour;
  EXPECT_EQ(DayOf(midnight - kHour, zone), day);
  EXPECT_EQ(DayOf(midnight - 1, zone), day);
  EXPECT_EQ(DayOf(midnight, zone), day + 1);
}

INSTANTIATE_TEST_SUITE_P(
    Each, ADay,
    ::testing::Values(Hour{absl::CivilDay(2027, 3, 13), -8}, Hour{absl::CivilDay(2027, 3, 14), -7},
                      Hour{absl::CivilDay(2026, 10, 31), -7}, Hour{absl::CivilDay(2026, 11, 1), -8},
                      Hour{absl::CivilDay(2028, 2, 28), -8}, Hour{absl::CivilDay(2028, 2, 29), -8},
                      Hour{absl::CivilDay(2027, 2, 28), -8}, Hour{absl::CivilDay(2026, 12, 31), -8}));

TEST(ASpan, LastsByBothClocks) {
  FakeClock clock;
  const Moment begin = clock.Read();
  EXPECT_TRUE(clock.IsWithin(kSecond, begin));
  EXPECT_FALSE(clock.IsWithin(0, begin));
  clock.Advance(kSecond - 1);
  EXPECT_TRUE(clock.IsWithin(kSecond, begin));
  for (const Micros set : {-kHour, -kSecond, kSecond, kHour}) {
    clock.Set(begin.now + set);
    EXPECT_FALSE(clock.IsWithin(kSecond, begin)) << set;
  }
  // A clock that was set back a little does not make it last longer.
  clock.Set(begin.now);
  EXPECT_TRUE(clock.IsWithin(kSecond, begin));
  clock.Advance(1);
  EXPECT_FALSE(clock.IsWithin(kSecond, begin));
}

TEST(TheSystemClock, HasASteadyTime) {
  const SystemClock clock;
  const Micros before = SteadyNow();
  EXPECT_LE(before, clock.Steady());
}

}  // namespace
}  // namespace idea::clock
