#include "common/log/standard_error.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "common/log/log.h"

namespace idea::log {
namespace {

TEST(StandardError, BecomesLinesOfTheLog) {
  FILE* const before = stderr;
  ::testing::internal::CaptureStderr();
  TakeOverStandardError();
  std::fprintf(stderr, "WARNING:  a \"%s\" of", "library");
  std::fprintf(stderr, " two pieces\nanother\n%s\nnot ended", std::string(20'000, 'x').c_str());
  Line(Level::kError, "writes the lines before it");  // NOLINT(bugprone-unused-raii)
  stderr = before;
  std::istringstream written(::testing::internal::GetCapturedStderr());
  std::vector<std::string> texts;
  for (std::string line; std::getline(written, line);) {
    const auto object = nlohmann::json::parse(line);
    if (object["message"] == "standard error") texts.push_back(object["text"]);
  }
  ASSERT_GE(texts.size(), 3);
  EXPECT_EQ(texts[0], "WARNING:  a \"library\" of two pieces");
  EXPECT_EQ(texts[1], "another");
  std::string rest;
  for (size_t i = 2; i < texts.size(); ++i) rest += texts[i];
  EXPECT_EQ(rest, std::string(20'000, 'x')) << "a long line may be several, and what has not ended waits";
}

}  // namespace
}  // namespace idea::log
