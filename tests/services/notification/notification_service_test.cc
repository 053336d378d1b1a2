#include "services/notification/notification_service.h"

#include <algorithm>
#include <map>

#include "common/rpc/pipeline.h"
#include "common/server/feed.h"
#include "common/status/status.h"
#include "services/notification/delivery/delivery_service.h"
#include "services/notification/inbox/inbox_store.h"
#include "services/notification/inbox/inbox_worker.h"
#include "services/notification/subscription/subscription_service.h"
#include "tests/services/notification/sample_events.h"
#include "tests/support/backends.h"
#include "tests/support/matchers.h"
#include "tests/support/redis/redis_server.h"

namespace idea::notification {
namespace {

using status::Reason;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::IsOk;

// A directory that no test uses.
class NoDirectory : public auth::Directory {
 public:
  absl::StatusOr<auth::Person> Find(const std::string&, const std::string&) override {
    return auth::Person();
  }
};

class Notification : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(storage::Migrate(*database_, "events", k_events_schema), IsOk());
    ASSERT_THAT(storage::Migrate(*database_, "notification", k_notification_schema), IsOk());
    service_.Bind(router_);
    subscriptions_.Bind(router_);
    deliveries_.Bind(router_);
    ASSERT_THAT(router_.Check(), IsOk());
  }

  void Arrive(const events::Event& event) {
    ASSERT_THAT(
        database_->Write([&](storage::Transaction& db) { return Deliver(db, event).status(); }, kInboxLane),
        IsOk());
  }
  rpc::Incoming Incoming(const std::string& spiffe_path, const google::protobuf::Message& request) const {
    const auto* descriptor = rpc::FindMethod(request.GetDescriptor());
    rpc::Incoming incoming;
    incoming.method =
        &router_.methods().at("/" + descriptor->service()->full_name() + "/" + descriptor->name());
    incoming.spiffe_id = "spiffe://idea.test/" + spiffe_path;
    incoming.body = request.SerializeAsString();
    return incoming;
  }
  template <class Response>
  absl::StatusOr<Response> Ask(const std::string& spiffe_path, const google::protobuf::Message& request) {
    std::string answer;
    RETURN_IF_ERROR(pipeline_.Serve(Incoming(spiffe_path, request), answer));
    Response response;
    response.ParseFromString(answer);
    return response;
  }
  absl::StatusOr<v1::ListInboxResponse> List(const std::string& entity, const v1::ListInboxRequest& request) {
    return Ask<v1::ListInboxResponse>("entity/" + entity, request);
  }
  absl::StatusOr<std::unique_ptr<rpc::Pipeline::Stream>> Watch(const std::string& entity,
                                                               const std::string& resume_token = "",
                                                               const std::string& parent = "") {
    v1::WatchInboxRequest request;
    request.set_parent("entities/" + (parent.empty() ? entity : parent));
    request.set_resume_token(resume_token);
    return pipeline_.Open(Incoming("entity/" + entity, request));
  }

  clock::FakeClock clock_;
  std::unique_ptr<storage::Database> database_ = testing::Fresh("sqlite");
  events::Notifier notifier_;
  metrics::Metrics metrics_;
  NoDirectory directory_;
  auth::Authenticator authenticator_{{.trust_domain = "idea.test", .cdo_entity = "entities/odi"}, clock_};
  NotificationService service_;
  SubscriptionService subscriptions_{
      {},
      [](std::string_view, const rpc::Context&, const google::protobuf::Message&,
         google::protobuf::Message*) { return absl::OkStatus(); }};
  DeliveryService deliveries_;
  rpc::Router router_;
  rpc::Pipeline pipeline_{
      {"notification", authenticator_, directory_, *database_, notifier_, metrics_, clock_}};
};

v1::ListInboxRequest Inbox(const std::string& entity, int page_size = 0, const std::string& filter = "") {
  v1::ListInboxRequest request;
  request.set_parent("entities/" + entity);
  request.set_page_size(page_size);
  request.set_filter(filter);
  return request;
}

template <class Items>
std::vector<std::string> IdsOfItems(const Items& items) {
  std::vector<std::string> ids;
  for (const v1::InboxItem& item : items) ids.push_back(item.event().event_id());
  return ids;
}

// Parses the messages of a stream with the current items.
std::vector<v1::InboxItem> Next(rpc::Pipeline::Stream& stream) {
  const auto messages = stream.Next();
  EXPECT_THAT(messages, IsOk());
  std::vector<v1::InboxItem> items;
  for (const std::string& bytes : *messages) {
    v1::WatchInboxResponse response;
    response.ParseFromString(bytes);
    items.push_back(response.item());
  }
  return items;
}

