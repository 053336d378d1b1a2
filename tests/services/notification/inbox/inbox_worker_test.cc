#include "services/notification/inbox/inbox_worker.h"

#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <optional>
#include <thread>

#include "common/events/positions.h"
#include "common/metrics/metrics.h"
#include "common/server/feed.h"
#include "common/status/status.h"
#include "services/notification/inbox/inbox_store.h"
#include "tests/services/notification/sample_events.h"
#include "tests/support/backends.h"
#include "tests/support/eventually.h"
#include "tests/support/matchers.h"
#include "tests/support/redis/redis_server.h"

namespace idea::notification {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::Eq;
using testing::IsOk;
using testing::IsOkAndHolds;

constexpr milliseconds kBlock{5};

class InboxWorkerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (storage::Database* database : {database_.get(), drafting_.get()}) {
      ASSERT_THAT(storage::Migrate(*database, "events", k_events_schema), IsOk());
    }
    ASSERT_THAT(storage::Migrate(*database_, "notification", k_notification_schema), IsOk());
  }
  // Records events of drafting and publishes them.
  void Record(const events::Event& event) {
    ASSERT_THAT(
        drafting_->Write([&](storage::Transaction& db) { return events::Append(db, {event}, nullptr); }),
        IsOk());
  }
  void Record(const std::string& id) { Record(SampleEvent(id, {"entities/a"})); }
  // Runs the feed and the worker until nothing is left.
  void Settle(InboxWorker& worker) {
    for (int quiet = 0; quiet < 2;) {
      const auto published = feed_.Pass();
      ASSERT_TRUE(published.ok() || absl::IsAborted(published.status())) << published.status();
      const auto taken = worker.Pass();
      ASSERT_THAT(taken, IsOk());
      quiet = published.ok() && *published == 0 && *taken == 0 ? quiet + 1 : 0;
    }
  }
  std::unique_ptr<InboxWorker> Start() {
    return std::make_unique<InboxWorker>(redis_.address(), *database_, notifier_, &metrics_, kBlock);
  }
  // The messages in the queue.
  redis::Reply Redis(const std::vector<std::string>& command) {
    redis::Connection connection(redis_.address(), milliseconds(5000));
    const auto reply = connection.Run(command);
    EXPECT_THAT(reply, IsOk());
    return *reply;
  }
  // A message as an earlier release publishes it.
  void PublishPlainly(const std::string& body) {
    Redis({"XADD", server::kQueue, "*", "source", "drafting", "body", body});
  }
  events::Epochs ReadEpochs() {
    std::optional<events::Epochs> epochs;
    EXPECT_THAT(database_->Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(epochs, ReadInboxEpochs(db));
      return absl::OkStatus();
    }),
                IsOk());
    return *epochs;
  }
  std::vector<std::string> Inbox(const std::string& entity) {
    std::vector<events::LoggedEvent> items;
    EXPECT_THAT(database_->Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(items, ReadInbox(db, entity, 0, 1000));
      return absl::OkStatus();
    }),
                IsOk());
    return IdsOf(items);
  }

  testing::RedisServer redis_;
  std::unique_ptr<storage::Database> database_ = testing::Fresh("sqlite");
  std::unique_ptr<storage::Database> drafting_ = testing::Fresh("sqlite");
  events::Notifier notifier_, drafted_;
  metrics::Metrics metrics_;
  server::Feed feed_{"drafting", redis_.address(), *drafting_, drafted_, metrics_};
};

TEST_F(InboxWorkerTest, PutsEachEventIntoTheInboxesOnceAndInOrder) {
  const auto worker = Start();
  Record(SampleEvent("e1", {"entities/a", "entities/b"}));
  Record(SampleEvent("e2", {"entities/b"}));
  EXPECT_THAT(feed_.Pass(), IsOkAndHolds(Eq(2)));
  EXPECT_THAT(worker->Pass(), IsOkAndHolds(Eq(2)));
  EXPECT_THAT(Inbox("entities/a"), ElementsAre("e1"));
  EXPECT_THAT(Inbox("entities/b"), ElementsAre("e1", "e2"));
  EXPECT_EQ(notifier_.Count(), 1u);
  EXPECT_THAT(worker->Pass(), IsOkAndHolds(Eq(0)));
  EXPECT_EQ(notifier_.Count(), 1u);
}

