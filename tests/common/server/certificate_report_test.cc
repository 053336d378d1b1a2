#include "common/server/certificate_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/clock/clock.h"
#include "common/metrics/metrics.h"
#include "tests/common/rpc/suite_server.h"

namespace idea::server {
namespace {

using clock::kDay;
using ::testing::HasSubstr;

constexpr clock::Micros kHour = 3600 * clock::kSecond;

// Moves the clock from step to step and says how many lines are logged.
TEST(TheCertificateReport, LogsDailyWhatExpiresSoon) {
  const rpc::CertificateFiles& files = rpc::CertificateFiles::Of(testing::FilesOf("review"));
  const clock::Micros end = files.Certificates().front().certificate.not_after;
  struct Step {
    clock::Micros at;
    int lines;
    const char* why;
  };
  metrics::Metrics metrics;
  clock::FakeClock clock;
  CertificateReport report({&files}, metrics, clock);
  for (const Step& step : {
           Step{end - 60 * kDay, 0, "two months are left"},
           Step{end - 14 * kDay, 1, "two weeks are left"},
           Step{end - 14 * kDay + kHour, 0, "once a day"},
           Step{end - 14 * kDay - kHour, 0, "the clock was set back"},
           Step{end - 14 * kDay + 2 * kHour, 0, "the clock was set forward again"},
           Step{end - 13 * kDay, 1, "the next day"},
           Step{end - 400 * kDay, 0, "a year before, it is far from its end"},
           Step{end + kHour, 1, "it has expired"},
           Step{end + 2 * kHour, 0, "once a day"},
           Step{end + 2 * kDay, 1, "it is still in use"},
       }) {
    clock.Set(step.at);
    EXPECT_EQ(report.Pass(), step.lines) << step.why;
  }
  EXPECT_THAT(metrics.Text(), HasSubstr("idea_certificate_not_after_seconds{file=\"" +
                                        testing::FilesOf("review").certificate + "\",role=\"certificate\"} " +
                                        std::to_string(end / clock::kSecond)));
}

}  // namespace
}  // namespace idea::server
