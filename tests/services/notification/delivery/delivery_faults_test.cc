#include <array>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
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

class DeliveryFaults : public testing::OnBackend {
 protected:
  void SetUp() override {
    if (const std::string why = testing::WebhookReceiver::WhyNot(); !why.empty()) GTEST_SKIP() << why;
    testing::OnBackend::SetUp();
    if (IsSkipped()) return;
    redis_ = std::make_unique<testing::RedisServer>();
    receiver_ = std::make_unique<testing::WebhookReceiver>();
    PrepareReplicas(*redis_, address());
    keys_file_ = redis_->folder() + "/webhook.keys";
    std::ofstream(keys_file_) << std::string(64, 'b') << "\n";
    setenv("IDEA_WEBHOOK_KEYS_FILE", keys_file_.c_str(), 1);
    setenv("IDEA_WEBHOOK_NETWORKS", "127.0.0.0/8", 1);
    setenv("IDEA_WEBHOOK_CA_FILE", receiver_->ca_file().c_str(), 1);
    setenv("IDEA_DELIVERY_RETRY_MIN_MILLIS", "20", 1);
    setenv("IDEA_DELIVERY_RETRY_MAX_SECONDS", "1", 1);
    setenv("IDEA_DELIVERY_ATTEMPTS", "1000", 1);
    keys_.emplace(keys_file_);
    secret_ = *keys_->NewSecret();
    MigrateInboxes(database());
  }
  // Subscribes an entity, with a secret that the receiver knows.
  absl::Status Subscribe(storage::Transaction& db, const std::string& name, const std::string& entity,
                         const std::string& url) {
    v1::Subscription subscription;
    subscription.set_name(name);
    subscription.set_entity(entity);
    subscription.mutable_webhook()->set_url(url);
    return InsertSubscription(db, subscription, {.current = secret_}, 0, clock::kSecond);
  }
  std::unique_ptr<testing::RedisServer> redis_;
  std::unique_ptr<testing::WebhookReceiver> receiver_;
  std::string keys_file_;
  std::optional<outbound::WebhookKeys> keys_;
  outbound::SecretRef secret_;
};

// Kills two replicas and the receiver, which also fails one time in five, at random while events flow.
TEST_P(DeliveryFaults, NeitherLoseNorReorderEventsOfABucp) {
  testing::WebhookReceiver& receiver = *receiver_;
  const testing::RedisServer& redis = *redis_;
  receiver.Trust("/flaky", {*keys_->SecretOf(secret_, "subscriptions/s")});
  ASSERT_THAT(database().Write([&](storage::Transaction& db) {
    return Subscribe(db, "subscriptions/s", kDepartments[0], receiver.Url("/flaky"));
  }),
              IsOk());

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

// Nearly all of ten thousand receivers (a thousand on PostgreSQL) refuse connections. The others get every
// event, and memory stays bounded.
TEST_P(DeliveryFaults, ToThousandsOfDeadReceiversDoNotDelayTheOthers) {
  constexpr int kEntities = 100;
  const int subscriptions = GetParam() == "sqlite" ? 100 : 10;
  std::vector<std::string> entities;
  for (int e = 0; e < kEntities; ++e) {
    entities.push_back("entities/e" + std::to_string(e));
    ASSERT_THAT(database().Write([&](storage::Transaction& db) -> absl::Status {
      for (int s = 0; s < subscriptions; ++s) {
        const std::string url = s == 0 ? receiver_->Url("/ok") : "https://127.0.0.1:1/";
        RETURN_IF_ERROR(Subscribe(db, "subscriptions/" + std::to_string(e) + "-" + std::to_string(s),
                                  entities.back(), url));
      }
      return absl::OkStatus();
    }),
                IsOk());
  }
  Replica replica;
  replica.Start();
  constexpr size_t kEvents = 5;
  for (size_t i = 0; i < kEvents; ++i) {
    ASSERT_THAT(database().Write(
                    [&](storage::Transaction& db) {
                      return Deliver(db, SampleEvent("e" + std::to_string(i), entities), "drafting").status();
                    },
                    kInboxLane),
                IsOk());
  }
  // A busy machine may need more than a minute for the first attempts.
  const auto all = [&] { return receiver_->Requests("/ok").size() >= kEvents * kEntities; };
  EXPECT_TRUE(testing::Eventually(all) || testing::Eventually(all) || testing::Eventually(all));
  EXPECT_EQ(receiver_->Requests("/ok").size(), kEvents * kEntities);
  RecordProperty("max_memory_kib", std::to_string(replica.MaxMemory()));
  EXPECT_LT(replica.MaxMemory(), 512 * 1024);
}

INSTANTIATE_TEST_SUITE_P(Every, DeliveryFaults, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::notification
