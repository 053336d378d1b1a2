#include "common/clock/date.h"

#include <gtest/gtest.h>

namespace idea::clock {
namespace {

constexpr absl::CivilDay kLeapDay(2028, 2, 29);

TEST(ADate, IsTheSameAsADayAndAsText) {
  EXPECT_EQ(DayOf(DateOf(kLeapDay)), kLeapDay);
  EXPECT_EQ(DateText(DateOf(kLeapDay)), "2028-02-29");
  EXPECT_EQ(DateText(kLeapDay), "2028-02-29");
  EXPECT_EQ(DayOf(DateFromText("2028-02-29")), kLeapDay);
}

TEST(ADate, ThatIsNotSetIsTheEmptyText) {
  EXPECT_EQ(DateText(google::type::Date()), "");
  EXPECT_EQ(DateFromText("").year(), 0);
}

TEST(ADate, ThatIsNotSetMayHaveADefault) {
  EXPECT_EQ(DateText(google::type::Date(), kLeapDay), "2028-02-29");
  EXPECT_EQ(DateText(DateOf(kLeapDay - 1), kLeapDay), "2028-02-28");
}

}  // namespace
}  // namespace idea::clock
