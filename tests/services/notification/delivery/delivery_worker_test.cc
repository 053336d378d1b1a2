#include "services/notification/delivery/delivery_worker.h"

#include <algorithm>
#include <map>
#include <set>

#include "common/status/status.h"
#include "services/notification/subscription/recipient_worker.h"
#include "tests/services/notification/delivery_fixture.h"

namespace idea::notification {
namespace {

using status::Reason;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::SizeIs;

// A worker with a real receiver. The clock moves a second with each pass, so that retries become due.
class Deliveries : public OnSubscriptions {
 protected:
  void SetUp() override {
    if (const std::string why = testing::WebhookReceiver::WhyNot(); !why.empty()) GTEST_SKIP() << why;
    OnSubscriptions::SetUp();
    if (IsSkipped()) return;
    receiver_ = std::make_unique<testing::WebhookReceiver>();
    receiver_->AcceptAnyTime();
    if (StartsMail()) {
      if (const std::string why = testing::MailReceiver::WhyNot(); !why.empty()) GTEST_SKIP() << why;
      mail_ = std::make_unique<testing::MailReceiver>(receiver_->folder());
    }
    worker_ = NewWorker();
  }
  virtual bool StartsMail() const { return false; }
  std::unique_ptr<DeliveryWorker> NewWorker() {
    DeliveryWorker::Options options;
    options.sender.rules = Rules();
    options.sender.ca_file = receiver_->ca_file();
    options.sender.timeout = std::chrono::milliseconds(2000);
    options.retry = {clock::kSecond, 60 * clock::kSecond, 4};
    options.trust_domain = "idea.test";
    options.webhook_keys_file = keys_file_;
    options.keep = 30 * clock::kDay;
    if (mail_ != nullptr) {
      std::ofstream(folder_ + "/password") << "secret\n";
      options.sender.smtp_ca_file = receiver_->ca_file();
      options.sender.smtp_user = "idea";
      options.sender.smtp_password_file = folder_ + "/password";
      options.smtp_url = mail_->Url();
      options.mail_from = "idea@example.org";
    }
    return std::make_unique<DeliveryWorker>(options, database(), inbox_notifier_, env_.clock);
  }
  // A subscription whose secret the receiver knows.
  std::string Subscribe(const std::string& path, const std::string& filter = "") {
    const std::string name = Create(receiver_->Url(path), filter).name();
    receiver_->Trust(path, SecretsOf(name));
    return name;
  }
  // Repeats passes until the condition holds.
  template <class Condition>
  bool PassUntil(const Condition& holds, clock::Micros step = clock::kSecond) {
    return testing::Eventually([&] {
      EXPECT_THAT(worker_->Pass(), IsOk());
      env_.clock.Advance(step);
      return holds();
    });
  }
  // Runs passes until nothing is pending.
  bool Settle(const std::string& subscription) {
    return PassUntil([&] { return DeliveriesOf(subscription, "state = PENDING").empty(); });
  }
  // The ids that the receiver got, each at its first request.
  std::vector<std::string> Received(const std::string& path) const {
    std::vector<std::string> ids;
    for (const auto& request : receiver_->Requests(path)) {
      const std::string id = request["id"];
      if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
    }
    return ids;
  }

