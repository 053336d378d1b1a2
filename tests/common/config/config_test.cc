#include "common/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace idea::config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

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
    {"IDEA_LISSTEN", "1", "unknown setting IDEA_LISSTEN; did you mean IDEA_LISTEN?"},
    {"IDEA_LOGLEVEL", "debug", "did you mean IDEA_LOG_LEVEL?"},
    {"IDEA_TLS_DIRS", "/tls", "did you mean IDEA_TLS_DIR?"},
    {"IDEA_QUEUE", "many", "wants a number from 1 to 65536, got \"many\""},
    {"IDEA_QUEUE", "8 ", "wants a number"},
    {"IDEA_QUEUE", "+8", "wants a number"},
    {"IDEA_QUEUE", "0x8", "wants a number"},
    {"IDEA_QUEUE", "", "wants a number"},
    {"IDEA_QUEUE", "0", "wants a number from 1"},
    {"IDEA_QUEUE", "65537", "wants a number from 1 to 65536"},
    {"IDEA_QUEUE", "99999999999999999999", "wants a number"},
    {"IDEA_DRAIN_SECONDS", "-1", "wants a number from 0"},
    {"IDEA_DISPUTES_BY_AGREEMENT", "yes", "wants true or false, got \"yes\""},
    {"IDEA_LOG_LEVEL", "verbose", "wants debug, info, warn or error, got \"verbose\""},
    {"IDEA_LOG_LEVEL", "INFO", "wants debug"},
    {"IDEA_LOG_LEVEL", "", "wants debug"},
    {"IDEA_LISTEN", "", "wants host:port"},
    {"IDEA_LISTEN", ":7400", "wants host:port"},
    {"IDEA_LISTEN", "0.0.0.0", "wants host:port"},
    {"IDEA_LISTEN", "0.0.0.0:", "wants host:port"},
    {"IDEA_LISTEN", "0.0.0.0:65536", "wants host:port"},
    {"IDEA_LISTEN", "0.0.0.0:-1", "wants host:port"},
    {"IDEA_LISTEN", "http://0.0.0.0:7400", "wants host:port"},
    {"IDEA_REGISTRY_ADDRESS", "tcp://10.0.0.1:7400", "wants host:port"},
    {"IDEA_REGISTRY_ADDRESS", "registry", "wants host:port"},
    {"IDEA_TRUST_DOMAIN", "", "wants lower-case letters"},
    {"IDEA_TRUST_DOMAIN", "idea/local", "wants lower-case letters"},
    {"IDEA_TRUST_DOMAIN", "idea local", "wants lower-case letters"},
    {"IDEA_TRUST_DOMAIN", "Idea.local", "wants lower-case letters"},
    {"IDEA_TRUST_DOMAIN", "idea.local\n", "wants lower-case letters"},
    {"IDEA_TOKEN_ISSUER", "", "wants a text that is not empty"},
    {"IDEA_TOKEN_ISSUER", "https://issuer .gov", "without white space"},
    {"IDEA_TOKEN_AUDIENCE", "", "wants a text that is not empty"},
    {"IDEA_TOKEN_AUDIENCE", " idea-exchange", "without white space"},
    {"IDEA_CDO_ENTITY", "", "wants entities/{id}"},
    {"IDEA_CDO_ENTITY", "office-of-data-and-innovation", "wants entities/{id}"},
    {"IDEA_CDO_ENTITY", "entities/", "wants entities/{id}"},
    {"IDEA_GOVERNOR_ENTITY", "entities/a/b", "wants entities/{id}"},
    {"IDEA_TLS_DIR", "", "wants a path"},
    {"IDEA_REDIS", "unix:", "wants unix:/path"},
    {"IDEA_REDIS", "http://redis:6379", "wants host:port, unix:/path, redis://"},
    {"IDEA_DATABASE", "", "wants sqlite:<path>"},
    {"IDEA_DATABASE", "mysql://host/db", "wants sqlite:<path>"},
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

