#include "common/metrics/process_metrics.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <ctime>
#include <map>
#include <string>

namespace idea::metrics {
namespace {

std::map<std::string, double> Values() {
  std::map<std::string, double> values;
  for (const prometheus::MetricFamily& family : ProcessMetrics()) {
    const auto& metric = family.metric.at(0);
    values[family.name] =
        family.type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value;
  }
  return values;
}

TEST(TheMetricsOfAProcess, ArePlausible) {
  auto values = Values();
  EXPECT_GE(values["process_threads"], 1);
  EXPECT_GT(values["process_resident_memory_bytes"], 1 << 20);
  EXPECT_GE(values["process_virtual_memory_bytes"], values["process_resident_memory_bytes"]);
  EXPECT_GT(values["process_max_fds"], values["process_open_fds"]);
  // A test runs for minutes at most.
  const auto now = static_cast<double>(std::time(nullptr));
  EXPECT_NEAR(values["process_start_time_seconds"], now, 600);
  EXPECT_LT(values["process_cpu_seconds_total"], 600);
}

TEST(TheMetricsOfAProcess, CountOpenFiles) {
  const double before = Values()["process_open_fds"];
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_EQ(Values()["process_open_fds"], before + 2);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace idea::metrics
