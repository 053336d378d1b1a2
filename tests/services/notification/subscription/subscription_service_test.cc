#include "services/notification/subscription/subscription_service.h"

#include "common/status/status.h"
#include "tests/services/notification/delivery_fixture.h"

namespace idea::notification {
namespace {

using status::Reason;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr char kUrl[] = "https://receiver.example.org/idea";

using Subscriptions = OnSubscriptions;

v1::UpdateSubscriptionRequest Change(const v1::Subscription& subscription,
                                     const std::vector<std::string>& paths) {
  v1::UpdateSubscriptionRequest request;
  *request.mutable_subscription() = subscription;
  for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
  return request;
}

TEST_P(Subscriptions, AreCreatedActive) {
  v1::CreateSubscriptionRequest request = NewSubscription(kUrl, "type = BucpSent");
  request.mutable_subscription()->set_display_name("Intake");
  const auto created = Ask<v1::CreateSubscriptionResponse>(request);
  ASSERT_THAT(created, IsOk());
  const v1::Subscription& subscription = created->subscription();
  EXPECT_THAT(subscription.name(), StartsWith("subscriptions/"));
  EXPECT_EQ(subscription.state(), v1::SUBSCRIPTION_STATE_ACTIVE);
  EXPECT_EQ(subscription.webhook().url(), kUrl);
  EXPECT_EQ(subscription.filter(), "type = BucpSent");
  EXPECT_EQ(subscription.display_name(), "Intake");
  EXPECT_EQ(subscription.etag(), "1");
  EXPECT_EQ(Get(subscription.name()).SerializeAsString(), subscription.SerializeAsString());
  EXPECT_EQ(harness_->Events().back().type(), "SubscriptionCreated");
}

TEST_P(Subscriptions, AreCreatedOnceByARepeatedRequest) {
  v1::CreateSubscriptionRequest request = NewSubscription(kUrl);
  request.set_request_id("6f9619ff-8b86-4d01-b42d-00cf4fc964ff");
  const auto first = Ask<v1::CreateSubscriptionResponse>(request);
  const auto second = Ask<v1::CreateSubscriptionResponse>(request);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->subscription().name(), second->subscription().name());
}

TEST_P(Subscriptions, BelongToTheCallersEntity) {
  EXPECT_THAT(Ask<v1::CreateSubscriptionResponse>(NewSubscription(kUrl), "entities/b"),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  const v1::Subscription subscription = Create(kUrl);
  const std::string& name = subscription.name();
  const std::string stranger = "entities/b";
  const auto hidden = FailsWith(Reason::ERROR_REASON_NOT_FOUND);
  EXPECT_THAT((AskFor<v1::GetSubscriptionResponse, v1::GetSubscriptionRequest>(name, stranger)), hidden);
  EXPECT_THAT((AskFor<v1::PauseSubscriptionResponse, v1::PauseSubscriptionRequest>(name, stranger)), hidden);
  EXPECT_THAT((AskFor<v1::ResumeSubscriptionResponse, v1::ResumeSubscriptionRequest>(name, stranger)),
              hidden);
  EXPECT_THAT((AskFor<v1::DeleteSubscriptionResponse, v1::DeleteSubscriptionRequest>(name, stranger)),
              hidden);
  EXPECT_THAT((AskFor<v1::TestSubscriptionResponse, v1::TestSubscriptionRequest>(name, stranger)), hidden);
  EXPECT_THAT((AskFor<v1::GetSubscriptionSecretResponse, v1::GetSubscriptionSecretRequest>(name, stranger)),
              hidden);
  EXPECT_THAT(
      (AskFor<v1::RotateSubscriptionSecretResponse, v1::RotateSubscriptionSecretRequest>(name, stranger)),
      hidden);
  EXPECT_THAT(Ask<v1::UpdateSubscriptionResponse>(Change(subscription, {"filter"}), stranger), hidden);
  v1::ListSubscriptionsRequest list;
  list.set_parent("entities/a");
  EXPECT_THAT(Ask<v1::ListSubscriptionsResponse>(list, stranger), hidden);
  v1::ListDeliveriesRequest deliveries;
  deliveries.set_parent(name);
  EXPECT_THAT(Ask<v1::ListDeliveriesResponse>(deliveries, stranger), hidden);
  v1::ListDeadLettersRequest dead;
  dead.set_parent("entities/a");
  EXPECT_THAT(Ask<v1::ListDeadLettersResponse>(dead, stranger), hidden);
  v1::ReplayEventsRequest replay;
  replay.set_name(name);
  *replay.mutable_from_time() = clock::ToProto(1);
  EXPECT_THAT(Ask<v1::ReplayEventsResponse>(replay, stranger), hidden);
  // A stranger's answer does not depend on whether the resource exists.
  EXPECT_THAT((AskFor<v1::GetSubscriptionResponse, v1::GetSubscriptionRequest>("subscriptions/none")),
              hidden);
}

TEST_P(Subscriptions, NeedAReceiverToWhichTheServerSends) {
  for (const char* url :
       {"", "http://example.org", "https://10.0.0.1/", "https://169.254.169.254/latest/meta-data",
        "https://[::1]/", "https://3232235777/", "https://u:p@example.org/"}) {
    EXPECT_THAT(Ask<v1::CreateSubscriptionResponse>(NewSubscription(url)),
                ::testing::AnyOf(FailsWith(Reason::ERROR_REASON_INVALID_FIELD)))
        << url;
  }
  v1::CreateSubscriptionRequest without = NewSubscription(kUrl);
  without.mutable_subscription()->clear_webhook();
  EXPECT_THAT(Ask<v1::CreateSubscriptionResponse>(without), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  const v1::Subscription subscription = Create(kUrl);
  v1::Subscription changed = subscription;
  changed.mutable_webhook()->set_url("https://192.168.1.1/");
  EXPECT_THAT(Ask<v1::UpdateSubscriptionResponse>(Change(changed, {"webhook"})),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_EQ(Get(subscription.name()).webhook().url(), kUrl);
}

TEST_P(Subscriptions, NeedAValidFilter) {
  EXPECT_THAT(Ask<v1::CreateSubscriptionResponse>(NewSubscription(kUrl, "audience = x")),
              FailsWith(Reason::ERROR_REASON_FILTER_INVALID));
  const v1::Subscription subscription = Create(kUrl);
  v1::Subscription changed = subscription;
  changed.set_filter("type =");
  EXPECT_THAT(Ask<v1::UpdateSubscriptionResponse>(Change(changed, {"filter"})),
              FailsWith(Reason::ERROR_REASON_FILTER_INVALID));
}

TEST_P(Subscriptions, NeedTheKeysOfTheOperator) {
  std::filesystem::remove(keys_file_);
  EXPECT_THAT(Ask<v1::CreateSubscriptionResponse>(NewSubscription(kUrl)),
              FailsWith(Reason::ERROR_REASON_CHANNEL_UNAVAILABLE));
}

TEST_P(Subscriptions, HaveALimitForEachEntity) {
  for (int64_t i = 0; i < 100; ++i)
    ASSERT_THAT(Ask<v1::CreateSubscriptionResponse>(NewSubscription(kUrl)), IsOk());
  EXPECT_THAT(Ask<v1::CreateSubscriptionResponse>(NewSubscription(kUrl)),
              FailsWith(Reason::ERROR_REASON_LIMIT_REACHED));
}

TEST_P(Subscriptions, AreListedPageByPage) {
  std::vector<std::string> names;
  for (int i = 0; i < 3; ++i) {
    names.push_back(Create(kUrl).name());
    env_.clock.Advance(clock::kSecond);
  }
  v1::ListSubscriptionsRequest request;
  request.set_parent("entities/a");
  request.set_page_size(2);
  std::vector<std::string> listed;
  do {
    const auto page = Ask<v1::ListSubscriptionsResponse>(request);
    ASSERT_THAT(page, IsOk());
    for (const auto& subscription : page->subscriptions()) listed.push_back(subscription.name());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(listed, names);
}

TEST_P(Subscriptions, AreChangedByTheFieldsOfTheMask) {
  const v1::Subscription subscription = Create(kUrl);
  v1::Subscription changed = subscription;
  changed.set_filter("type = BucpSent");
  changed.set_display_name("not in the mask");
  const auto updated = Ask<v1::UpdateSubscriptionResponse>(Change(changed, {"filter"}));
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->subscription().filter(), "type = BucpSent");
  EXPECT_EQ(updated->subscription().display_name(), "");
  EXPECT_EQ(updated->subscription().etag(), "2");
  EXPECT_THAT(Ask<v1::UpdateSubscriptionResponse>(Change(changed, {"filter"})),
              FailsWith(Reason::ERROR_REASON_STALE_ETAG));
  changed.clear_etag();
  EXPECT_THAT(Ask<v1::UpdateSubscriptionResponse>(Change(changed, {"entity"})),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(Subscriptions, ArePausedAndResumed) {
  const std::string name = Create(kUrl).name();
  const auto paused = AskFor<v1::PauseSubscriptionResponse, v1::PauseSubscriptionRequest>(name);
  ASSERT_THAT(paused, IsOk());
  EXPECT_EQ(paused->subscription().state(), v1::SUBSCRIPTION_STATE_PAUSED);
  ASSERT_THAT((AskFor<v1::PauseSubscriptionResponse, v1::PauseSubscriptionRequest>(name)), IsOk());
  EXPECT_EQ(Get(name).state(), v1::SUBSCRIPTION_STATE_PAUSED);
  ASSERT_THAT((AskFor<v1::ResumeSubscriptionResponse, v1::ResumeSubscriptionRequest>(name)), IsOk());
  EXPECT_EQ(Get(name).state(), v1::SUBSCRIPTION_STATE_ACTIVE);
}

TEST_P(Subscriptions, AreDeletedWithTheirDeliveries) {
  const v1::Subscription subscription = Create(kUrl);
  const auto test = AskFor<v1::TestSubscriptionResponse, v1::TestSubscriptionRequest>(subscription.name());
  ASSERT_THAT(test, IsOk());
  v1::DeleteSubscriptionRequest request;
  request.set_name(subscription.name());
  request.set_etag("9");
  EXPECT_THAT(Ask<v1::DeleteSubscriptionResponse>(request), FailsWith(Reason::ERROR_REASON_STALE_ETAG));
  request.set_etag("1");
  ASSERT_THAT(Ask<v1::DeleteSubscriptionResponse>(request), IsOk());
  EXPECT_THAT((AskFor<v1::GetSubscriptionResponse, v1::GetSubscriptionRequest>(subscription.name())),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT((AskFor<v1::GetDeliveryResponse, v1::GetDeliveryRequest>(test->delivery().name())),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

TEST_P(Subscriptions, HaveTwoSecretsWhileTheyAreRotated) {
  const std::string name = Create(kUrl).name();
  const std::vector<std::string> first = SecretsOf(name);
  ASSERT_THAT(first, SizeIs(1));
  EXPECT_EQ(SecretsOf(name), first);
  EXPECT_NE(SecretsOf(Create(kUrl).name()), first);
  v1::RotateSubscriptionSecretRequest request;
  request.set_name(name);
  request.set_overlap_hours(2);
  ASSERT_THAT(Ask<v1::RotateSubscriptionSecretResponse>(request), IsOk());
  const std::vector<std::string> both = SecretsOf(name);
  ASSERT_THAT(both, SizeIs(2));
  EXPECT_NE(both[0], first[0]);
  EXPECT_EQ(both[1], first[0]);
  env_.clock.Advance(2 * 3600 * clock::kSecond);
  EXPECT_THAT(SecretsOf(name), ElementsAre(both[0]));
}

TEST_P(Subscriptions, KeepNoSecretInTheDatabase) {
  const std::string name = Create(kUrl).name();
  const std::string secret = SecretsOf(name).at(0);
  for (const events::Event& event : harness_->Events())
    EXPECT_EQ(event.SerializeAsString().find(secret), std::string::npos);
  ASSERT_THAT(database().Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(const auto rows, db.Query("SELECT secret FROM subscriptions WHERE name = $1", {name}));
    EXPECT_EQ(rows.at(0).Text(0).find(secret.substr(6, 16)), std::string::npos);
    ASSIGN_OR_RETURN(
        const auto answers,
        db.Query("SELECT answer FROM events WHERE answer IS NOT NULL AND event_id <> $1", {"x"}));
    EXPECT_THAT(answers, Not(IsEmpty()));
    for (const auto& row : answers) EXPECT_EQ(row.Bytes(0).find(secret.substr(6, 16)), std::string::npos);
    return absl::OkStatus();
  }),
              IsOk());
}

INSTANTIATE_TEST_SUITE_P(Every, Subscriptions, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::notification
