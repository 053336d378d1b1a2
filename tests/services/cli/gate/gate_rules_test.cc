#include "services/cli/gate/gate_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/cli/gate/gate_config.h"

namespace idea::cli {
namespace {

using ::testing::ElementsAre;

std::vector<GateRule> Rules() {
  const auto config = ParseGateConfig(R"(
rules:
  - host: api.example.org
    path: /transfers/{recipient}/*
    methods: [POST, PUT]
    fields:
      provider: {value: dhcs}
      recipient: {path: recipient}
      data_elements: {header: X-Elements}
      purpose: {query: purpose}
  - path: /public/**
    fields:
      provider: {value: dhcs}
      recipient: {header: x-recipient}
      data_elements: {value: [County, Month]}
)");
  EXPECT_TRUE(config.ok()) << config.status();
  return config->rules;
}

HttpRequest Transfer() {
  return {
      "POST", "api.example.org", "/transfers/cdss/1?purpose=Food%20aid", {{"x-elements", "County, Month"}}};
}

TEST(GateRules, MakeACheckOfARequest) {
  const auto check = CheckOf(Rules(), Transfer());
  ASSERT_TRUE(check.ok()) << check.status();
  EXPECT_EQ(check->provider(), "entities/dhcs");
  EXPECT_EQ(check->recipient(), "entities/cdss");
  EXPECT_THAT(check->data_elements(), ElementsAre("County", "Month"));
  EXPECT_EQ(check->purpose(), "Food aid");
}

TEST(GateRules, ReadHeadersRegardlessOfCaseAndEveryRepeatedOne) {
  HttpRequest request = Transfer();
  request.headers = {{"X-ELEMENTS", "County"}, {"x-elements", "Case%2C Number"}, {"x-other", "a,b"}};
  const auto check = CheckOf(Rules(), request);
  ASSERT_TRUE(check.ok()) << check.status();
  EXPECT_THAT(check->data_elements(), ElementsAre("County", "Case, Number"));
  EXPECT_TRUE(CheckOf(Rules(), {"GET", "x", "/public", {{"X-Recipient", "cdss"}}}).ok());
  EXPECT_TRUE(CheckOf(Rules(), {"GET", "x", "/public/", {{"X-Recipient", "cdss"}}}).ok());
  EXPECT_TRUE(
      CheckOf(Rules(), {"GET", "API.Example.org.:443", "/public/a/b", {{"X-Recipient", "cdss"}}}).ok());
}

TEST(GateRules, AreForOtherRequestsNot) {
  for (const HttpRequest& request :
       std::vector<HttpRequest>{{"GET", "api.example.org", "/transfers/cdss/1", {}},
                                {"post", "api.example.org", "/transfers/cdss/1", {}},
                                {"POST", "api.example.com", "/transfers/cdss/1", {}},
                                {"POST", "", "/transfers/cdss/1", {}},
                                {"POST", "api.example.org", "/Transfers/cdss/1", {}},
                                {"POST", "api.example.org", "/transfers/cdss", {}},
                                {"POST", "api.example.org", "/transfers/cdss/", {}},
                                {"POST", "api.example.org", "/transfers/cdss/1/", {}},
                                {"POST", "api.example.org", "/transfers/cdss/1/2", {}},
                                {"POST", "api.example.org", "/", {}}}) {
    EXPECT_EQ(CheckOf(Rules(), request).status().code(), absl::StatusCode::kNotFound) << request.target;
  }
}

// A path that a server may understand in another way than the gate.
TEST(GateRules, RefusePathsThatAreNotInTheirNormalForm) {
  for (const char* path : {"",
                           "transfers/cdss/1",
                           "//transfers/cdss/1",
                           "/transfers//cdss/1",
                           "/transfers/./cdss/1",
                           "/transfers/other/../cdss/1",
                           "/transfers/%2e%2e/cdss/1",
                           "/transfers/cdss%2f1/1",
                           "/transfers/cdss%2F1/1",
                           "/transfers/cdss%5c1/1",
                           "/transfers\\cdss/1",
                           "/transfers/cdss;a=b/1",
                           "/transfers/cdss/1#x",
                           "/transfers/cdss%2531/1",
                           "/transfers/cdss%00/1",
                           "/transfers/cdss%0a/1",
                           "/transfers/cdss%/1",
                           "/transfers/cdss%4/1",
                           "/transfers/cds\xc3\xa9/1",
                           "/transfers/cdss%c3%a9/1",
                           "/transfers/cdss%3f/1",
                           "*",
                           "http://api.example.org/transfers/cdss/1",
                           "/public/../transfers/cdss/1"}) {
    HttpRequest request = Transfer();
    request.target = path;
    const auto check = CheckOf(Rules(), request);
    EXPECT_EQ(check.status().code(), absl::StatusCode::kInvalidArgument) << path << " " << check.status();
  }
  // One that every server understands in the same way.
  HttpRequest request = Transfer();
  request.target = "/tr%61nsfers/cdss/1?purpose=x";
  EXPECT_TRUE(CheckOf(Rules(), request).ok());
}

TEST(GateRules, RefuseFieldsThatAreMissingOrAmbiguous) {
  const auto with = [](auto change) {
    HttpRequest request = Transfer();
    change(request);
    return CheckOf(Rules(), request).status().code();
  };
  const auto kInvalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(with([](auto& r) { r.headers.clear(); }), kInvalid);
  EXPECT_EQ(with([](auto& r) { r.headers = {{"x-elements", ""}}; }), kInvalid);
  EXPECT_EQ(with([](auto& r) { r.headers = {{"x-elements", "County,"}}; }), kInvalid);
  EXPECT_EQ(with([](auto& r) { r.headers = {{"x-elements", "County,,Month"}}; }), kInvalid);
  EXPECT_EQ(with([](auto& r) { r.headers = {{"x-elements", "100%"}}; }), kInvalid);
  EXPECT_EQ(with([](auto& r) { r.headers = {{"x-elements", "a%00"}}; }), kInvalid);
  EXPECT_EQ(with([](auto& r) { r.target = "/transfers/cdss/1"; }), kInvalid);
  EXPECT_EQ(with([](auto& r) { r.target += "&purpose=Other"; }), kInvalid);
  EXPECT_EQ(with([](auto& r) { r.target += "&purpos%65=Other"; }), kInvalid);
  EXPECT_EQ(with([](auto& r) { r.target = "/transfers/cdss/1?purpose="; }), kInvalid);
  const auto recipient = [](const std::vector<std::pair<std::string, std::string>>& headers) {
    return CheckOf(Rules(), {"GET", "x", "/public/1", headers}).status().code();
  };
  EXPECT_EQ(recipient({{"x-recipient", "cdss,dhcs"}}), kInvalid);
  EXPECT_EQ(recipient({{"x-recipient", "cdss"}, {"X-Recipient", "cdss"}}), kInvalid);
  EXPECT_EQ(recipient({{"x-recipient", " "}}), kInvalid);
}

TEST(GateRules, ParsePaths) {
  EXPECT_TRUE(ParsePath("/").ok());
  EXPECT_TRUE(ParsePath("/**").ok());
  for (const char* path : {"", "a", "/**/a", "/{}", "/a{b}", "/{b", "/a*", "/***"})
    EXPECT_FALSE(ParsePath(path).ok()) << path;
}

}  // namespace
}  // namespace idea::cli
