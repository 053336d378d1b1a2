#include "common/metrics/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "common/status/status.h"

namespace idea::metrics {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(TheMetrics, CountCallsByTheirReason) {
  Metrics metrics;
  Calls& calls = metrics.CallsOf("inventory", "idea.inventory.v1.ExchangeService/CheckExchange");
  calls.Count(absl::OkStatus(), milliseconds(1));
  calls.Count(absl::OkStatus(), milliseconds(1));
  calls.Count(status::Error(status::Reason::ERROR_REASON_NOT_FOUND, "it is not there"), milliseconds(1));
  calls.Count(absl::InternalError("a driver's words"), milliseconds(1));
  const std::string text = metrics.Text();
  const auto line = [](const std::string& reason, const std::string& times) {
    return HasSubstr("idea_calls_total{method=\"CheckExchange\",reason=\"" + reason +
                     "\",service=\"inventory\"} " + times + "\n");
  };
  EXPECT_THAT(text, line("OK", "2"));
  EXPECT_THAT(text, line("NOT_FOUND", "1"));
  EXPECT_THAT(text, line("INTERNAL", "1"));
  EXPECT_THAT(text, Not(HasSubstr("INVALID_FIELD")));
}

TEST(TheMetrics, CountHowLongCallsTake) {
  Metrics metrics;
  Calls& calls = metrics.CallsOf("registry", "idea.registry.v1.RegistryService/GetEntity");
  for (const milliseconds spent : {milliseconds(5), milliseconds(20), milliseconds(20'000)})
    calls.Count(absl::OkStatus(), spent);
  const std::string text = metrics.Text();
  const std::string of =
      "{rpc_method=\"idea.registry.v1.RegistryService/"
      "GetEntity\",rpc_system_name=\"grpc\",service=\"registry\"";
  EXPECT_THAT(text, HasSubstr("rpc_server_call_duration_seconds_count" + of + "} 3\n"));
  EXPECT_THAT(text, HasSubstr("rpc_server_call_duration_seconds_sum" + of + "} 20.025\n"));
  EXPECT_THAT(text, HasSubstr("rpc_server_call_duration_seconds_bucket" + of + ",le=\"0.005\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("rpc_server_call_duration_seconds_bucket" + of + ",le=\"0.025\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("rpc_server_call_duration_seconds_bucket" + of + ",le=\"10\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("rpc_server_call_duration_seconds_bucket" + of + ",le=\"+Inf\"} 3\n"));
}

TEST(TheMetrics, ShowNoMethodThatNobodyCalled) {
  Metrics metrics;
  metrics.CallsOf("registry", "idea.registry.v1.RegistryService/GetEntity");
  EXPECT_THAT(metrics.Text(), Not(HasSubstr("GetEntity")));
}

TEST(TheMetrics, LoseNoCallOfManyThreads) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&metrics] {
      for (int i = 0; i < 10'000; ++i)
        metrics.CallsOf("review", "idea.review.v1.ReviewService/Sign")
            .Count(absl::OkStatus(), milliseconds(1));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(metrics.Text(), HasSubstr("service=\"review\"} 40000\n"));
}

TEST(TheMetrics, ShowWhatAServiceSetsAndWhatRelaysHandOver) {
  Metrics metrics;
  metrics.Set("idea_review_tasks_open", "Tasks that wait.", {{"step", "x"}}, 3);
  metrics.CountRelayed("drafting", "review", 2);
  EXPECT_THAT(metrics.Text(), HasSubstr("idea_review_tasks_open{step=\"x\"} 3\n"));
  EXPECT_THAT(metrics.Text(), HasSubstr("idea_relayed_total{service=\"drafting\",target=\"review\"} 2\n"));
}

}  // namespace
}  // namespace idea::metrics
