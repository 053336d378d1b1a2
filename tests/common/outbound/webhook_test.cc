#include "common/outbound/webhook.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/matchers.h"

namespace idea::outbound {
namespace {

using ::testing::ElementsAre;
using testing::IsOk;
using ::testing::SizeIs;
using ::testing::StartsWith;

class WebhookKeysTest : public ::testing::Test {
 protected:
  WebhookKeysTest() { SetKeys({std::string(64, '1')}); }
  ~WebhookKeysTest() override { std::filesystem::remove(path_); }
  void SetKeys(const std::vector<std::string>& keys) {
    std::ofstream file(path_);
    for (const std::string& key : keys) file << key << "\n";
  }
  const std::string path_ =
      (std::filesystem::temp_directory_path() / ("webhook_keys_" + std::to_string(getpid()))).string();
  const WebhookKeys keys_{path_};
};

TEST_F(WebhookKeysTest, DeriveADifferentSecretForEachReferenceAndSubscription) {
  const auto one = keys_.NewSecret(), two = keys_.NewSecret();
  ASSERT_THAT(one, IsOk());
  ASSERT_THAT(two, IsOk());
  const auto secret = keys_.SecretOf(*one, "subscriptions/a");
  ASSERT_THAT(secret, IsOk());
  EXPECT_THAT(*secret, StartsWith("whsec_"));
  EXPECT_THAT(*secret, SizeIs(6 + 44));
  EXPECT_EQ(*keys_.SecretOf(*one, "subscriptions/a"), *secret);
  EXPECT_NE(*keys_.SecretOf(*one, "subscriptions/b"), *secret);
  EXPECT_NE(*keys_.SecretOf(*two, "subscriptions/a"), *secret);
}

TEST_F(WebhookKeysTest, KeepSecretsWhenAnotherKeyBecomesTheFirst) {
  const auto ref = keys_.NewSecret();
  ASSERT_THAT(ref, IsOk());
  const auto secret = keys_.SecretOf(*ref, "subscriptions/a");
  SetKeys({std::string(64, '2'), std::string(64, '1')});
  EXPECT_EQ(*keys_.SecretOf(*ref, "subscriptions/a"), *secret);
  SetKeys({std::string(64, '2')});
  EXPECT_TRUE(absl::IsNotFound(keys_.SecretOf(*ref, "subscriptions/a").status()));
}

TEST_F(WebhookKeysTest, FailWithoutAKey) {
  EXPECT_FALSE(WebhookKeys("").NewSecret().ok());
  SetKeys({"not a key"});
  EXPECT_FALSE(keys_.NewSecret().ok());
}

// The example of the specification of Standard Webhooks uses a key of 24 bytes; this one has 32. The
// signature was computed with the package standardwebhooks.
TEST(WebhookHeaders, AreThoseOfStandardWebhooks) {
  EXPECT_THAT(WebhookHeaders("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})",
                             {"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}),
              ElementsAre("webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp: 1614265330",
                          "webhook-signature: v1,O4Gjv1HqPqsMrjmczoggs/sWA8gZD0VyHG+fLh4+ktI="));
}

TEST(WebhookHeaders, AreOneLineEach) {
  for (const std::string& header :
       WebhookHeaders("a\r\nx: y", 1, "{}", {"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}))
    EXPECT_EQ(header.find_first_of("\r\n"), std::string::npos);
}

}  // namespace
}  // namespace idea::outbound