TEST_F(InboxWorkerTest, KeepsARepeatedEventOfAnEarlierReleaseOnce) {
  const auto worker = Start();
  PublishPlainly(SampleEvent("e1", {"entities/a"}).SerializeAsString());
  PublishPlainly(SampleEvent("e1", {"entities/a"}).SerializeAsString());
  Record("e1");
  Record("e2");
  Settle(*worker);
  EXPECT_THAT(Inbox("entities/a"), ElementsAre("e1", "e2"));
}

TEST_F(InboxWorkerTest, SkipsMessagesThatAreNotEvents) {
  const auto worker = Start();
  PublishPlainly("\xff\xff garbage");
  PublishPlainly("");
  Record(SampleEvent("e1", {"no entity"}));
  Record("e2");
  Settle(*worker);
  EXPECT_THAT(Inbox("entities/a"), ElementsAre("e2"));
}

// A database that is unavailable while the test says so.
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

TEST_F(InboxWorkerTest, KeepsTheMessagesWhileTheDatabaseIsUnavailable) {
  AwayDatabase database(*database_);
  InboxWorker worker(redis_.address(), database, notifier_, &metrics_, kBlock);
  Record("e1");
  ASSERT_THAT(feed_.Pass(), IsOkAndHolds(Eq(1)));
  EXPECT_FALSE(worker.Pass().ok());
  Record("e2");
  ASSERT_THAT(feed_.Pass(), IsOkAndHolds(Eq(1)));
  EXPECT_FALSE(worker.Pass().ok());
  database.away = false;
  Settle(worker);
  EXPECT_THAT(Inbox("entities/a"), ElementsAre("e1", "e2"));
}

// A replica pauses with messages and continues after others have stored them and later ones.
TEST_F(InboxWorkerTest, ChangesNothingWhenALateReplicaStoresTheSameMessages) {
  AwayDatabase paused(*database_);
  InboxWorker late(redis_.address(), paused, notifier_, &metrics_, kBlock);
  const auto other = Start();
  Record("e1");
  Record("e2");
  ASSERT_THAT(feed_.Pass(), IsOkAndHolds(Eq(2)));
  EXPECT_FALSE(late.Pass().ok());
  Settle(*other);
  Record("e3");
  Settle(*other);
  paused.away = false;
  Settle(late);
  EXPECT_THAT(Inbox("entities/a"), ElementsAre("e1", "e2", "e3"));
}

TEST_F(InboxWorkerTest, FillsTheInboxesAgainAfterEachLossOfRedis) {
  const auto worker = Start();
  int recorded = 0;
  std::vector<std::string> expected;
  const auto tell = [&] {
    for (int i = 0; i < 3; ++i) {
      expected.push_back("e" + std::to_string(++recorded));
      Record(expected.back());
    }
  };
  const std::string cursor = std::string(server::kQueue) + ":cursor:drafting";
  const std::vector<std::pair<std::string, std::function<void()>>> losses = {
      {"nothing", [] {}},
      {"the stream",
       [&] {
         Redis({"DEL", server::kQueue});
       }},
      {"the messages",
       [&] {
         Redis({"XTRIM", server::kQueue, "MAXLEN", "0"});
       }},
      {"some messages",
       [&] {
         Redis({"XTRIM", server::kQueue, "MAXLEN", "1"});
       }},
      {"the cursor",
       [&] {
         Redis({"DEL", cursor});
       }},
      {"cursor of another database",
       [&] {
         Redis({"SET", cursor, "0123456789abcdef.7"});
       }},
      {"everything", [&] { Redis({"FLUSHALL"}); }},
  };
  for (const auto& [what, lose] : losses) {
    SCOPED_TRACE(what);
    tell();
    Settle(*worker);
    EXPECT_EQ(Inbox("entities/a"), expected);
    // Published and lost before it was read, with and without later messages.
    for (const bool more : {true, false}) {
      tell();
      ASSERT_THAT(feed_.Pass(), IsOkAndHolds(Eq(3)));
      lose();
      if (more) tell();
      Settle(*worker);
      EXPECT_EQ(Inbox("entities/a"), expected);
    }
  }
}

