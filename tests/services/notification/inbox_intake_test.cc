#include "services/notification/inbox_intake.h"

#include <chrono>

#include "common/server/feed.h"
#include "common/status/status.h"
#include "services/notification/inbox_store.h"
#include "tests/services/notification/sample_events.h"
#include "tests/support/backends.h"
#include "tests/support/matchers.h"
#include "tests/support/redis/redis_server.h"

namespace idea::notification {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::Eq;
using testing::IsOk;
using testing::IsOkAndHolds;

class Intake : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(storage::Migrate(*database_, "notification", k_notification_schema), IsOk());
  }
  // Publishes as the feed of `source` does.
  void Publish(const std::vector<std::string>& bodies, const std::string& source = "drafting") {
    redis::Connection connection(redis_.address(), milliseconds(5000));
    redis::Publisher publisher(connection, server::kQueue, source);
    const auto from = publisher.Position();
    ASSERT_THAT(from, IsOk());
    ASSERT_THAT(publisher.Publish(bodies, *from, *from + "x"), IsOk());
  }
  void Publish(const events::Event& event) { Publish({event.SerializeAsString()}); }
  std::vector<std::string> Inbox(const std::string& entity) {
    std::vector<events::Logged> items;
    EXPECT_THAT(database_->Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(items, ReadInbox(db, entity, {}, 1000));
      return absl::OkStatus();
    }),
                IsOk());
    return IdsOf(items);
  }
  int64_t Pending() {
    redis::Connection connection(redis_.address(), milliseconds(5000));
    return connection.Run({"XPENDING", server::kQueue, "notification"})->list[0].integer;
  }

  testing::RedisServer redis_;
  std::unique_ptr<storage::Database> database_ = testing::Fresh("sqlite");
  events::Signal news_;
};

TEST_F(Intake, PutsEachEventIntoTheInboxesOnceHoweverOftenItIsPublished) {
  InboxIntake intake(redis_.address(), *database_, news_);
  Publish(SampleEvent("e1", {"entities/a", "entities/b"}));
  Publish(SampleEvent("e1", {"entities/a", "entities/b"}));
  Publish(SampleEvent("e2", {"entities/b"}));
  EXPECT_THAT(intake.Pass(), IsOkAndHolds(Eq(3)));
  EXPECT_THAT(Inbox("entities/a"), ElementsAre("e1"));
  EXPECT_THAT(Inbox("entities/b"), ElementsAre("e1", "e2"));
  EXPECT_EQ(Pending(), 0);
  EXPECT_EQ(news_.Count(), 1u);
  EXPECT_THAT(intake.Pass(), IsOkAndHolds(Eq(0)));
  EXPECT_EQ(news_.Count(), 1u);
}

TEST_F(Intake, PassesOverWhatIsNoEvent) {
  InboxIntake intake(redis_.address(), *database_, news_);
  Publish({"\xff\xff garbage", "", SampleEvent("e1", {"no entity"}).SerializeAsString(),
           SampleEvent("e2", {"entities/a"}).SerializeAsString()});
  EXPECT_THAT(intake.Pass(), IsOkAndHolds(Eq(4)));
  EXPECT_THAT(Inbox("entities/a"), ElementsAre("e2"));
  EXPECT_EQ(Pending(), 0);
}

// A database that is away as long as the test says so.
class AwayDatabase : public storage::Database {
 public:
  explicit AwayDatabase(storage::Database& real) : real_(real) {}
  absl::Status Read(const storage::Body& body) override { return real_.Read(body); }
  absl::Status Write(const storage::Body& body, storage::Lane lane) override {
    if (!away) return real_.Write(body, lane);
    return status::Error(status::Reason::ERROR_REASON_STORAGE_UNAVAILABLE, "away");
  }
  int Parallelism() const override { return 1; }
  bool away = true;

 private:
  storage::Database& real_;
};

TEST_F(Intake, KeepsTheMessagesUntilTheyAreStoredThoughTheDatabaseIsAway) {
  AwayDatabase database(*database_);
  InboxIntake intake(redis_.address(), database, news_);
  Publish(SampleEvent("e1", {"entities/a"}));
  EXPECT_FALSE(intake.Pass().ok());
  EXPECT_EQ(Pending(), 1);
  Publish(SampleEvent("e2", {"entities/a"}));
  EXPECT_FALSE(intake.Pass().ok());
  database.away = false;
  EXPECT_THAT(intake.Pass(), IsOkAndHolds(Eq(1)));
  EXPECT_THAT(intake.Pass(), IsOkAndHolds(Eq(1)));
  EXPECT_THAT(Inbox("entities/a"), ElementsAre("e1", "e2"));
  EXPECT_EQ(Pending(), 0);
}

TEST_F(Intake, GoesOnByItselfWhenRedisComesBackEmpty) {
  InboxIntake intake(redis_.address(), *database_, news_);
  uint64_t seen = news_.Count();
  intake.Start();
  Publish(SampleEvent("e1", {"entities/a"}));
  seen = news_.Wait(seen, milliseconds(20'000));
  EXPECT_THAT(Inbox("entities/a"), ElementsAre("e1"));
  redis_.Kill();
  redis_.Wipe();
  redis_.Start();
  Publish(SampleEvent("e1", {"entities/a"}));
  Publish(SampleEvent("e2", {"entities/a"}));
  news_.Wait(seen, milliseconds(20'000));
  EXPECT_THAT(Inbox("entities/a"), ElementsAre("e1", "e2"));
  intake.Stop();
}

TEST_F(Intake, StopsThoughRedisIsAway) {
  redis_.Kill();
  InboxIntake intake(redis_.address(), *database_, news_);
  intake.Start();
  intake.Stop();
}

}  // namespace
}  // namespace idea::notification
