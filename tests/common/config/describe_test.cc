#include "common/config/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace idea::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(TheDescription, HasEverySettingAndNoSecret) {
  const auto config = Config::Load(0, nullptr, {{"IDEA_DATABASE", "postgresql://idea:hunter2@h/d"}});
  ASSERT_TRUE(config.ok()) << config.status();
  const std::string text = "\n" + Describe(*config);
  EXPECT_THAT(text, HasSubstr("\nIDEA_DATABASE=(secret)\n"));
  // A default is not a secret.
  EXPECT_THAT(text, HasSubstr("\nIDEA_REDIS=127.0.0.1:6379\n"));
  EXPECT_THAT(text, HasSubstr("\nIDEA_QUEUE=256\n"));
  EXPECT_THAT(text, Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace idea::config
