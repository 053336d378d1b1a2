#include "common/rpc/callers.h"

#include <gmock/gmock.h>

#include <set>

#include "common/rpc/connections.h"
#include "common/status/status.h"
#include "google/rpc/error_details.pb.h"
#include "tests/support/matchers.h"

namespace idea::rpc {
namespace {

using status::Reason;
using testing::FailsWith;
using testing::IsOk;

constexpr CallKind kKinds[] = {CallKind::kRead, CallKind::kWrite, CallKind::kStream, CallKind::kCheck};

Callers::Limits OfRate(const Callers::Rate& rate) {
  return {.reads = rate, .writes = rate, .opened_streams = rate, .checks = rate};
}

TEST(Callers, HaveSeparateStreamsOfEachKind) {
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
  for (const CallKind kind : kKinds) {
    Callers callers(OfRate({10, 3}));
    auto now = Callers::Clock::now();
    for (int i = 0; i < 3; ++i) EXPECT_THAT(callers.TakeCall("a", kind, 1, now), IsOk());
    EXPECT_THAT(callers.TakeCall("a", kind, 1, now), FailsWith(Reason::ERROR_REASON_OVERLOADED));
    EXPECT_THAT(callers.TakeCall("b", kind, 1, now), IsOk()) << "callers are counted separately";
    now += std::chrono::milliseconds(100);
    EXPECT_THAT(callers.TakeCall("a", kind, 1, now), IsOk());
    EXPECT_FALSE(callers.TakeCall("a", kind, 1, now).ok());
    callers.Sweep(now);
    EXPECT_FALSE(callers.TakeCall("a", kind, 1, now).ok()) << "a caller that is not idle is not forgotten";
    now += std::chrono::seconds(10);
    callers.Sweep(now);
    for (int i = 0; i < 3; ++i) EXPECT_THAT(callers.TakeCall("a", kind, 1, now), IsOk());
    EXPECT_FALSE(callers.TakeCall("a", kind, 1, now).ok()) << "unused calls are not saved up";
  }
}

TEST(Callers, HaveARateForEachKindOfCalls) {
  Callers callers(OfRate({10, 1}));
  const auto now = Callers::Clock::now();
  std::set<std::string> limits;
  for (const CallKind kind : kKinds) {
    EXPECT_THAT(callers.TakeCall("a", kind, 1, now), IsOk());
    limits.insert(status::MetadataOf(callers.TakeCall("a", kind, 1, now), "limit"));
  }
  EXPECT_THAT(limits, ::testing::ElementsAre("checks", "opened_streams", "reads", "writes"));
}

// Each item of a batch counts, and the refusal says when the batch may come.
TEST(Callers, LearnWhichRateIsUsedUpAndForHowLong) {
  Callers callers({.checks = {100, 1000}});
  auto now = Callers::Clock::now();
  EXPECT_THAT(callers.TakeCall("a", CallKind::kCheck, 900, now), IsOk());
  const absl::Status refused = callers.TakeCall("a", CallKind::kCheck, 500, now);
  ASSERT_THAT(refused, FailsWith(Reason::ERROR_REASON_OVERLOADED));
  EXPECT_EQ(status::MetadataOf(refused, "limit"), "checks");
  EXPECT_EQ(status::MetadataOf(refused, "per_second"), "100");
  const google::rpc::Status wire = status::ToWire(refused);
  google::rpc::RetryInfo pause;
  EXPECT_TRUE(std::any_of(wire.details().begin(), wire.details().end(),
                          [&](const auto& detail) { return detail.UnpackTo(&pause); }));
  EXPECT_EQ(pause.retry_delay().seconds(), 4);
  EXPECT_THAT(callers.TakeCall("a", CallKind::kCheck, 100, now), IsOk()) << "a smaller one fits";
  now += std::chrono::seconds(10);
  EXPECT_THAT(callers.TakeCall("a", CallKind::kCheck, 5000, now), IsOk())
      << "one that is larger than the burst comes when nothing is used";
  now += std::chrono::seconds(39);
  EXPECT_FALSE(callers.TakeCall("a", CallKind::kCheck, 1, now).ok()) << "and is paid for afterwards";
  now += std::chrono::seconds(2);
  EXPECT_THAT(callers.TakeCall("a", CallKind::kCheck, 1, now), IsOk());
}

TEST(Callers, AreUnlimitedIfTheRateIsZero) {
  Callers callers({.reads = {0, 1}, .checks = {0, 1}});
  const auto now = Callers::Clock::now();
  for (int i = 0; i < 100; ++i) {
    EXPECT_THAT(callers.TakeCall("a", CallKind::kRead, 1000, now), IsOk());
    EXPECT_THAT(callers.TakeCall("a", CallKind::kCheck, 1000, now), IsOk());
  }
}

// The table of callers is bounded: those beyond it share an entry.
TEST(Callers, AreCountedTogetherBeyondTheLargestTable) {
  Callers callers({.watches = 1, .checks = {1, 1}});
  const auto now = Callers::Clock::now();
  for (int i = 0; i < 10'000; ++i)
    ASSERT_THAT(callers.TakeCall(std::to_string(i), CallKind::kCheck, 1, now), IsOk());
  EXPECT_THAT(callers.TakeCall("one", CallKind::kCheck, 1, now), IsOk());
  EXPECT_FALSE(callers.TakeCall("another", CallKind::kCheck, 1, now).ok());
  auto stream = callers.OpenStream("one", false);
  EXPECT_TRUE(stream);
  EXPECT_FALSE(callers.OpenStream("another", false));
  stream.reset();
  EXPECT_TRUE(callers.OpenStream("another", false));
}

TEST(PeerAddress, IsTheSameForEveryFormOfAnAddress) {
  EXPECT_EQ(PeerAddress("ipv4:192.0.2.7:40122"), "192.0.2.7:40122");
  EXPECT_EQ(PeerAddress("ipv6:%5B2001:db8::7%5D:40122"), "2001:db8::7:40122");
  EXPECT_EQ(PeerAddress("ipv6:[::1]:40122"), "::1:40122");
  EXPECT_EQ(PeerAddress(""), "");
}

}  // namespace
}  // namespace idea::rpc
