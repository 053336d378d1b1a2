#include "common/config/version.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace idea::config {
namespace {

TEST(TheVersion, NamesProgramReleaseAndCommit) {
  EXPECT_THAT(VersionLine("registry"),
              ::testing::MatchesRegex("registry [0-9]+[.][0-9]+[.][0-9]+ \\(commit [0-9A-Za-z.-]+\\)"));
}

}  // namespace
}  // namespace idea::config
