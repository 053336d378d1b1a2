#include "common/log/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

namespace idea::log {
namespace {

using ::testing::ExitedWithCode;
using ::testing::KilledBySignal;

// A line as it reaches standard error.
std::string Written(const std::function<void()>& say) {
  ::testing::internal::CaptureStderr();
  say();
  // An error flushes the buffered lines.
  Line(Level::kError, "the end");  // NOLINT(bugprone-unused-raii): a line is over at once
  const std::string text = ::testing::internal::GetCapturedStderr();
  return text.substr(0, text.rfind("{\"time\""));
}

TEST(ALogLine, IsAJsonObjectWithTimeLevelAndMessageFirst) {
  const std::string text = Written([] {
    Line(Level::kWarn, "call").With("reason", "OK").With("none", "").With("n", int64_t{-3}).With("ms", 0.25);
  });
  EXPECT_THAT(text,
              ::testing::MatchesRegex("\\{\"time\":\"20..-..-..T..:..:..\\.......Z\",\"level\":\"warning\","
                                      "\"message\":\"call\",\"reason\":\"OK\",\"n\":-3,\"ms\":0.25\\}\n"));
}

TEST(ALogLine, EscapesForJsonAndReplacesInvalidUtf8) {
  const std::string said = "a \"quoted\" \\ line\nbreak \xc3\xa9";
  const auto line = nlohmann::json::parse(
      Written([&] { Line(Level::kInfo, "x").With("text", said).With("broken", "\xff"); }));
  EXPECT_EQ(line["text"], said);
  EXPECT_EQ(line["broken"], "\xef\xbf\xbd");
}

TEST(ALogLine, IsNotWrittenBelowTheLevel) {
  SetLevel("warn");
  EXPECT_EQ(Written([] { Line(Level::kInfo, "little").With("a", "b"); }), "");
  SetLevel("debug");
  EXPECT_NE(Written([] { Line(Level::kDebug, "little"); }), "");
  SetLevel("info");
  EXPECT_EQ(Written([] { Line(Level::kDebug, "little"); }), "");
}

TEST(ALogLineDeathTest, IsWrittenWhenTheProcessEnds) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto say = [] { Line(Level::kInfo, "last words"); };
  EXPECT_EXIT((say(), std::exit(3)), ExitedWithCode(3), "\"message\":\"last words\"\\}\n");
  EXPECT_EXIT((say(), std::abort()), KilledBySignal(SIGABRT), "last words");
  // A sanitizer that catches the fault ends the process in its own way.
  EXPECT_EXIT((say(), raise(SIGBUS)), [](int status) { return status != 0; }, "last words");
}

}  // namespace
}  // namespace idea::log
