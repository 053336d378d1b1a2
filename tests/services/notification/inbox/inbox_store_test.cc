#include "services/notification/inbox/inbox_store.h"

#include <future>
#include <limits>
#include <thread>

#include "common/status/status.h"
#include "google/protobuf/any.pb.h"
#include "idea/drafting/v1/bucp.pb.h"
#include "tests/services/notification/sample_events.h"
#include "tests/support/backends.h"
#include "tests/support/eventually.h"
#include "tests/support/matchers.h"

namespace idea::notification {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;

class InboxStore : public testing::OnMigrated {
 protected:
  void SetUp() override {
    OnMigrated::SetUp();
    if (IsSkipped()) return;
    ASSERT_THAT(storage::Migrate(database(), "events", k_events_schema), IsOk());
    ASSERT_THAT(storage::Migrate(database(), "notification", k_notification_schema), IsOk());
  }
  int Put(const events::Event& event, const std::string& source = "") {
    int fresh = 0;
    EXPECT_THAT(database().Write(
                    [&](storage::Transaction& db) -> absl::Status {
                      ASSIGN_OR_RETURN(fresh, Deliver(db, event, source));
                      return absl::OkStatus();
                    },
                    kInboxLane),
                IsOk());
    return fresh;
  }
  std::vector<events::LoggedEvent> Inbox(const std::string& entity, int64_t after = 0, int limit = 100) {
    std::vector<events::LoggedEvent> items;
    EXPECT_THAT(database().Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(items, ReadInbox(db, entity, after, limit));
      return absl::OkStatus();
    }),
                IsOk());
    return items;
  }
  std::vector<events::LoggedEvent> Timeline(const std::string& entity, const std::string& bucp,
                                            int limit = 100) {
    std::vector<events::LoggedEvent> items;
    EXPECT_THAT(database().Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(items, ReadTimeline(db, entity, bucp, limit));
      return absl::OkStatus();
    }),
                IsOk());
    return items;
  }
};

TEST_P(InboxStore, FiltersByTheStateOfTheBucpAfterTheEvent) {
  events::Event sent = SampleEvent("sent", {"entities/a"});
  drafting::v1::BucpMoved moved;
  moved.set_to(drafting::v1::STATE_SENT);
  sent.mutable_data()->PackFrom(moved);
  events::Event frozen = SampleEvent("frozen", {"entities/a"});
  frozen.mutable_data()->PackFrom(drafting::v1::FrozenRevision());
  Put(SampleEvent("early", {"entities/a"}));
  Put(sent);
  Put(SampleEvent("comment", {"entities/a"}));
  Put(SampleEvent("other", {"entities/a"}, "bucps/2"));
  Put(frozen);
  Put(SampleEvent("opinion", {"entities/a"}));
  const auto matching = [&](const std::string& filter) {
    std::vector<std::string> ids;
    EXPECT_THAT(database().Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(const auto items, ReadInbox(db, "entities/a", 0, 100, filter));
      ids = IdsOf(items);
      return absl::OkStatus();
    }),
                IsOk());
    return ids;
  };
  EXPECT_THAT(matching("state = SENT"), ElementsAre("sent", "comment"));
  EXPECT_THAT(matching("state = IN_REVIEW"), ElementsAre("frozen", "opinion"));
  EXPECT_THAT(matching("state = UNSPECIFIED"), ElementsAre("early", "other"));
}

TEST_P(InboxStore, SearchesALongInboxInParts) {
  for (int i = 0; i < 2100; ++i) Put(SampleEvent("e" + std::to_string(i), {"entities/a"}));
  Put(SampleEvent("last", {"entities/a"}, "bucps/2"));
  std::vector<int64_t> searched;
  std::vector<std::string> ids;
  InboxPage page{.items = {}, .searched = 0, .more = true};
  while (page.more) {
    ASSERT_THAT(database().Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(page, SearchInbox(db, "entities/a", page.searched, 10, "bucp = bucps/2"));
      return absl::OkStatus();
    }),
                IsOk());
    searched.push_back(page.searched);
    for (const std::string& id : IdsOf(page.items)) ids.push_back(id);
  }
  EXPECT_EQ(searched.size(), 3u);
  EXPECT_THAT(ids, ElementsAre("last"));
}

TEST_P(InboxStore, KeepsAnEventOnceForEachEntityOfItsAudience) {
  const events::Event event = SampleEvent("e1", {"entities/a", "entities/b", "entities/a"});
  EXPECT_EQ(Put(event), 2);
  EXPECT_EQ(Put(event), 0);
  EXPECT_EQ(Put(SampleEvent("e1", {"entities/b", "entities/c"})), 1);
  EXPECT_EQ(Put(SampleEvent("e2", {})), 0);
  EXPECT_THAT(IdsOf(Inbox("entities/a")), ElementsAre("e1"));
  EXPECT_THAT(IdsOf(Inbox("entities/b")), ElementsAre("e1"));
  EXPECT_THAT(IdsOf(Inbox("entities/d")), IsEmpty());
}

TEST_P(InboxStore, KeepsTheOrderOfArrivalAndResumesAfterAnyItem) {
  for (const char* id : {"e3", "e1", "e2"}) Put(SampleEvent(id, {"entities/a"}));
  const auto first = Inbox("entities/a", 0, 2);
  ASSERT_THAT(IdsOf(first), ElementsAre("e3", "e1"));
  EXPECT_THAT(IdsOf(Inbox("entities/a", first[0].position)), ElementsAre("e1", "e2"));
  const auto rest = Inbox("entities/a", first[1].position);
  ASSERT_THAT(IdsOf(rest), ElementsAre("e2"));
  EXPECT_THAT(Inbox("entities/a", rest[0].position), IsEmpty());
  EXPECT_THAT(Inbox("entities/a", std::numeric_limits<int64_t>::max()), IsEmpty());
}

