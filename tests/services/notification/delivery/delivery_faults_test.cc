#include <array>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include "common/outbound/webhook.h"
#include "services/notification/subscription/subscription_store.h"
#include "tests/services/notification/recording_service.h"
#include "tests/services/notification/replica.h"
#include "tests/support/webhook/webhook_receiver.h"

namespace idea::notification {
namespace {

using testing::IsOk;

constexpr int kRounds = 12;
constexpr int kEventsOfRound = 25;
constexpr int kBucps = 5;

// Kills two replicas and the receiver, which also fails one time in five, at random while events flow.
using DeliveryFaults = testing::OnBackend;

TEST_P(DeliveryFaults, NeitherLoseNorReorderEventsOfABucp) {
  if (const std::string why = testing::WebhookReceiver::WhyNot(); !why.empty()) GTEST_SKIP() << why;
  const testing::RedisServer redis;
  testing::WebhookReceiver receiver;
  PrepareReplicas(redis, address());
  const std::string keys_file = redis.folder() + "/webhook.keys";
  std::ofstream(keys_file) << std::string(64, 'b') << "\n";
  setenv("IDEA_WEBHOOK_KEYS_FILE", keys_file.c_str(), 1);
  setenv("IDEA_WEBHOOK_NETWORKS", "127.0.0.0/8", 1);
  setenv("IDEA_WEBHOOK_CA_FILE", receiver.ca_file().c_str(), 1);
  setenv("IDEA_DELIVERY_RETRY_MIN_MILLIS", "20", 1);
  setenv("IDEA_DELIVERY_RETRY_MAX_SECONDS", "1", 1);
  setenv("IDEA_DELIVERY_ATTEMPTS", "1000", 1);
  MigrateInboxes(database());
  v1::Subscription subscription;
  subscription.set_name("subscriptions/s");
  subscription.set_entity(kDepartments[0]);
  subscription.mutable_webhook()->set_url(receiver.Url("/flaky"));
  const outbound::WebhookKeys keys(keys_file);
  const auto secret = keys.NewSecret();
  ASSERT_THAT(secret, IsOk());
  ASSERT_THAT(database().Write([&](storage::Transaction& db) {
    return InsertSubscription(db, subscription, {.current = *secret}, 0, clock::kSecond);
  }),
              IsOk());
  receiver.Trust("/flaky", {*keys.SecretOf(*secret, subscription.name())});

  std::array<Replica, 2> replicas;
  for (Replica& replica : replicas) replica.Start();
  RecordingService drafting("drafting", redis.address(), GetParam());
  std::mt19937 random(20);
  const auto acknowledged = [&] {
    std::set<std::string> ids;
    for (const auto& request : receiver.Requests("/flaky")) {
      if (request["status"] == 204) ids.insert(request["id"]);
    }
    return ids.size();
  };
  for (int round = 0; round < kRounds; ++round) {
    for (int i = 0; i < kEventsOfRound; ++i) drafting.Record("bucps/" + std::to_string(random() % kBucps));
    const size_t before = acknowledged();
    EXPECT_TRUE(testing::Eventually([&] { return acknowledged() > before; }));
    if (round % 3 == 2) {
      receiver.Kill();
      receiver.Start();
    } else {
      Replica& replica = replicas[random() % replicas.size()];
      replica.Kill();
      replica.Start();
    }
  }
  EXPECT_TRUE(testing::Eventually([&] { return acknowledged() >= drafting.recorded().size(); }));

  // A receiver that acknowledges an id once sees each event once, in the order of its BUCP.
  std::map<std::string, std::vector<std::string>> sent, received;
  for (const std::string& id : drafting.recorded()) sent[id.substr(id.find("bucps/"))].push_back(id);
  std::set<std::string> seen;
  for (const auto& request : receiver.Requests("/flaky")) {
    EXPECT_TRUE(request["isSigned"]);
    if (request["status"] == 204 && seen.insert(request["id"]).second)
      received[request["event"]["subject"]].push_back(request["id"]);
  }
  EXPECT_EQ(received, sent);
}

INSTANTIATE_TEST_SUITE_P(Every, DeliveryFaults, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::notification