// Variables that Kubernetes sets for a Service named "idea-registry", one of an IDE, and a setting of a later
// release.
TEST(AnUnknownVariable, IsIgnoredAndNamedOnce) {
  const auto config = Config::Load(0, nullptr,
                                   {{"IDEA_REGISTRY_PORT", "tcp://10.0.0.1:7400"},
                                    {"IDEA_REGISTRY_SERVICE_HOST", "10.0.0.1"},
                                    {"IDEA_INITIAL_DIRECTORY", "/home/somebody"},
                                    {"IDEA_SOMETHING_NEW", "1"},
                                    {"IDEALLY", "1"}});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_THAT(config->ignored(), ElementsAre("IDEA_INITIAL_DIRECTORY", "IDEA_REGISTRY_PORT",
                                             "IDEA_REGISTRY_SERVICE_HOST", "IDEA_SOMETHING_NEW"));
}

TEST(ASetting, HasADefaultThatIsAllowed) {
  for (const Setting& setting : Settings())
    EXPECT_EQ(Expected(setting, setting.fallback), "") << setting.name;
}

TEST(AnAddress, MayBeOfManyForms) {
  for (const char* good : {"0.0.0.0:7400", "[::]:7400", "localhost:0", "registry.idea.svc:7400"})
    EXPECT_TRUE(With("IDEA_LISTEN", good).ok()) << good;
  for (const char* good : {"", "registry.idea.svc:7400", "dns:///registry.idea.svc:7400", "[::1]:7400",
                           "ipv4:10.0.0.1:7400", "ipv4:10.0.0.1:7400,10.0.0.2:7400"})
    EXPECT_TRUE(With("IDEA_REGISTRY_ADDRESS", good).ok()) << good;
  for (const char* bad :
       {"ipv4:", "ipv4:10.0.0.1:7400,", "ipv4:10.0.0.1,10.0.0.2:7400", "10.0.0.1:7400,10.0.0.2:7400"})
    EXPECT_FALSE(With("IDEA_REGISTRY_ADDRESS", bad).ok()) << bad;
}

// --- secrets ---

TEST(ASecret, IsInNoError) {
  int secrets = 0;
  for (const Setting& setting : Settings()) {
    if (!setting.secret) continue;
    ++secrets;
    for (const char* bad :
         {"s3cret", "http://user:s3cret@host:1/x", "s3cret\n", "redis://:s3cret@host:6379/0?s3cret"}) {
      const auto config = With(setting.name, bad);
      EXPECT_FALSE(config.ok()) << setting.name << " " << bad;
      EXPECT_THAT(config.status().ToString(), AllOf(HasSubstr(setting.name), Not(HasSubstr("s3cret"))));
    }
  }
  EXPECT_GE(secrets, 2);
}

TEST(ASecret, IsInNoErrorAboutAMisspeltFlag) {
  for (const char* argument :
       {"--databasse=postgresql://idea:s3cret@host/idea", "--data=postgresql://idea:s3cret@host/idea",
        "postgresql://idea:s3cret@host/idea", "-d=s3cret", "--help=s3cret"}) {
    const char* arguments[] = {"suite", argument};
    const auto config = Config::Load(2, arguments, {});
    EXPECT_FALSE(config.ok()) << argument;
    EXPECT_THAT(config.status().ToString(), Not(HasSubstr("s3cret")));
  }
}

TEST(AFlag, ThatIsMisspeltIsNamedWithTheOneThatWasMeant) {
  const char* arguments[] = {"suite", "--databasse=x"};
  EXPECT_THAT(std::string(Config::Load(2, arguments, {}).status().message()),
              HasSubstr("unknown flag --databasse; did you mean --database?"));
}

TEST(ABadFlag, IsRefusedInOneClearLine) {
  const char* unknown[] = {"suite", "--not-there=1"};
  EXPECT_THAT(std::string(Config::Load(2, unknown, {}).status().message()),
              HasSubstr("unknown flag --not-there"));
  const char* bare[] = {"suite", "--queue"};
  EXPECT_THAT(std::string(Config::Load(2, bare, {}).status().message()), HasSubstr("wants a value"));
}

}  // namespace
}  // namespace idea::config
