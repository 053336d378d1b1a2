#include "services/notification/delivery/delivery_flow.h"

#include <gtest/gtest.h>

namespace idea::notification {
namespace {

constexpr RetryRules kRules = {1000, 60'000, 20};

TEST(PauseAfter, DoublesUpToTheMaximum) {
  EXPECT_EQ(PauseAfter(kRules, 1, 0.5), 1000);
  EXPECT_EQ(PauseAfter(kRules, 2, 0.5), 2000);
  EXPECT_EQ(PauseAfter(kRules, 6, 0.5), 32'000);
  EXPECT_EQ(PauseAfter(kRules, 7, 0.5), 60'000);
  EXPECT_EQ(PauseAfter(kRules, 1'000'000, 0.5), 60'000);
}

TEST(PauseAfter, VariesByAQuarter) {
  EXPECT_EQ(PauseAfter(kRules, 1, 0), 750);
  EXPECT_EQ(PauseAfter(kRules, 1, 1), 1250);
}

TEST(HoldUntil, BeginsAfterFiveFailures) {
  EXPECT_EQ(HoldUntil(kRules, 4, 0, 0.5, 100), 0);
  EXPECT_EQ(HoldUntil(kRules, 5, 0, 0.5, 100), 1100);
  EXPECT_EQ(HoldUntil(kRules, 6, 0, 0.5, 100), 2100);
}

TEST(HoldUntil, IsBounded) {
  constexpr RetryRules kSlow = {1'000'000, int64_t{4} * 3600 * 1'000'000, 20};
  EXPECT_EQ(HoldUntil(kSlow, 1000, 0, 0.5, 0), kMaxHoldPause);
}

TEST(HoldUntil, FollowsTheReceiver) {
  EXPECT_EQ(HoldUntil(kRules, 1, 5000, 0.5, 100), 5100);
  EXPECT_EQ(HoldUntil(kRules, 20, 5000, 0.5, 100), 60'100);
}

}  // namespace
}  // namespace idea::notification
