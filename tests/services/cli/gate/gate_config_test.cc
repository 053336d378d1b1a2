#include "services/cli/gate/gate_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace idea::cli {
namespace {

using ::testing::HasSubstr;

TEST(GateConfig, HasUsableDefaults) {
  for (const char* yaml : {"", "rules: []", "# nothing\n"}) {
    const auto config = ParseGateConfig(yaml);
    ASSERT_TRUE(config.ok()) << config.status();
    EXPECT_EQ(config->listen, "127.0.0.1:9191");
    EXPECT_EQ(config->http, "127.0.0.1:9192");
    EXPECT_EQ(config->max_staleness, std::chrono::seconds(5));
    EXPECT_TRUE(config->rules.empty());
  }
}

TEST(GateConfig, ReadsEveryKey) {
  const auto config = ParseGateConfig(
      "listen: unix:/run/gate.sock\nhttp: 0.0.0.0:80\nallow_remote: true\nmax_staleness_seconds: 30\nrules:\n"
      "  - host: API.example.org\n    methods: GET\n    path: /{to}/**\n    fields:\n"
      "      provider: {header: X-From}\n      recipient: {path: to}\n      data_elements: {query: e}\n"
      "      purpose_class.kinds: {value: RESEARCH}\n");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->listen, "unix:/run/gate.sock");
  EXPECT_TRUE(config->allow_remote);
  EXPECT_EQ(config->max_staleness, std::chrono::seconds(30));
  ASSERT_EQ(config->rules.size(), 1u);
  const GateRule& rule = config->rules[0];
  EXPECT_EQ(rule.host, "api.example.org");
  EXPECT_EQ(rule.methods, std::vector<std::string>{"GET"});
  ASSERT_EQ(rule.path.size(), 2u);
  EXPECT_EQ(rule.path[1].kind, PathPart::Kind::kRest);
  ASSERT_EQ(rule.fields.size(), 4u);
  EXPECT_EQ(rule.fields[0].second.name, "x-from");
  EXPECT_EQ(rule.fields[3].second.values, std::vector<std::string>{"RESEARCH"});
}

TEST(GateConfig, SaysWhatIsWrongAndWhere) {
  const std::string rule =
      "rules:\n  - path: /a/{b}\n    fields:\n      provider: {value: x}\n      recipient: {path: b}\n";
  const std::string elements = "      data_elements: {header: e}\n";
  ASSERT_TRUE(ParseGateConfig(rule + elements).ok());
  const std::pair<std::string, std::string> cases[] = {
      {"listen: [", "line "},
      {"- a", "line 1: configuration: a map is expected"},
      {"lisen: x", "line 1: configuration: unknown key \"lisen\"; the keys are allow_remote, http, listen"},
      {"http: localhost:1\nhttp: localhost:2", "line 2: configuration: the key \"http\" is repeated"},
      {"listen: 9191", "listen: host:port or unix:/path is expected"},
      {"listen: localhost:x", "host:port"},
      {"listen: localhost:70000", "host:port"},
      {"http: unix:/x", "http: host:port is expected"},
      {"listen: ''\nhttp: ''", "must not both be empty"},
      {"listen: 0.0.0.0:1", "0.0.0.0:1 is not an address of this machine only"},
      {"http: '[::]:1'", "allow_remote"},
      {"allow_remote: yes", "true or false is expected"},
      {"max_staleness_seconds: 1", "a number from 2 to 300 is expected"},
      {"max_staleness_seconds: 5s", "a number from 2 to 300 is expected"},
      {"rules: x", "rules: a list is expected"},
      {"rules: [x]", "rules[0]: a map is expected"},
      {"rules:\n  - fields: {}", "rules[0]: path is missing"},
      {"rules:\n  - path: a\n    fields: {}", "rules[0].path: begins with /"},
      {"rules:\n  - path: /a", "rules[0].fields: provider is missing"},
      {rule, "rules[0].fields: data_elements is missing"},
      {rule + "      data_elements: {header: e, query: e}", "exactly one of value, header, path and query"},
      {rule + "      data_elements: {}", "exactly one of value, header, path and query"},
      {rule + "      data_elements: {header: ''}", "a name is expected"},
      {rule + "      data_elements: {value: []}", "a text or a list of texts is expected"},
      {rule + "      data_elements: {cookie: x}", "unknown key \"cookie\""},
      {rule + "      elements: {header: e}", "unknown key \"elements\""},
      {rule + "      data_elements: {path: c}", "the path must have {c} exactly once"},
      {rule + elements + "      purpose_class.kinds: {value: FUN}", "the name of a PurposeKind"},
      {rule + elements + "      purpose: {value: [a, b]}", "has several values"},
      {rule + elements + "    host: a:80\n", "a host without a port is expected"},
      {rule + elements + "    methods: []\n", "a text or a list of texts is expected"},
  };
  for (const auto& [yaml, expected] : cases) {
    const auto config = ParseGateConfig(yaml);
    EXPECT_TRUE(absl::IsInvalidArgument(config.status())) << yaml;
    EXPECT_THAT(std::string(config.status().message()), HasSubstr(expected)) << yaml;
  }
}

}  // namespace
}  // namespace idea::cli