// Another client fills the stream with stored messages, so that a message can always be read.
TEST_F(InboxWorkerTest, FindsLostMessagesOfASourceWhileTheQueueIsBusy) {
  const auto worker = Start();
  Record("e1");
  ASSERT_THAT(feed_.Pass(), IsOkAndHolds(Eq(1)));
  const redis::Reply messages = Redis({"XRANGE", server::kQueue, "-", "+"});
  Settle(*worker);
  Record("e2");
  ASSERT_THAT(feed_.Pass(), IsOkAndHolds(Eq(1)));
  Redis({"DEL", server::kQueue});
  std::atomic<bool> done = false;
  std::thread repeats([&] {
    redis::Connection connection(redis_.address(), milliseconds(5000));
    std::vector<std::string> command = {"XADD", server::kQueue, "*"};
    for (const redis::Reply& field : messages.list[0].list[1].list) command.push_back(field.text);
    while (!done) {
      const auto length = connection.Run({"XLEN", server::kQueue});
      ASSERT_THAT(length, IsOk());
      if (length->integer < 500) ASSERT_THAT(connection.Pipeline({command, command, command}), IsOk());
    }
  });
  EXPECT_TRUE(testing::Eventually([&] {
    EXPECT_THAT(worker->Pass(), IsOk());
    const auto published = feed_.Pass();
    EXPECT_TRUE(published.ok() || absl::IsAborted(published.status())) << published.status();
    return Inbox("entities/a").size() == 2;
  }));
  done = true;
  repeats.join();
  EXPECT_THAT(Inbox("entities/a"), ElementsAre("e1", "e2"));
}