TEST_P(InboxStore, KeepsTheEventWithoutItsData) {
  events::Event event = SampleEvent("e1", {"entities/a"});
  event.set_summary("sent");
  event.mutable_data()->set_value("secret");
  Put(event);
  const auto items = Inbox("entities/a");
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].event.summary(), "sent");
  EXPECT_FALSE(items[0].event.has_data());
}

TEST_P(InboxStore, OrdersATimelineByTheTimeOfItsEvents) {
  Put(SampleEvent("late", {"entities/a"}, "bucps/1", 3 * clock::kSecond));
  Put(SampleEvent("early", {"entities/a"}, "bucps/1", 1 * clock::kSecond));
  Put(SampleEvent("middle", {"entities/a", "entities/b"}, "bucps/1", 2 * clock::kSecond));
  Put(SampleEvent("middle too", {"entities/a"}, "bucps/1", 2 * clock::kSecond));
  Put(SampleEvent("another", {"entities/a"}, "bucps/2", 2 * clock::kSecond));
  EXPECT_THAT(IdsOf(Timeline("entities/a", "bucps/1")), ElementsAre("early", "middle", "middle too", "late"));
  EXPECT_THAT(IdsOf(Timeline("entities/b", "bucps/1")), ElementsAre("middle"));
  EXPECT_THAT(Timeline("entities/c", "bucps/1"), IsEmpty());
  EXPECT_THAT(IdsOf(Timeline("entities/a", "bucps/1", 2)), ElementsAre("middle too", "late"));
}

TEST_P(InboxStore, ShowsEventsOfOneServiceInTheOrderOfItsLogIfClocksDiffer) {
  Put(SampleEvent("first", {"entities/a"}, "bucps/1", 5 * clock::kSecond), "drafting");
  Put(SampleEvent("second", {"entities/a", "entities/b"}, "bucps/1", 4 * clock::kSecond), "drafting");
  Put(SampleEvent("elsewhere", {"entities/a"}, "bucps/1", 3 * clock::kSecond), "review");
  EXPECT_THAT(IdsOf(Timeline("entities/a", "bucps/1")), ElementsAre("elsewhere", "first", "second"));
  EXPECT_EQ(clock::FromProto(Timeline("entities/b", "bucps/1")[0].event.time()), 4 * clock::kSecond)
      << "an event keeps its own time";
}

TEST_P(InboxStore, IsWrittenByOneTransactionAtATime) {
  if (GetParam() == "sqlite") GTEST_SKIP() << "SQLite has one writer";
  std::promise<void> begun, go;
  std::thread slow([&] {
    EXPECT_THAT(database().Write(
                    [&](storage::Transaction& db) -> absl::Status {
                      RETURN_IF_ERROR(Deliver(db, SampleEvent("slow", {"entities/a"})).status());
                      begun.set_value();
                      go.get_future().wait();
                      return absl::OkStatus();
                    },
                    kInboxLane),
                IsOk());
  });
  begun.get_future().wait();
  const auto replica = storage::Open(address());
  ASSERT_THAT(replica, IsOk());
  std::thread fast([&] {
    EXPECT_THAT((*replica)->Write(
                    [](storage::Transaction& db) {
                      return Deliver(db, SampleEvent("fast", {"entities/a"})).status();
                    },
                    kInboxLane),
                IsOk());
  });
  EXPECT_TRUE(testing::Eventually([&] {
    int64_t waiting = 0;
    EXPECT_THAT(database().Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT COUNT(*) FROM pg_locks WHERE NOT granted", {}));
      waiting = row->Int(0);
      return absl::OkStatus();
    }),
                IsOk());
    return waiting > 0;
  }));
  EXPECT_THAT(Inbox("entities/a"), IsEmpty());
  go.set_value();
  slow.join();
  fast.join();
  EXPECT_THAT(IdsOf(Inbox("entities/a")), ElementsAre("slow", "fast"));
}

INSTANTIATE_TEST_SUITE_P(Every, InboxStore, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

TEST(IsDeliverable, RequiresAnIdAndValidNames) {
  EXPECT_TRUE(IsDeliverable(SampleEvent("e1", {"entities/a"})));
  EXPECT_TRUE(IsDeliverable(SampleEvent("e1", {}, "")));
  EXPECT_FALSE(IsDeliverable(SampleEvent("", {"entities/a"})));
  EXPECT_FALSE(IsDeliverable(SampleEvent(std::string(101, 'e'), {"entities/a"})));
  EXPECT_FALSE(IsDeliverable(SampleEvent(std::string("e\0", 2), {"entities/a"})));
  EXPECT_FALSE(IsDeliverable(SampleEvent("e1", {"entities/a", "nobody"})));
  EXPECT_FALSE(IsDeliverable(SampleEvent("e1", {"entities/a"}, "bucp 1")));
  events::Event event = SampleEvent("e1", {"entities/a"});
  event.set_type(std::string("a\0b", 3));
  EXPECT_FALSE(IsDeliverable(event));
}

}  // namespace
}  // namespace idea::notification
