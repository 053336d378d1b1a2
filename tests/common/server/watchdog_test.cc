#include "common/server/watchdog.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "tests/support/eventually.h"

namespace idea::server {
namespace {

using std::chrono::milliseconds;
using testing::Eventually;

constexpr milliseconds kQuick{1};

TEST(AWatchdog, ReportsADeafServerOnce) {
  std::atomic<int> probes = 0, reports = 0;
  Watchdog watchdog(
      [&](milliseconds) {
        ++probes;
        return absl::DeadlineExceededError("silent");
      },
      kQuick,
      [&](const absl::Status& cause) {
        EXPECT_EQ(cause.message(), "silent");
        EXPECT_EQ(probes, Watchdog::kMaxFailures);
        ++reports;
      });
  EXPECT_TRUE(Eventually([&] { return probes > 3 * Watchdog::kMaxFailures; }));
  EXPECT_EQ(reports, 1);
}

TEST(AWatchdog, IgnoresFailuresBeforeASuccess) {
  std::atomic<int> probes = 0, reports = 0;
  Watchdog watchdog(
      [&](milliseconds) {
        return ++probes % Watchdog::kMaxFailures == 0 ? absl::OkStatus()
                                                      : absl::DeadlineExceededError("busy");
      },
      kQuick, [&](const absl::Status&) { ++reports; });
  EXPECT_TRUE(Eventually([&] { return probes > 5 * Watchdog::kMaxFailures; }));
  EXPECT_EQ(reports, 0);
}

TEST(AWatchdog, ReportsNothingAfterItWasStopped) {
  std::atomic<int> reports = 0, probes = 0;
  std::atomic<bool> stopped = false;
  {
    Watchdog watchdog(
        [&](milliseconds) {
          // The last failure is that of a probe that was running when the server stopped.
          if (++probes == Watchdog::kMaxFailures) Eventually([&] { return stopped.load(); });
          return absl::DeadlineExceededError("silent");
        },
        kQuick, [&](const absl::Status&) { ++reports; });
    EXPECT_TRUE(Eventually([&] { return probes == Watchdog::kMaxFailures; }));
    watchdog.Stop();
    stopped = true;
  }
  EXPECT_EQ(reports, 0);
}

}  // namespace
}  // namespace idea::server