TEST_F(Notification, ListsTheCallersInboxPageByPage) {
  for (const char* id : {"e1", "e2", "e3"}) Arrive(SampleEvent(id, {"entities/a"}));
  Arrive(SampleEvent("e4", {"entities/b"}));
  v1::ListInboxRequest request = Inbox("a", 2);
  const auto first = List("a", request);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(IdsOfItems(first->items()), ElementsAre("e1", "e2"));
  request.set_page_token(first->next_page_token());
  const auto second = List("a", request);
  ASSERT_THAT(second, IsOk());
  EXPECT_THAT(IdsOfItems(second->items()), ElementsAre("e3"));
  EXPECT_EQ(second->next_page_token(), "");
}

TEST_F(Notification, EndsPagesAtAboutOneMebibyte) {
  for (int i = 0; i < 50; ++i) {
    events::Event event =
        SampleEvent("e" + std::to_string(10 + i), {"entities/a"}, "bucps/1", i * clock::kSecond);
    event.set_summary(std::string(80'000, 'x'));
    Arrive(event);
  }
  v1::ListInboxRequest request = Inbox("a", 1000);
  std::vector<std::string> ids;
  do {
    const auto page = List("a", request);
    ASSERT_THAT(page, IsOk());
    EXPECT_LT(page->ByteSizeLong(), 1100U * 1024);
    for (const std::string& id : IdsOfItems(page->items())) ids.push_back(id);
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(ids.size(), 50U);
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  // A timeline that is too long has the latest items, oldest first.
  v1::GetTimelineRequest timeline;
  timeline.set_bucp("bucps/1");
  const auto latest = Ask<v1::GetTimelineResponse>("entity/a", timeline);
  ASSERT_THAT(latest, IsOk());
  EXPECT_LT(latest->ByteSizeLong(), 1100U * 1024);
  EXPECT_EQ(latest->items_size(), 13);
  EXPECT_EQ(latest->items(12).event().event_id(), "e59");
  EXPECT_EQ(latest->items(0).event().event_id(), "e47");
}

TEST_F(Notification, EndsAFullLastPageWithoutAToken) {
  for (const char* id : {"e1", "e2"}) Arrive(SampleEvent(id, {"entities/a"}));
  const auto page = List("a", Inbox("a", 2));
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->items_size(), 2);
  EXPECT_EQ(page->next_page_token(), "");
}

TEST_F(Notification, ListsTheItemsThatMatchTheFilter) {
  Arrive(SampleEvent("e1", {"entities/a"}, "bucps/1"));
  Arrive(SampleEvent("e2", {"entities/a"}, "bucps/2"));
  events::Event other = SampleEvent("e3", {"entities/a"}, "bucps/2");
  other.set_type("DisputeOpened");
  other.set_subject("disputes/7");
  Arrive(other);
  const std::map<std::string, std::vector<std::string>> cases = {
      {"bucp = \"bucps/2\"", {"e2", "e3"}}, {"type = \"BucpSent\"", {"e1", "e2"}},
      {"subject = \"disputes/7\"", {"e3"}}, {"bucp = \"bucps/2\" AND type = \"BucpSent\"", {"e2"}},
      {"bucp = \"bucps/3\"", {}},
  };
  for (const auto& [filter, expected] : cases) {
    SCOPED_TRACE(filter);
    const auto page = List("a", Inbox("a", 0, filter));
    ASSERT_THAT(page, IsOk());
    EXPECT_EQ(IdsOfItems(page->items()), expected);
  }
  EXPECT_THAT(List("a", Inbox("a", 0, "color = \"red\"")), FailsWith(Reason::ERROR_REASON_FILTER_INVALID));
}

TEST_F(Notification, RefusesATokenOfAnotherListOrOfNone) {
  for (const char* id : {"e1", "e2"}) Arrive(SampleEvent(id, {"entities/a"}));
  const auto page = List("a", Inbox("a", 1));
  ASSERT_THAT(page, IsOk());
  v1::ListInboxRequest filtered = Inbox("a", 1, "bucp = \"bucps/1\"");
  filtered.set_page_token(page->next_page_token());
  EXPECT_THAT(List("a", filtered), FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
  v1::ListInboxRequest garbage = Inbox("a", 1);
  garbage.set_page_token("garbage");
  EXPECT_THAT(List("a", garbage), FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
}

TEST_F(Notification, HidesTheInboxesOfOthers) {
  Arrive(SampleEvent("e1", {"entities/a"}));
  EXPECT_THAT(List("b", Inbox("a")), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(List("odi", Inbox("a")), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(List("a", Inbox("nobody")), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Ask<v1::ListInboxResponse>("service/review", Inbox("a")),
              FailsWith(Reason::ERROR_REASON_CALLER_NOT_ALLOWED));
  const auto stream = Watch("b", "", "a");
  ASSERT_THAT(stream, IsOk());
  EXPECT_THAT((*stream)->Next(), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

TEST_F(Notification, WatchesTheInboxAndResumesAfterAToken) {
  Arrive(SampleEvent("e1", {"entities/a"}));
  const auto stream = Watch("a");
  ASSERT_THAT(stream, IsOk());
  const auto first = Next(**stream);
  EXPECT_THAT(IdsOfItems(first), ElementsAre("e1"));
  EXPECT_THAT(Next(**stream), IsEmpty());
  Arrive(SampleEvent("e2", {"entities/b"}));
  Arrive(SampleEvent("e3", {"entities/a"}));
  EXPECT_THAT(IdsOfItems(Next(**stream)), ElementsAre("e3"));

  const auto again = Watch("a", first[0].resume_token());
  ASSERT_THAT(again, IsOk());
  EXPECT_THAT(IdsOfItems(Next(**again)), ElementsAre("e3"));
  EXPECT_THAT(Next(**again), IsEmpty());
}

TEST_F(Notification, StreamsALongInboxCompletelyAndInOrder) {
  for (int i = 0; i < 250; ++i) Arrive(SampleEvent("e" + std::to_string(i), {"entities/a"}));
  const auto stream = Watch("a");
  ASSERT_THAT(stream, IsOk());
  std::vector<std::string> ids;
  for (auto items = Next(**stream); !items.empty(); items = Next(**stream)) {
    for (const std::string& id : IdsOfItems(items)) ids.push_back(id);
  }
  ASSERT_EQ(ids.size(), 250u);
  EXPECT_EQ(ids.front(), "e0");
  EXPECT_EQ(ids.back(), "e249");
}

TEST_F(Notification, WatchesWhatMatchesAFilter) {
  for (int i = 0; i < 2500; ++i) Arrive(SampleEvent("e" + std::to_string(i), {"entities/a"}));
  v1::WatchInboxRequest request;
  request.set_parent("entities/a");
  request.set_filter("bucp = bucps/2");
  const auto stream = pipeline_.Open(Incoming("entity/a", request));
  ASSERT_THAT(stream, IsOk());
  EXPECT_THAT(Next(**stream), IsEmpty());
  Arrive(SampleEvent("f1", {"entities/a"}, "bucps/2"));
  Arrive(SampleEvent("f2", {"entities/a"}, "bucps/3"));
  Arrive(SampleEvent("f3", {"entities/a"}, "bucps/2"));
  EXPECT_THAT(IdsOfItems(Next(**stream)), ElementsAre("f1", "f3"));
  EXPECT_THAT(Next(**stream), IsEmpty());
  request.set_filter("audience = x");
  const auto wrong = pipeline_.Open(Incoming("entity/a", request));
  ASSERT_THAT(wrong, IsOk());
  EXPECT_THAT((*wrong)->Next(), FailsWith(Reason::ERROR_REASON_FILTER_INVALID));
}

TEST_F(Notification, WatchesFromNowOrFromATime) {
  for (int i = 1; i <= 3; ++i)
    Arrive(SampleEvent("e" + std::to_string(i), {"entities/a"}, "bucps/1", i * clock::kSecond));
  v1::WatchInboxRequest request;
  request.set_parent("entities/a");
  request.set_start_now(true);
  const auto now = pipeline_.Open(Incoming("entity/a", request));
  ASSERT_THAT(now, IsOk());
  EXPECT_THAT(Next(**now), IsEmpty());
  Arrive(SampleEvent("e4", {"entities/a"}, "bucps/1", 4 * clock::kSecond));
  EXPECT_THAT(IdsOfItems(Next(**now)), ElementsAre("e4"));
  *request.mutable_start_time() = clock::ToProto(2 * clock::kSecond);
  const auto from = pipeline_.Open(Incoming("entity/a", request));
  ASSERT_THAT(from, IsOk());
  EXPECT_THAT(IdsOfItems(Next(**from)), ElementsAre("e2", "e3", "e4"));
  *request.mutable_start_time() = clock::ToProto(9 * clock::kSecond);
  const auto later = pipeline_.Open(Incoming("entity/a", request));
  ASSERT_THAT(later, IsOk());
  EXPECT_THAT(Next(**later), IsEmpty());
}

TEST_F(Notification, RefusesAnUnknownResumeToken) {
  for (const std::string token :
       {"garbage", "1", "1.", ".1", "1.2.3", "-1.2", "1.x", "99999999999999999999.1"}) {
    SCOPED_TRACE(token);
    const auto stream = Watch("a", token);
    ASSERT_THAT(stream, IsOk());
    EXPECT_THAT((*stream)->Next(), FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
  }
}

TEST_F(Notification, RefusesAResumeTokenOfAnotherInboxOrALostPosition) {
  for (const char* id : {"e1", "e2"}) Arrive(SampleEvent(id, {"entities/a", "entities/b"}));
  const auto refuses = [&](const std::string& entity, const std::string& token) {
    const auto stream = Watch(entity, token);
    ASSERT_THAT(stream, IsOk());
    EXPECT_THAT((*stream)->Next(), FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
  };
  const auto items = Next(**Watch("a"));
  ASSERT_EQ(items.size(), 2u);
  refuses("b", items[1].resume_token());
  // A restored database has only the first item.
  ASSERT_THAT(database_->Write([](storage::Transaction& db) -> absl::Status {
    RETURN_IF_ERROR(db.Execute("DELETE FROM inbox WHERE event_id = 'e2'", {}).status());
    RETURN_IF_ERROR(db.Execute("UPDATE event_epochs SET copy = 'another file'", {}).status());
    return EnsureInboxEpoch(db);
  }),
              IsOk());
  refuses("a", items[1].resume_token());
  Arrive(SampleEvent("e3", {"entities/a"}));
  Arrive(SampleEvent("e4", {"entities/a"}));
  refuses("a", items[1].resume_token());
  EXPECT_THAT(IdsOfItems(Next(**Watch("a", items[0].resume_token()))), ElementsAre("e3", "e4"));
}

TEST_F(Notification, ShowsTheTimelineOfABucpOnlyToItsParties) {
  Arrive(SampleEvent("late", {"entities/a", "entities/b"}, "bucps/1", 2 * clock::kSecond));
  Arrive(SampleEvent("early", {"entities/a"}, "bucps/1", 1 * clock::kSecond));
  v1::GetTimelineRequest request;
  request.set_bucp("bucps/1");
  const auto ids = [&](const std::string& caller) {
    const auto response = Ask<v1::GetTimelineResponse>(caller, request);
    EXPECT_THAT(response, IsOk());
    return IdsOfItems(response->items());
  };
  EXPECT_THAT(ids("entity/a"), ElementsAre("early", "late"));
  EXPECT_THAT(ids("entity/b"), ElementsAre("late"));
  for (const char* stranger : {"entity/odi", "entity/stranger"})
    EXPECT_THAT(Ask<v1::GetTimelineResponse>(stranger, request), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  request.set_bucp("bucps/never-was");
  EXPECT_THAT(Ask<v1::GetTimelineResponse>("entity/a", request), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

TEST_F(Notification, StreamsAnEventOfAnotherServiceToTheWatcher) {
  const testing::RedisServer redis;
  const auto drafting = testing::Fresh("sqlite");
  ASSERT_THAT(storage::Migrate(*drafting, "events", k_events_schema), IsOk());
  ASSERT_THAT(drafting->Write([](storage::Transaction& db) {
    return events::Append(db, {SampleEvent("e1", {"entities/a"}), SampleEvent("e2", {"entities/b"})},
                          nullptr);
  }),
              IsOk());
  events::Notifier drafted;
  server::Feed feed("drafting", redis.address(), *drafting, drafted, metrics_);
  ASSERT_THAT(feed.Pass(), testing::IsOkAndHolds(::testing::Eq(2)));
  const uint64_t seen = notifier_.Count();
  InboxWorker worker(redis.address(), *database_, notifier_);
  worker.Start();
  notifier_.Wait(seen, std::chrono::milliseconds(20'000));
  const auto stream = Watch("a");
  ASSERT_THAT(stream, IsOk());
  EXPECT_THAT(IdsOfItems(Next(**stream)), ElementsAre("e1"));
  worker.Stop();
}

}  // namespace
}  // namespace idea::notification
