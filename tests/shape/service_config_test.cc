// The service config that clients of the suite are given, generated from the descriptors.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "common/config/embedded.h"
#include "google/protobuf/descriptor.h"
#include "idea/common/v1/options.pb.h"
#include "tests/support/golden.h"
#include "tests/support/services.h"

extern const idea::config::EmbeddedFile k_service_config[];

namespace idea::shape {
namespace {

using google::protobuf::MethodDescriptor;
using Json = nlohmann::ordered_json;

bool Writes(const MethodDescriptor& method) {
  return method.options().GetExtension(common::v1::policy).effect() == common::v1::EFFECT_WRITE;
}

// A write may be sent again if its request_id makes it one request.
bool MayRetry(const MethodDescriptor& method) {
  return !Writes(method) || method.input_type()->FindFieldByName("request_id") != nullptr;
}

// Empty for a watch, which ends when its client wants.
std::string TimeoutOf(const MethodDescriptor& method) {
  if (method.client_streaming()) return "600s";
  if (method.server_streaming()) return "";
  // A check is answered from memory, before each transfer.
  if (method.name() == "CheckExchange" || method.name() == "BatchCheckExchange") return "5s";
  return Writes(method) ? "60s" : "30s";
}

// Retries of one method: after about 0.1, 0.2, 0.4 and 0.8 s.
Json RetryPolicy() {
  return {{"maxAttempts", 5},
          {"initialBackoff", "0.1s"},
          {"maxBackoff", "2s"},
          {"backoffMultiplier", 2},
          {"retryableStatusCodes", {"UNAVAILABLE"}}};
}

Json ServiceConfig() {
  // Methods that are treated alike share an entry; the first that is treated so gives its place.
  std::vector<Json> entries;
  std::map<std::pair<std::string, bool>, size_t> place;
  for (const auto* service : idea::testing::Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor& method = *service->method(i);
      const auto [found, added] =
          place.try_emplace(std::pair(TimeoutOf(method), MayRetry(method)), entries.size());
      if (added) {
        Json entry = {{"name", Json::array()}};
        if (!TimeoutOf(method).empty()) entry["timeout"] = TimeoutOf(method);
        if (MayRetry(method)) entry["retryPolicy"] = RetryPolicy();
        entries.push_back(entry);
      }
      entries[found->second]["name"].push_back(
          {{"service", service->full_name()}, {"method", method.name()}});
    }
  }
  // A success earns back what a failure costs: while one of two replicas stops, calls go on. gRPC 1.51 reads
  // a ratio without a decimal point as thousandths.
  return {{"loadBalancingConfig", {{{"round_robin", Json::object()}}}},
          {"methodConfig", entries},
          {"retryThrottling", {{"maxTokens", 100}, {"tokenRatio", 1.0}}}};
}

TEST(TheServiceConfig, IsGeneratedFromTheDescriptors) {
  idea::testing::ExpectGolden("docs/service-config.json", ServiceConfig().dump(1) + "\n");
}

TEST(TheServiceConfig, IsTheOneOfTheSuitesChannels) {
  EXPECT_EQ(k_service_config[0].text,
            idea::testing::ReadText(idea::testing::SourcePath("docs/service-config.json")));
}

TEST(TheServiceConfig, RetriesEveryMethodOfToday) {
  for (const auto* service : idea::testing::Services()) {
    for (int i = 0; i < service->method_count(); ++i)
      EXPECT_TRUE(MayRetry(*service->method(i))) << service->method(i)->full_name() << " has no request_id";
  }
}

}  // namespace
}  // namespace idea::shape
