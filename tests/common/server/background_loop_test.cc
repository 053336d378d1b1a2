#include "common/server/background_loop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <string>

#include "common/log/log.h"
#include "tests/support/eventually.h"

namespace idea::server {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::Eventually;

TEST(BackgroundLoopTest, RepeatsThePassAfterTheInterval) {
  std::atomic<int> passes = 0;
  BackgroundLoop loop({.name = "test", .interval = milliseconds(1)}, [&] { return ++passes; });
  loop.Start();
  EXPECT_TRUE(Eventually([&] { return passes > 3; }));
  loop.Stop();
  const int stopped = passes;
  EXPECT_TRUE(loop.stopping());
  EXPECT_EQ(passes, stopped);
}

TEST(BackgroundLoopTest, StopsDuringAWait) {
  std::atomic<int> passes = 0;
  events::Notifier notifier;
  for (events::Notifier* signal : {static_cast<events::Notifier*>(nullptr), &notifier}) {
    passes = 0;
    BackgroundLoop loop({.name = "test", .interval = hours(1), .notifier = signal}, [&] { return ++passes; });
    loop.Start();
    ASSERT_TRUE(Eventually([&] { return passes == 1; }));
    loop.Stop();
    EXPECT_EQ(passes, 1);
  }
}

TEST(BackgroundLoopTest, NewEventsEndTheWait) {
  std::atomic<int> passes = 0;
  events::Notifier notifier;
  BackgroundLoop loop({.name = "test", .interval = hours(1), .notifier = &notifier},
                      [&] { return ++passes; });
  loop.Start();
  ASSERT_TRUE(Eventually([&] { return passes == 1; }));
  notifier.Notify();
  EXPECT_TRUE(Eventually([&] { return passes == 2; }));
}

TEST(BackgroundLoopTest, WritesEndTheWaitOfAReaderOfWrites) {
  std::atomic<int> passes = 0;
  events::Notifier notifier;
  notifier.TakeWrites();
  BackgroundLoop loop({.name = "test", .interval = hours(1), .notifier = &notifier, .waits_for_writes = true},
                      [&] {
                        notifier.Announce();  // Does not end the own wait.
                        return ++passes;
                      });
  loop.Start();
  ASSERT_TRUE(Eventually([&] { return passes == 1; }));
  notifier.Notify();
  EXPECT_TRUE(Eventually([&] { return passes == 2; }));
}

TEST(BackgroundLoopTest, WaitsBeforeTheFirstPassIfAskedTo) {
  std::atomic<int> passes = 0;
  BackgroundLoop late({.name = "test", .interval = hours(1), .waits_first = true}, [&] { return ++passes; });
  late.Start();
  EXPECT_TRUE(late.Stop());
  EXPECT_EQ(passes, 0);
  BackgroundLoop soon({.name = "test", .interval = milliseconds(1), .waits_first = true},
                      [&] { return ++passes; });
  soon.Start();
  EXPECT_TRUE(Eventually([&] { return passes > 1; }));
}

TEST(BackgroundLoopTest, ARequestToStopDoesNotWaitForThePass) {
  std::promise<void> requested;
  std::atomic<int> passes = 0;
  BackgroundLoop loop({.name = "test", .interval = milliseconds(1)}, [&] {
    if (++passes == 1) requested.get_future().wait();
    return 0;
  });
  loop.Start();
  ASSERT_TRUE(Eventually([&] { return passes == 1; }));
  loop.RequestStop();
  requested.set_value();
  EXPECT_TRUE(loop.Stop());
  EXPECT_EQ(passes, 1);
  EXPECT_FALSE(loop.Stop()) << "it was stopped before";
}

TEST(BackgroundLoopTest, AFullPassIsRepeatedAtOnce) {
  std::atomic<int> left = 25;
  BackgroundLoop loop({.name = "test", .interval = hours(1), .full_pass = 10}, [&] {
    const int done = std::min<int>(left, 10);
    left -= done;
    return done;
  });
  loop.Start();
  EXPECT_TRUE(Eventually([&] { return left == 0; }));
}

TEST(BackgroundLoopTest, EventsDoNotShortenTheWaitAfterAFailureWithBackoff) {
  std::atomic<int> passes = 0;
  events::Notifier notifier;
  BackgroundLoop loop({.name = "test",
                       .interval = milliseconds(1),
                       .notifier = &notifier,
                       .min_backoff = hours(1),
                       .max_backoff = hours(1)},
                      [&]() -> absl::StatusOr<int> {
                        ++passes;
                        return absl::UnavailableError("away");
                      });
  loop.Start();
  ASSERT_TRUE(Eventually([&] { return passes == 1; }));
  notifier.Notify();
  loop.Stop();
  EXPECT_EQ(passes, 1);
}

TEST(BackgroundLoopTest, LogsAFailureOnceUntilItEnds) {
  ::testing::internal::CaptureStderr();
  std::atomic<int> passes = 0;
  BackgroundLoop loop({.name = "test", .interval = milliseconds(1)}, [&]() -> absl::StatusOr<int> {
    const int pass = ++passes;
    if (pass == 4) return 0;
    return absl::UnavailableError(pass < 4 ? "first" : "second");
  });
  loop.Start();
  ASSERT_TRUE(Eventually([&] { return passes > 6; }));
  loop.Stop();
  log::Line(log::Level::kError, "the end");  // NOLINT(bugprone-unused-raii): an error flushes all lines
  const std::string text = ::testing::internal::GetCapturedStderr();
  const size_t first = text.find("\"text\":\"first\"");
  const size_t second = text.find("\"text\":\"second\"");
  ASSERT_NE(first, std::string::npos) << text;
  ASSERT_NE(second, std::string::npos) << text;
  EXPECT_EQ(text.find("\"text\":\"first\"", first + 1), std::string::npos);
  EXPECT_EQ(text.find("\"text\":\"second\"", second + 1), std::string::npos);
}

}  // namespace
}  // namespace idea::server