  std::unique_ptr<testing::WebhookReceiver> receiver_;
  std::unique_ptr<testing::MailReceiver> mail_;
  std::unique_ptr<DeliveryWorker> worker_;
};

TEST_P(Deliveries, BringASignedCloudEvent) {
  const std::string name = Subscribe("/ok");
  Arrive("e1", "bucps/7");
  ASSERT_TRUE(PassUntil([&] { return receiver_->Requests("/ok").size() == 1; }));
  const auto request = receiver_->Requests("/ok").at(0);
  EXPECT_TRUE(request["isSigned"]);
  EXPECT_EQ(request["method"], "POST");
  EXPECT_EQ(request["id"], "e1");
  EXPECT_EQ(request["contentType"], "application/cloudevents+json; charset=utf-8");
  const auto& event = request["event"];
  EXPECT_EQ(event["specversion"], "1.0");
  EXPECT_EQ(event["id"], "e1");
  EXPECT_THAT(event["source"].get<std::string>(), HasSubstr("//idea.test"));
  EXPECT_THAT(event["type"].get<std::string>(), EndsWith(".BucpSent"));
  EXPECT_EQ(event["subject"], "bucps/7");
  EXPECT_EQ(event["partitionkey"], "bucps/7");
  EXPECT_EQ(event["data"]["bucp"], "bucps/7");
  ASSERT_TRUE(Settle(name));
  const v1::Delivery delivery = DeliveryOf(DeliveriesOf(name).at(0).name());
  EXPECT_EQ(delivery.state(), v1::DELIVERY_STATE_DELIVERED);
  EXPECT_TRUE(delivery.has_end_time());
  ASSERT_THAT(delivery.attempts(), SizeIs(1));
  EXPECT_EQ(delivery.attempts(0).status_code(), 204);
  EXPECT_EQ(delivery.attempts(0).error(), "");
  EXPECT_TRUE(Get(name).has_last_success_time());
}

TEST_P(Deliveries, AreSignedWithBothSecretsDuringARotation) {
  const std::string name = Subscribe("/ok");
  v1::RotateSubscriptionSecretRequest rotate;
  rotate.set_name(name);
  ASSERT_THAT(Ask<v1::RotateSubscriptionSecretResponse>(rotate), IsOk());
  const std::vector<std::string> both = SecretsOf(name);
  ASSERT_THAT(both, SizeIs(2));
  receiver_->Trust("/ok", both);
  Arrive("e1");
  ASSERT_TRUE(Settle(name));
  EXPECT_TRUE(receiver_->Requests("/ok").at(0)["isSigned"]);
  env_.clock.Advance(25 * 3600 * clock::kSecond);
  Arrive("e2");
  ASSERT_TRUE(Settle(name));
  // The previous secret does not sign any more.
  EXPECT_FALSE(receiver_->Requests("/ok").at(1)["isSigned"]);
}

TEST_P(Deliveries, BeginAfterTheSubscription) {
  Arrive("before");
  const std::string name = Subscribe("/ok");
  Arrive("after");
  ASSERT_TRUE(PassUntil([&] { return receiver_->Requests("/ok").size() == 1; }));
  ASSERT_TRUE(Settle(name));
  EXPECT_THAT(Received("/ok"), ElementsAre("after"));
}

TEST_P(Deliveries, BeginAtATimeThatTheSubscriberChooses) {
  Arrive("e1");
  env_.clock.Advance(clock::kDay);
  const clock::Micros start = env_.clock.Now();
  Arrive("e2");
  Arrive("e3");
  v1::CreateSubscriptionRequest request = NewSubscription(receiver_->Url("/ok"));
  *request.mutable_start_time() = clock::ToProto(start);
  ASSERT_THAT(Ask<v1::CreateSubscriptionResponse>(request), IsOk());
  ASSERT_TRUE(PassUntil([&] { return Received("/ok").size() == 2; }));
  EXPECT_THAT(Received("/ok"), ElementsAre("e2", "e3"));
}

TEST_P(Deliveries, FollowTheFilter) {
  const std::string name = Subscribe("/ok", "type = BucpFiled AND bucp = bucps/2");
  Arrive("e1", "bucps/2", "BucpSent");
  Arrive("e2", "bucps/1", "BucpFiled");
  Arrive("e3", "bucps/2", "BucpFiled");
  ASSERT_TRUE(PassUntil([&] { return Received("/ok").size() == 1; }));
  ASSERT_TRUE(Settle(name));
  EXPECT_THAT(Received("/ok"), ElementsAre("e3"));
}

// One of five answers is an error. Every event arrives, in the order of its BUCP.
TEST_P(Deliveries, AreRepeatedUntilTheReceiverAcknowledges) {
  const std::string name = Subscribe("/flaky");
  std::map<std::string, std::vector<std::string>> sent, received;
  for (int i = 0; i < 60; ++i) {
    const std::string bucp = "bucps/" + std::to_string(i % 3), id = "e" + std::to_string(i);
    sent[bucp].push_back(id);
    Arrive(id, bucp);
  }
  ASSERT_TRUE(PassUntil([&] { return DeliveriesOf(name, "state = DELIVERED").size() >= 50; }));
  ASSERT_TRUE(Settle(name));
  size_t requests = 0;
  std::set<std::string> acknowledged;
  for (const auto& request : receiver_->Requests("/flaky")) {
    ++requests;
    EXPECT_TRUE(request["isSigned"]);
    if (request["status"] != 204 || !acknowledged.insert(request["id"]).second) continue;
    received[request["event"]["subject"]].push_back(request["id"]);
  }
  EXPECT_GT(requests, 60u);
  // With four attempts one of 600 events becomes a dead letter; the order of the others is kept.
  for (auto& [bucp, ids] : sent) {
    std::erase_if(ids, [&](const std::string& id) { return !acknowledged.contains(id); });
    EXPECT_EQ(received[bucp], ids);
  }
}

TEST_P(Deliveries, EndAsDeadLettersThatBlockNobody) {
  const std::string name = Subscribe("/poison");
  Arrive("p1", "bucps/poison");
  Arrive("p2", "bucps/poison");
  Arrive("good", "bucps/good");
  ASSERT_TRUE(PassUntil([&] { return DeliveriesOf(name, "state = DELIVERED").size() == 1; }));
  EXPECT_THAT(DeliveriesOf(name, "state = DEAD"), IsEmpty());
  ASSERT_TRUE(Settle(name));
  v1::ListDeadLettersRequest request;
  request.set_parent("entities/a");
  const auto dead = Ask<v1::ListDeadLettersResponse>(request);
  ASSERT_THAT(dead, IsOk());
  ASSERT_THAT(dead->deliveries(), SizeIs(2));
  EXPECT_EQ(dead->deliveries(1).event_id(), "p1");
  const v1::Delivery first = DeliveryOf(dead->deliveries(1).name());
  ASSERT_THAT(first.attempts(), SizeIs(4));
  EXPECT_EQ(first.attempts(0).status_code(), 400);
  EXPECT_EQ(first.attempts(0).answer(), "the answer of the receiver");
  EXPECT_NE(first.attempts(0).error(), "");
  EXPECT_TRUE(first.attempts(0).has_next_try_time());
  EXPECT_FALSE(first.attempts(3).has_next_try_time());
  // The pauses grow.
  const auto pause = [&](int i) {
    return clock::FromProto(first.attempts(i).next_try_time()) - clock::FromProto(first.attempts(i).time());
  };
  EXPECT_GT(pause(2), pause(0));
  // The second waited for the first.
  const auto requests = receiver_->Requests("/poison");
  const auto position = [&](const std::string& id, bool last) {
    size_t at = 0;
    for (size_t i = 0; i < requests.size(); ++i) {
      if (requests[i]["id"] == id && (last || at == 0)) at = i;
    }
    return at;
  };
  EXPECT_GT(position("p2", false), position("p1", true));
}

TEST_P(Deliveries, OfADeadLetterCanBeRepeated) {
  receiver_->SetDown(true);
  const std::string name = Subscribe("/down");
  Arrive("e1");
  ASSERT_TRUE(PassUntil([&] { return DeliveriesOf(name, "state = DEAD").size() == 1; }));
  const std::string delivery = DeliveriesOf(name).at(0).name();
  receiver_->SetDown(false);
  ASSERT_THAT((AskFor<v1::RedeliverResponse, v1::RedeliverRequest>(delivery)), IsOk());
  EXPECT_THAT((AskFor<v1::RedeliverResponse, v1::RedeliverRequest>(delivery)),
              FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  ASSERT_TRUE(Settle(name));
  EXPECT_EQ(DeliveryOf(delivery).state(), v1::DELIVERY_STATE_DELIVERED);
  EXPECT_EQ(DeliveryOf(delivery).attempt_count(), 5);
  ASSERT_THAT((AskFor<v1::RedeliverResponse, v1::RedeliverRequest>(delivery)), IsOk());
  ASSERT_TRUE(Settle(name));
  EXPECT_EQ(DeliveryOf(delivery).attempt_count(), 6);
}

TEST_P(Deliveries, WaitAsLongAsTheReceiverAsks) {
  const std::string name = Subscribe("/busy");
  Arrive("e1");
  Arrive("e2", "bucps/2");
  ASSERT_TRUE(PassUntil([&] { return Get(name).has_hold_time(); }, 0));
  const clock::Micros hold = clock::FromProto(Get(name).hold_time());
  EXPECT_GE(hold - env_.clock.Now(), 55 * clock::kSecond);
  const size_t before = receiver_->Requests("/busy").size();
  for (int i = 0; i < 10; ++i) EXPECT_THAT(worker_->Pass(), IsOk());
  EXPECT_EQ(receiver_->Requests("/busy").size(), before);
  ASSERT_TRUE(Settle(name));
  EXPECT_FALSE(Get(name).has_hold_time());
}

// A receiver that fails gets one attempt at a time with pauses, and everything when it is back.
TEST_P(Deliveries, ToAReceiverThatFailsAreHeld) {
  receiver_->SetDown(true);
  const std::string name = Subscribe("/down");
  for (int i = 0; i < 30; ++i) Arrive("e" + std::to_string(i), "bucps/" + std::to_string(i));
  ASSERT_TRUE(PassUntil([&] { return Get(name).consecutive_failures() >= kFailuresUntilHold; }, 0));
  ASSERT_TRUE(PassUntil([&] { return Get(name).has_hold_time(); }, 0));
  receiver_->SetDown(false);
  ASSERT_TRUE(Settle(name));
  EXPECT_THAT(DeliveriesOf(name, "state = DELIVERED"), SizeIs(30));
  EXPECT_EQ(Get(name).consecutive_failures(), 0);
}

TEST_P(Deliveries, ToADeadReceiverDelayNobody) {
  std::vector<std::string> silent;
  for (int i = 0; i < 20; ++i) silent.push_back(Create(receiver_->Url("/silent")).name());
  const std::string name = Subscribe("/ok");
  for (int i = 0; i < 10; ++i) Arrive("e" + std::to_string(i), "bucps/" + std::to_string(i));
  ASSERT_TRUE(PassUntil([&] { return Received("/ok").size() == 10; }, 0));
  for (const std::string& dead : silent) EXPECT_THAT(DeliveriesOf(dead, "state = DELIVERED"), IsEmpty());
}

TEST_P(Deliveries, StopWhileTheSubscriptionIsPaused) {
  const std::string name = Subscribe("/ok");
  ASSERT_THAT((AskFor<v1::PauseSubscriptionResponse, v1::PauseSubscriptionRequest>(name)), IsOk());
  Arrive("e1");
  const auto test = AskFor<v1::TestSubscriptionResponse, v1::TestSubscriptionRequest>(name);
  ASSERT_THAT(test, IsOk());
  ASSERT_TRUE(
      PassUntil([&] { return DeliveryOf(test->delivery().name()).state() != v1::DELIVERY_STATE_PENDING; }));
  EXPECT_EQ(DeliveryOf(test->delivery().name()).state(), v1::DELIVERY_STATE_DELIVERED);
  EXPECT_THAT(receiver_->Requests("/ok").at(0)["event"]["type"].get<std::string>(),
              EndsWith(".SubscriptionTested"));
  EXPECT_THAT(receiver_->Requests("/ok"), SizeIs(1));
  ASSERT_THAT((AskFor<v1::ResumeSubscriptionResponse, v1::ResumeSubscriptionRequest>(name)), IsOk());
  ASSERT_TRUE(PassUntil([&] { return receiver_->Requests("/ok").size() == 2; }));
  EXPECT_EQ(Received("/ok").back(), "e1");
}

TEST_P(Deliveries, OfATestAreTriedOnce) {
  receiver_->SetDown(true);
  const std::string name = Subscribe("/down");
  const auto test = AskFor<v1::TestSubscriptionResponse, v1::TestSubscriptionRequest>(name);
  ASSERT_THAT(test, IsOk());
  ASSERT_TRUE(Settle(name));
  EXPECT_EQ(DeliveryOf(test->delivery().name()).state(), v1::DELIVERY_STATE_DEAD);
  EXPECT_EQ(DeliveryOf(test->delivery().name()).attempt_count(), 1);
}

TEST_P(Deliveries, AreReplayedForAPeriod) {
  const std::string name = Subscribe("/ok");
  const clock::Micros begin = env_.clock.Now();
  std::vector<clock::Micros> times;
  for (int i = 0; i < 4; ++i) {
    times.push_back(env_.clock.Now());
    Arrive("e" + std::to_string(i));
    env_.clock.Advance(3600 * clock::kSecond);
  }
  ASSERT_TRUE(PassUntil([&] { return receiver_->Requests("/ok").size() == 4; }));
  v1::ReplayEventsRequest request;
  request.set_name(name);
  *request.mutable_from_time() = clock::ToProto(times[1]);
  *request.mutable_to_time() = clock::ToProto(times[3]);
  ASSERT_THAT(Ask<v1::ReplayEventsResponse>(request), IsOk());
  ASSERT_TRUE(PassUntil([&] { return receiver_->Requests("/ok").size() == 6; }));
  ASSERT_TRUE(Settle(name));
  const auto replayed = DeliveriesOf(name, "kind = REPLAY");
  ASSERT_THAT(replayed, SizeIs(2));
  EXPECT_EQ(replayed[0].event_id(), "e1");
  EXPECT_EQ(replayed[1].event_id(), "e2");
  *request.mutable_to_time() = clock::ToProto(begin);
  EXPECT_THAT(Ask<v1::ReplayEventsResponse>(request), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  request.clear_to_time();
  *request.mutable_from_time() = clock::ToProto(begin);
  for (int i = 0; i < 10; ++i) ASSERT_THAT(Ask<v1::ReplayEventsResponse>(request), IsOk());
  EXPECT_THAT(Ask<v1::ReplayEventsResponse>(request), FailsWith(Reason::ERROR_REASON_LIMIT_REACHED));
}

TEST_P(Deliveries, ContinueInAnotherReplica) {
  const std::string name = Subscribe("/ok");
  Arrive("e1");
  ASSERT_TRUE(PassUntil([&] { return receiver_->Requests("/ok").size() == 1; }));
  worker_ = nullptr;
  Arrive("e2");
  worker_ = NewWorker();
  ASSERT_TRUE(PassUntil([&] { return receiver_->Requests("/ok").size() == 2; }));
  ASSERT_TRUE(Settle(name));
  EXPECT_THAT(Received("/ok"), ElementsAre("e1", "e2"));
}

TEST_P(Deliveries, AreRemovedSomeTimeAfterTheirEnd) {
  const std::string name = Subscribe("/ok");
  Arrive("e1");
  ASSERT_TRUE(PassUntil([&] { return DeliveriesOf(name, "state = DELIVERED").size() == 1; }));
  env_.clock.Advance(31 * clock::kDay);
  EXPECT_TRUE(PassUntil([&] { return DeliveriesOf(name).empty(); }));
}

TEST_P(Deliveries, WaitForAMissingKey) {
  const std::string name = Subscribe("/ok");
  std::filesystem::rename(keys_file_, keys_file_ + ".away");
  Arrive("e1");
  ASSERT_TRUE(PassUntil([&] { return !DeliveriesOf(name).empty(); }));
  for (int i = 0; i < 5; ++i) EXPECT_THAT(worker_->Pass(), IsOk());
  EXPECT_EQ(DeliveriesOf(name).at(0).attempt_count(), 0);
  std::filesystem::rename(keys_file_ + ".away", keys_file_);
  ASSERT_TRUE(Settle(name));
  EXPECT_THAT(Received("/ok"), ElementsAre("e1"));
}

// --- mail ---

class MailDeliveries : public Deliveries {
 protected:
  void SetUp() override {
    for (const char* person : {"a", "b", "c"}) {
      registry::v1::Contact& contact = *contacts_.add_contacts();
      contact.set_name(std::string("entities/a/contacts/") + person);
      contact.set_email(std::string(person) + "@example.org");
      contact.add_roles(person[0] == 'c' ? common::v1::CONTACT_ROLE_LEGAL : common::v1::CONTACT_ROLE_PROGRAM);
    }
    Deliveries::SetUp();
  }
  bool StartsMail() const override { return true; }
  std::string SubscribeByMail(const std::vector<std::string>& contacts,
                              const std::vector<common::v1::ContactRole>& roles = {},
                              int digest_minutes = 0) {
    v1::CreateSubscriptionRequest request;
    request.mutable_subscription()->set_entity("entities/a");
    v1::Mail& mail = *request.mutable_subscription()->mutable_mail();
    for (const std::string& contact : contacts) mail.add_contacts(contact);
    for (const common::v1::ContactRole role : roles) mail.add_roles(role);
    mail.set_digest_minutes(digest_minutes);
    const auto created = Ask<v1::CreateSubscriptionResponse>(request);
    EXPECT_THAT(created, IsOk());
    return created.ok() ? created->subscription().name() : "";
  }
};

TEST_P(MailDeliveries, ReachTheContactsAsTextAndHtml) {
  const std::string name = SubscribeByMail({"entities/a/contacts/a"}, {common::v1::CONTACT_ROLE_LEGAL});
  events::Event event = SampleEvent("e1", {"entities/a"}, "bucps/1", env_.clock.Now());
  event.set_summary(
      "The BUCP \u201cRente & <b>Hilfe</b>\u201d was sent.\r\nBcc: victim@example.org\r\n\r\nbody");
  event.set_citation("guidebook step 4");
  Arrive(event);
  ASSERT_TRUE(PassUntil([&] { return mail_->Mails().size() == 1; }));
  ASSERT_TRUE(Settle(name));
  const auto mail = mail_->Mails().at(0);
  EXPECT_EQ(mail["from"], "idea@example.org");
  EXPECT_EQ(mail["to"], nlohmann::json({"a@example.org", "c@example.org"}));
  EXPECT_THAT(mail["defects"].get<std::vector<std::string>>(), IsEmpty());
  EXPECT_THAT(mail["headers"].get<std::vector<std::string>>(),
              ElementsAre("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version",
                          "Content-Type"));
  EXPECT_NE(mail["text"].get<std::string>().find("Rente & <b>Hilfe</b>"), std::string::npos);
  EXPECT_NE(mail["text"].get<std::string>().find("guidebook step 4"), std::string::npos);
  EXPECT_NE(mail["html"].get<std::string>().find("Rente &amp; &lt;b&gt;Hilfe&lt;/b&gt;"), std::string::npos);
  EXPECT_EQ(DeliveryOf(DeliveriesOf(name).at(0).name()).attempts(0).status_code(), 250);
}

TEST_P(MailDeliveries, AreCollectedInADigest) {
  const std::string name = SubscribeByMail({"entities/a/contacts/a"}, {}, 60);
  for (int i = 0; i < 5; ++i) {
    Arrive("e" + std::to_string(i));
    for (int pass = 0; pass < 3; ++pass) EXPECT_THAT(worker_->Pass(), IsOk());
    env_.clock.Advance(600 * clock::kSecond);
  }
  EXPECT_THAT(mail_->Mails(), IsEmpty());
  ASSERT_TRUE(PassUntil([&] { return mail_->Mails().size() == 1; }, 60 * clock::kSecond));
  ASSERT_TRUE(Settle(name));
  EXPECT_EQ(mail_->Mails().at(0)["subject"], "IDEA: 5 events");
  EXPECT_THAT(DeliveriesOf(name, "state = DELIVERED"), SizeIs(5));
  EXPECT_THAT(mail_->Mails(), SizeIs(1));
}

TEST_P(MailDeliveries, AreRepeatedWithTheSameMessageId) {
  const std::string name = SubscribeByMail({"entities/a/contacts/a"});
  receiver_->SetDown(true);
  Arrive("e1");
  ASSERT_TRUE(
      PassUntil([&] { return !DeliveriesOf(name).empty() && DeliveriesOf(name)[0].attempt_count() > 0; }, 0));
  EXPECT_EQ(DeliveryOf(DeliveriesOf(name).at(0).name()).attempts(0).status_code(), 451);
  receiver_->SetDown(false);
  ASSERT_TRUE(Settle(name));
  const std::string delivery = DeliveriesOf(name).at(0).name();
  ASSERT_THAT((AskFor<v1::RedeliverResponse, v1::RedeliverRequest>(delivery)), IsOk());
  ASSERT_TRUE(Settle(name));
  ASSERT_THAT(mail_->Mails(), SizeIs(2));
  EXPECT_EQ(mail_->Mails()[0]["id"], mail_->Mails()[1]["id"]);
}

TEST_P(MailDeliveries, ReachTheOthersIfTheServerRefusesARecipient) {
  contacts_.mutable_contacts(0)->set_email("gone@example.org");
  const std::string name = SubscribeByMail({}, {common::v1::CONTACT_ROLE_PROGRAM});
  Arrive("e1");
  ASSERT_TRUE(Settle(name));
  ASSERT_TRUE(PassUntil([&] { return mail_->Mails().size() == 1; }));
  EXPECT_EQ(mail_->Mails().at(0)["to"], nlohmann::json({"b@example.org"}));
}

TEST_P(MailDeliveries, NeedContactsOfTheEntity) {
  v1::CreateSubscriptionRequest request;
  request.mutable_subscription()->set_entity("entities/a");
  v1::Mail& mail = *request.mutable_subscription()->mutable_mail();
  EXPECT_THAT(Ask<v1::CreateSubscriptionResponse>(request), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  mail.add_contacts("entities/b/contacts/x");
  EXPECT_THAT(Ask<v1::CreateSubscriptionResponse>(request), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  mail.set_contacts(0, "entities/a/contacts/a");
  request.mutable_subscription()->mutable_webhook()->set_url("https://receiver.example.org/");
  EXPECT_THAT(Ask<v1::CreateSubscriptionResponse>(request), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  request.mutable_subscription()->clear_webhook();
  ASSERT_THAT(Ask<v1::CreateSubscriptionResponse>(request), IsOk());
  EXPECT_THAT((AskFor<v1::GetSubscriptionSecretResponse, v1::GetSubscriptionSecretRequest>(
                  Ask<v1::CreateSubscriptionResponse>(request)->subscription().name())),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(MailDeliveries, FollowTheContactsInTheRegistry) {
  const std::string name = SubscribeByMail({}, {common::v1::CONTACT_ROLE_PROGRAM});
  contacts_.mutable_contacts(0)->set_email("new@example.org");
  contacts_.mutable_contacts()->DeleteSubrange(1, 1);
  RecipientWorker recipients(
      [this](std::string_view, const rpc::Context&, const google::protobuf::Message&,
             google::protobuf::Message* response) {
        response->CopyFrom(contacts_);
        return absl::OkStatus();
      },
      database());
  EXPECT_THAT(recipients.Pass(), testing::IsOkAndHolds(::testing::Eq(1)));
  EXPECT_THAT(recipients.Pass(), testing::IsOkAndHolds(::testing::Eq(0)));
  Arrive("e1");
  ASSERT_TRUE(PassUntil([&] { return mail_->Mails().size() == 1; }));
  EXPECT_EQ(mail_->Mails().at(0)["to"], nlohmann::json({"new@example.org"}));
}

INSTANTIATE_TEST_SUITE_P(Every, MailDeliveries, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);
INSTANTIATE_TEST_SUITE_P(Every, Deliveries, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::notification
