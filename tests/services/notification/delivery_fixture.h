#ifndef IDEA_TESTS_SERVICES_NOTIFICATION_DELIVERY_FIXTURE_H_
#define IDEA_TESTS_SERVICES_NOTIFICATION_DELIVERY_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "idea/notification/v1/delivery.pb.h"
#include "idea/notification/v1/notification.pb.h"
#include "idea/notification/v1/subscription.pb.h"
#include "idea/registry/v1/contact.pb.h"
#include "services/notification/delivery/delivery_service.h"
#include "services/notification/delivery/delivery_worker.h"
#include "services/notification/inbox/inbox_store.h"
#include "services/notification/notification_service.h"
#include "services/notification/subscription/subscription_service.h"
#include "tests/services/notification/sample_events.h"
#include "tests/support/backends.h"
#include "tests/support/eventually.h"
#include "tests/support/matchers.h"
#include "tests/support/service_harness/service_harness.h"
#include "tests/support/webhook/webhook_receiver.h"

namespace idea::notification {

// A directory that no test uses.
class NoDirectory : public auth::Directory {
 public:
  absl::StatusOr<auth::Person> Find(const std::string&, const std::string&) override {
    return auth::Person();
  }
};

// The methods on subscriptions and deliveries on a database of each engine, with a key for webhooks and
// receivers on the loopback interface.
class OnSubscriptions : public testing::OnBackend {
 protected:
  void SetUp() override {
    testing::OnBackend::SetUp();
    if (IsSkipped()) return;
    std::string pattern = (std::filesystem::temp_directory_path() / "idea_keys_XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    keys_file_ = folder_ + "/webhook.keys";
    std::ofstream(keys_file_) << std::string(64, 'a') << "\n";
    subscriptions_ = std::make_unique<SubscriptionService>(
        SubscriptionService::Options{keys_file_, Rules(), true},
        [this](std::string_view, const rpc::Context&, const google::protobuf::Message&,
               google::protobuf::Message* response) {
          response->CopyFrom(contacts_);
          return absl::OkStatus();
        });
    harness_ = std::make_unique<testing::ServiceHarness>("notification", k_notification_schema, env_,
                                                         database(), directory_);
    service_.Bind(harness_->router());
    subscriptions_->Bind(harness_->router());
    deliveries_.Bind(harness_->router());
    ASSERT_THAT(harness_->router().Check(), testing::IsOk());
  }
  void TearDown() override {
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }
  static outbound::AddressRules Rules() { return *outbound::AddressRules::Parse("127.0.0.0/8"); }

  template <class Response, class Request>
  absl::StatusOr<Response> Ask(const Request& request, const std::string& entity = "entities/a") {
    return harness_->Ask<Response>(testing::At(entity), request);
  }
  // For a method whose request has only a name and a request_id.
  template <class Response, class Request>
  absl::StatusOr<Response> AskFor(const std::string& name, const std::string& entity = "entities/a") {
    Request request;
    request.set_name(name);
    return Ask<Response>(request, entity);
  }

  static v1::CreateSubscriptionRequest NewSubscription(const std::string& url,
                                                       const std::string& filter = "") {
    v1::CreateSubscriptionRequest request;
    request.mutable_subscription()->set_entity("entities/a");
    request.mutable_subscription()->set_filter(filter);
    request.mutable_subscription()->mutable_webhook()->set_url(url);
    return request;
  }
  v1::Subscription Create(const std::string& url, const std::string& filter = "") {
    const auto created = Ask<v1::CreateSubscriptionResponse>(NewSubscription(url, filter));
    EXPECT_THAT(created, testing::IsOk());
    return created.ok() ? created->subscription() : v1::Subscription();
  }
  v1::Subscription Get(const std::string& name) {
    const auto got = AskFor<v1::GetSubscriptionResponse, v1::GetSubscriptionRequest>(name);
    EXPECT_THAT(got, testing::IsOk());
    return got.ok() ? got->subscription() : v1::Subscription();
  }
  std::vector<std::string> SecretsOf(const std::string& name) {
    const auto got = AskFor<v1::GetSubscriptionSecretResponse, v1::GetSubscriptionSecretRequest>(name);
    EXPECT_THAT(got, testing::IsOk());
    if (!got.ok()) return {};
    return got->previous_secret().empty() ? std::vector{got->secret()}
                                          : std::vector{got->secret(), got->previous_secret()};
  }
  v1::Delivery DeliveryOf(const std::string& name) {
    const auto got = AskFor<v1::GetDeliveryResponse, v1::GetDeliveryRequest>(name);
    EXPECT_THAT(got, testing::IsOk());
    return got.ok() ? got->delivery() : v1::Delivery();
  }
  // The deliveries of a subscription, oldest first.
  std::vector<v1::Delivery> DeliveriesOf(const std::string& subscription, const std::string& filter = "") {
    v1::ListDeliveriesRequest request;
    request.set_parent(subscription);
    request.set_filter(filter);
    request.set_page_size(1000);
    const auto page = Ask<v1::ListDeliveriesResponse>(request);
    EXPECT_THAT(page, testing::IsOk());
    if (!page.ok()) return {};
    return {page->deliveries().rbegin(), page->deliveries().rend()};
  }
  // Puts an event into the inbox of entities/a.
  void Arrive(const std::string& id, const std::string& bucp = "bucps/1",
              const std::string& type = "BucpSent") {
    events::Event event = SampleEvent(id, {"entities/a"}, bucp, env_.clock.Now());
    event.set_type(type);
    Arrive(event);
  }
  void Arrive(const events::Event& event) {
    ASSERT_THAT(
        database().Write([&](storage::Transaction& db) { return Deliver(db, event, "drafting").status(); },
                         kInboxLane),
        testing::IsOk());
    inbox_notifier_.Notify();
  }

  testing::TestEnv env_;
  // What the registry answers.
  registry::v1::ListContactsResponse contacts_;
  NoDirectory directory_;
  std::string folder_, keys_file_;
  events::Notifier inbox_notifier_;
  NotificationService service_;
  std::unique_ptr<SubscriptionService> subscriptions_;
  DeliveryService deliveries_;
  std::unique_ptr<testing::ServiceHarness> harness_;
};

}  // namespace idea::notification

#endif  // IDEA_TESTS_SERVICES_NOTIFICATION_DELIVERY_FIXTURE_H_
