#include "common/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace idea::config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

absl::StatusOr<Config> With(const std::string& name, const std::string& value) {
  return Config::Load(0, nullptr, {{name, value}});
}

TEST(ASetting, HasADefaultThatWorks) {
  const auto config = Config::Load(0, nullptr, {});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->Text("IDEA_DATABASE", "registry"), "sqlite:var/registry.db");
  EXPECT_EQ(config->Number("IDEA_QUEUE"), 256);
  EXPECT_FALSE(config->Flag("IDEA_DISPUTES_BY_AGREEMENT"));
  EXPECT_THAT(config->Days("IDEA_REVIEW_REMINDER_DAYS"), IsEmpty());
}

TEST(ASetting, IsOverriddenByItsFlag) {
  const char* arguments[] = {"suite", "--queue", "8", "--review-reminder-days=30,7"};
  const auto config = Config::Load(4, arguments, {{"IDEA_QUEUE", "16"}});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->Number("IDEA_QUEUE"), 8);
  EXPECT_THAT(config->Days("IDEA_REVIEW_REMINDER_DAYS"), ElementsAre(7, 30));
}

TEST(ASettingOfDays, IsAListInAnyOrder) {
  const auto config = With("IDEA_REVIEW_REMINDER_DAYS", "30,7,30,90");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_THAT(config->Days("IDEA_REVIEW_REMINDER_DAYS"), ElementsAre(7, 30, 90));
}

struct Bad {
  const char* name;
  const char* value;
  const char* wanted;
};

class ABadSetting : public ::testing::TestWithParam<Bad> {};

TEST_P(ABadSetting, IsRefusedInOneClearLine) {
  const auto config = With(GetParam().name, GetParam().value);
  ASSERT_FALSE(config.ok());
  const std::string line(config.status().message());
  EXPECT_THAT(line, AllOf(HasSubstr(GetParam().name), HasSubstr(GetParam().wanted)));
  EXPECT_EQ(line.find('\n'), std::string::npos);
}

constexpr char kReminders[] = "IDEA_REVIEW_REMINDER_DAYS";
const Bad kBad[] = {
    {"IDEA_NOT_THERE", "1", "unknown setting"},
    {"IDEA_QUEUE", "many", "wants a number, got \"many\""},
    {"IDEA_QUEUE", "8 ", "wants a number"},
    {"IDEA_DISPUTES_BY_AGREEMENT", "yes", "wants true or false, got \"yes\""},
    {kReminders, "weekly", "wants days such as 7,30, got \"weekly\""},
    {kReminders, "0", "wants days"},
    {kReminders, "-7", "wants days"},
    {kReminders, "7.5", "wants days"},
    {kReminders, "7, 30", "wants days"},
    {kReminders, "7;30", "wants days"},
    {kReminders, "7,,30", "wants days"},
    {kReminders, "7,", "wants days"},
    {kReminders, ",7", "wants days"},
    {kReminders, "7d", "wants days"},
    {kReminders, "100000", "wants days"},
    {kReminders, "99999999999999999999", "wants days"},
};
INSTANTIATE_TEST_SUITE_P(Each, ABadSetting, ::testing::ValuesIn(kBad));

TEST(ABadFlag, IsRefusedInOneClearLine) {
  const char* unknown[] = {"suite", "--not-there=1"};
  EXPECT_THAT(std::string(Config::Load(2, unknown, {}).status().message()),
              HasSubstr("unknown flag --not-there"));
  const char* bare[] = {"suite", "--queue"};
  EXPECT_THAT(std::string(Config::Load(2, bare, {}).status().message()), HasSubstr("wants a value"));
}

}  // namespace
}  // namespace idea::config