// The queue was trimmed manually and has filled Redis. Nothing can be written until it is read.
TEST_F(InboxWorkerTest, EmptiesAFullRedis) {
  Record("e1");
  std::vector<std::string> expected = {"e1"};
  {
    const auto before = Start();
    Settle(*before);
  }
  // This number of bytes more than are used now.
  const auto allow = [&](int64_t bytes) {
    const std::string info = Redis({"INFO", "memory"}).text, name = "used_memory:";
    const int64_t used = std::stoll(info.substr(info.find(name) + name.size()));
    Redis({"CONFIG", "SET", "maxmemory", std::to_string(used + bytes)});
  };
  allow(4 << 20);
  std::vector<events::Event> all;
  for (int i = 2; i <= 1000; ++i) {
    all.push_back(SampleEvent("e" + std::to_string(i), {"entities/a"}));
    all.back().mutable_data()->set_value(std::string(10'000, 'x'));
    expected.push_back(all.back().event_id());
  }
  ASSERT_THAT(drafting_->Write([&](storage::Transaction& db) { return events::Append(db, all, nullptr); }),
              IsOk());
  const auto fill = [&] {
    absl::Status status;
    while (status.ok()) status = feed_.Pass().status();
    EXPECT_EQ(redis::KindOf(status), "OOM") << status;
  };
  fill();
  Redis({"XTRIM", server::kQueue, "MAXLEN", "50"});
  fill();
  allow(-(1 << 20));
  const auto worker = Start();
  EXPECT_TRUE(testing::Eventually([&] {
    (void)worker->Pass();
    (void)feed_.Pass();
    return Inbox("entities/a").size() == expected.size();
  }));
  EXPECT_EQ(Inbox("entities/a"), expected);
}

// A Redis that is older than the databases: a promoted replica that had not received everything.
TEST_F(InboxWorkerTest, ContinuesWithARedisThatLostTheLastMessages) {
  const auto worker = Start();
  Record("e1");
  Settle(*worker);
  const std::string before = Redis({"GET", std::string(server::kQueue) + ":cursor:drafting"}).text;
  Record("e2");
  Settle(*worker);
  Redis({"SET", std::string(server::kQueue) + ":cursor:drafting", before});
  Redis({"DEL", server::kQueue});
  Record("e3");
  Settle(*worker);
  EXPECT_THAT(Inbox("entities/a"), ElementsAre("e1", "e2", "e3"));
}

TEST_F(InboxWorkerTest, FillsTheInboxesAgainAfterARestoreOfTheirDatabase) {
  auto worker = Start();
  Record("e1");
  Record("e2");
  Settle(*worker);
  const std::string lost = ReadEpochs().TokenOf(2, "inbox");
  const std::string kept = ReadEpochs().TokenOf(1, "inbox");
  worker.reset();
  // The backup has neither the second event nor its cursor.
  std::string first;
  ASSERT_THAT(drafting_->Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(const events::Epochs epochs, events::Epochs::Read(db));
    first = epochs.CursorOf(1);
    return absl::OkStatus();
  }),
              IsOk());
  ASSERT_THAT(database_->Write([&](storage::Transaction& db) -> absl::Status {
    RETURN_IF_ERROR(db.Execute("DELETE FROM inbox WHERE event_id = 'e2'", {}).status());
    return SaveSource(db, "drafting", first);
  }),
              IsOk());
  worker = Start();
  Settle(*worker);
  EXPECT_THAT(Inbox("entities/a"), ElementsAre("e1", "e2"));
  EXPECT_THAT(ReadEpochs().Resolve(kept, "inbox", "resume_token"), IsOkAndHolds(Eq(1)));
  EXPECT_THAT(ReadEpochs().Resolve(lost, "inbox", "resume_token"),
              testing::FailsWith(status::Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
}

// Restored into another file, which its log detects, and over the same file, which the queue's cursor shows.
TEST_F(InboxWorkerTest, ReceivesTheNewEventsOfARestoredLog) {
  ASSERT_THAT(events::OpenLog(*drafting_), IsOk());
  const auto worker = Start();
  std::vector<std::string> expected = {"e1"};
  Record("e1");
  for (const char* copy : {"another file", ""}) {
    for (const std::string id : {"lost 1 ", "lost 2 "}) {
      Record(id + copy);
      expected.push_back(id + copy);
    }
    Settle(*worker);
    // The backup has only the first event, and the later positions are assigned again.
    ASSERT_THAT(drafting_->Write([&](storage::Transaction& db) -> absl::Status {
      if (*copy != '\0')
        RETURN_IF_ERROR(db.Execute("UPDATE event_epochs SET copy = 'another file'", {}).status());
      RETURN_IF_ERROR(db.Execute("DELETE FROM events WHERE seq > 1", {}).status());
      return db.Execute("UPDATE sqlite_sequence SET seq = 1 WHERE name = 'events'", {}).status();
    }),
                IsOk());
    ASSERT_THAT(events::OpenLog(*drafting_), IsOk());
    if (*copy == '\0') Settle(*worker);
    for (const std::string id : {"new 1 ", "new 2 ", "new 3 "}) {
      Record(id + copy);
      expected.push_back(id + copy);
    }
    Settle(*worker);
    EXPECT_EQ(Inbox("entities/a"), expected);
  }
}

// Another client of Redis forges events, repeats and reorders genuine ones, and sets the cursor ahead of the
// log.
TEST_F(InboxWorkerTest, AcceptsOnlySignedMessages) {
  redis::Options options(redis_.address());
  options.event_keys_file = redis_.folder() + "/keys";
  std::ofstream(options.event_keys_file) << std::string(64, 'a') << "\n";
  server::Feed feed("drafting", options, *drafting_, drafted_, metrics_);
  InboxWorker worker(options, *database_, notifier_, &metrics_, kBlock);
  const auto settle = [&] {
    for (int quiet = 0; quiet < 3;) {
      const auto published = feed.Pass();
      ASSERT_TRUE(published.ok() || absl::IsAborted(published.status())) << published.status();
      const auto taken = worker.Pass();
      ASSERT_THAT(taken, IsOk());
      quiet = published.ok() && *published == 0 && *taken == 0 ? quiet + 1 : 0;
    }
  };
  const auto epochs = [&] {
    int64_t count = 0;
    EXPECT_THAT(drafting_->Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(const storage::Rows rows, db.Query("SELECT COUNT(*) FROM event_epochs", {}));
      count = rows.front().Int(0);
      return absl::OkStatus();
    }),
                IsOk());
    return count;
  };
  const int64_t epochs_before = epochs();
  Record("e1");
  Record("e2");
  ASSERT_THAT(feed.Pass(), IsOkAndHolds(Eq(2)));
  const redis::Reply genuine = Redis({"XRANGE", server::kQueue, "-", "+"});
  Redis({"DEL", server::kQueue});
  PublishPlainly(SampleEvent("forged", {"entities/a"}).SerializeAsString());
  Redis({"XADD", server::kQueue, "*", "source", "drafting", "cursor", "c", "after", "", "body",
         SampleEvent("forged", {"entities/a"}).SerializeAsString(), "signature", std::string(64, '0')});
  for (const size_t i : {1, 0, 1, 0}) {
    std::vector<std::string> command = {"XADD", server::kQueue, "*"};
    for (const redis::Reply& field : genuine.list[i].list[1].list) command.push_back(field.text);
    Redis(command);
  }
  settle();
  EXPECT_THAT(Inbox("entities/a"), ElementsAre("e1", "e2"));
  EXPECT_THAT(metrics_.Text(), ::testing::HasSubstr("idea_queue_refused_total 2"));
  // Forged messages are removed, too. Redis drops whole nodes of 100 entries.
  for (int i = 0; i < 1000; ++i) PublishPlainly("forged");
  EXPECT_TRUE(testing::Eventually([&] {
    EXPECT_THAT(worker.Pass(), IsOkAndHolds(Eq(0)));
    return metrics_.Text().find("idea_queue_refused_total 1002") != std::string::npos;
  }));
  EXPECT_LE(Redis({"XLEN", server::kQueue}).integer, 100);
  // A service that does not exist, with a key of another type as its cursor.
  Redis({"SADD", std::string(server::kQueue) + ":sources", "a ghost"});
  Redis({"LPUSH", std::string(server::kQueue) + ":cursor:a ghost", "x"});
  settle();
  const std::string cursor = std::string(server::kQueue) + ":cursor:drafting";
  std::string ahead = Redis({"GET", cursor}).text;
  ahead.replace(ahead.find('.') + 1, 1, "999");
  Redis({"SET", cursor, ahead});
  Record("e3");
  settle();
  EXPECT_THAT(Inbox("entities/a"), ElementsAre("e1", "e2", "e3"));
  EXPECT_EQ(epochs(), epochs_before) << "a forged cursor begins no epoch";
}

TEST_F(InboxWorkerTest, ContinuesAutomaticallyWhenRedisReturnsEmpty) {
  const auto worker = Start();
  uint64_t seen = notifier_.Count();
  worker->Start();
  feed_.Start();
  Record("e1");
  drafted_.Notify();
  seen = notifier_.Wait(seen, milliseconds(20'000));
  EXPECT_THAT(Inbox("entities/a"), ElementsAre("e1"));
  redis_.Kill();
  redis_.Wipe();
  redis_.Start();
  Record("e2");
  drafted_.Notify();
  notifier_.Wait(seen, milliseconds(20'000));
  EXPECT_THAT(Inbox("entities/a"), ElementsAre("e1", "e2"));
  feed_.Stop();
  worker->Stop();
}

TEST_F(InboxWorkerTest, StopsWhileRedisIsUnavailable) {
  redis_.Kill();
  const auto worker = Start();
  worker->Start();
  worker->Stop();
}

}  // namespace
}  // namespace idea::notification
