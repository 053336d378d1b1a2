#include "services/inventory/exchange/transfer_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace idea::inventory {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

exchange::Day On(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return exchange::DayNumber(date);
}

TEST(ASchedule, UnderstandsCommonPhrases) {
  EXPECT_EQ(PeriodOf(drafting::v1::RECURRENCE_ONGOING, " Monthly "), Period::kMonth);
  EXPECT_EQ(PeriodOf(drafting::v1::RECURRENCE_ONGOING, "every two weeks"), Period::kTwoWeeks);
  EXPECT_EQ(PeriodOf(drafting::v1::RECURRENCE_ONGOING, "twice monthly"), Period::kUnknown);
  EXPECT_EQ(PeriodOf(drafting::v1::RECURRENCE_ONGOING, ""), Period::kUnknown);
  EXPECT_EQ(PeriodOf(drafting::v1::RECURRENCE_ONE_TIME, "monthly"), Period::kOnce);
}

TEST(ASchedule, FindsASecondTransferInAPeriodAndAPeriodWithoutOne) {
  const exchange::Day start = On(2026, 1, 20);
  const auto monthly = [&](std::optional<exchange::Day> previous, exchange::Day day) {
    return Reconcile(Period::kMonth, start, previous, day);
  };
  EXPECT_THAT(monthly({}, On(2026, 1, 31)), IsEmpty());
  EXPECT_THAT(monthly({}, On(2026, 2, 28)), IsEmpty());
  EXPECT_THAT(monthly({}, On(2026, 3, 1)), ElementsAre(v1::TRANSFER_FINDING_LATE));
  EXPECT_THAT(monthly(On(2026, 1, 31), On(2026, 2, 1)), IsEmpty());
  EXPECT_THAT(monthly(On(2026, 2, 1), On(2026, 2, 28)), ElementsAre(v1::TRANSFER_FINDING_TOO_FREQUENT));
  EXPECT_THAT(monthly(On(2025, 12, 31), On(2026, 2, 1)), ElementsAre(v1::TRANSFER_FINDING_LATE));
}

TEST(ASchedule, CountsInPeriodsOfTheCalendar) {
  const exchange::Day thursday = On(2026, 1, 1);
  EXPECT_THAT(Reconcile(Period::kWeek, exchange::kNoStart, thursday, thursday + 3),
              ElementsAre(v1::TRANSFER_FINDING_TOO_FREQUENT));
  EXPECT_THAT(Reconcile(Period::kWeek, exchange::kNoStart, thursday, thursday + 4), IsEmpty());
  EXPECT_THAT(Reconcile(Period::kDay, exchange::kNoStart, thursday, thursday + 2),
              ElementsAre(v1::TRANSFER_FINDING_LATE));
  EXPECT_THAT(Reconcile(Period::kQuarter, exchange::kNoStart, thursday, On(2026, 4, 1)), IsEmpty());
  EXPECT_THAT(Reconcile(Period::kYear, exchange::kNoStart, thursday, On(2026, 12, 31)),
              ElementsAre(v1::TRANSFER_FINDING_TOO_FREQUENT));
  EXPECT_THAT(Reconcile(Period::kOnce, exchange::kNoStart, {}, thursday), IsEmpty());
  EXPECT_THAT(Reconcile(Period::kOnce, exchange::kNoStart, thursday, On(2029, 1, 1)),
              ElementsAre(v1::TRANSFER_FINDING_TOO_FREQUENT));
  EXPECT_THAT(Reconcile(Period::kUnknown, exchange::kNoStart, thursday, thursday), IsEmpty());
}

TEST(ASchedule, CountsWholePeriods) {
  const exchange::Day start = On(2026, 1, 20);
  EXPECT_EQ(MissedPeriods(Period::kMonth, start, {}, On(2026, 2, 28)), 0);
  EXPECT_EQ(MissedPeriods(Period::kMonth, start, {}, On(2026, 5, 1)), 3);
  EXPECT_EQ(MissedPeriods(Period::kMonth, start, On(2026, 4, 30), On(2026, 5, 1)), 0);
  EXPECT_EQ(MissedPeriods(Period::kMonth, exchange::kNoStart, {}, On(2026, 5, 1)), 0);
}

}  // namespace
}  // namespace idea::inventory
