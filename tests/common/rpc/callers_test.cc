#include "common/rpc/callers.h"

#include <gtest/gtest.h>

#include "common/rpc/connections.h"

namespace idea::rpc {
namespace {

TEST(Callers, HaveStreamsOfTheirOwnOfEachKind) {
  Callers callers({.watches = 2, .uploads = 1});
  auto first = callers.OpenStream("a", false);
  const auto second = callers.OpenStream("a", false);
  const auto upload = callers.OpenStream("a", true);
  EXPECT_TRUE(first && second && upload);
  EXPECT_FALSE(callers.OpenStream("a", false));
  EXPECT_FALSE(callers.OpenStream("a", true));
  EXPECT_TRUE(callers.OpenStream("b", true));
  first.reset();
  EXPECT_TRUE(callers.OpenStream("a", false)) << "a stream that ended leaves its place";
}

TEST(Callers, MakeABoundedNumberOfCallsPerSecond) {
  Callers callers({.rate = 10, .burst = 3});
  auto now = Callers::Clock::now();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(callers.TakeCall("a", now));
  EXPECT_FALSE(callers.TakeCall("a", now));
  EXPECT_TRUE(callers.TakeCall("b", now));
  now += std::chrono::milliseconds(100);
  EXPECT_TRUE(callers.TakeCall("a", now));
  EXPECT_FALSE(callers.TakeCall("a", now));
  callers.Sweep(now);
  EXPECT_FALSE(callers.TakeCall("a", now)) << "a caller that is not idle is not forgotten";
  now += std::chrono::seconds(10);
  callers.Sweep(now);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(callers.TakeCall("a", now));
  EXPECT_FALSE(callers.TakeCall("a", now)) << "unused calls are not saved up";
}

TEST(PeerAddress, IsTheSameForEveryFormOfAnAddress) {
  EXPECT_EQ(PeerAddress("ipv4:192.0.2.7:40122"), "192.0.2.7:40122");
  EXPECT_EQ(PeerAddress("ipv6:%5B2001:db8::7%5D:40122"), "2001:db8::7:40122");
  EXPECT_EQ(PeerAddress("ipv6:[::1]:40122"), "::1:40122");
  EXPECT_EQ(PeerAddress(""), "");
}

}  // namespace
}  // namespace idea::rpc
