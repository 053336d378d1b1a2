#include <chrono>
#include <memory>
#include <thread>

#include "common/redis/redis.h"
#include "tests/support/fault_timer.h"
#include "tests/support/matchers.h"
#include "tests/support/redis/redis_server.h"

namespace idea::redis {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::RedisServer;
using ::testing::SizeIs;

constexpr milliseconds kTimeout{5000};
constexpr milliseconds kNoWait{0};

std::vector<std::string> Bodies(const absl::StatusOr<std::vector<Message>>& messages) {
  EXPECT_THAT(messages, IsOk());
  std::vector<std::string> bodies;
  if (messages.ok()) {
    for (const Message& message : *messages) bodies.push_back(message.body);
  }
  return bodies;
}

// Cursors "c1", "c2", ...: whether one is not before the other.
bool Covers(std::string_view stored, std::string_view cursor) {
  return !stored.empty() && !cursor.empty() && stored >= cursor;
}

class Queue : public ::testing::Test {
 protected:
  // A reader with a connection.
  struct Replica {
    explicit Replica(const std::string& address)
        : connection(address, kTimeout), reader(connection, "queue") {}
    absl::StatusOr<std::vector<Message>> Read(int limit = 100) { return reader.Read(limit, kNoWait); }
    absl::StatusOr<bool> Reconcile(const std::string& stored) {
      return reader.Reconcile("drafting", stored, &Covers);
    }
    Connection connection;
    Reader reader;
  };
  std::unique_ptr<Replica> Join() { return std::make_unique<Replica>(server_.address()); }
  int64_t Length() { return connection_.Run({"XLEN", "queue"})->integer; }

  RedisServer server_;
  Connection connection_{server_.address(), kTimeout};
  Publisher publisher_{connection_, "queue", "drafting"};
};

TEST_F(Queue, HandsOnWhatIsPublishedInOrderAsAChain) {
  const auto replica = Join();
  EXPECT_THAT(publisher_.Cursor(), IsOkAndHolds(Eq("")));
  ASSERT_THAT(publisher_.Publish("", {{"c1", "1"}, {"c2", "2"}}), IsOk());
  ASSERT_THAT(publisher_.Publish("c2", {{"c3", "3"}}), IsOk());
  EXPECT_THAT(publisher_.Cursor(), IsOkAndHolds(Eq("c3")));
  const auto messages = replica->Read();
  EXPECT_THAT(Bodies(messages), ElementsAre("1", "2", "3"));
  EXPECT_EQ(messages->at(0).source, "drafting");
  EXPECT_EQ(messages->at(0).after, "");
  EXPECT_EQ(messages->at(1).after, "c1");
  EXPECT_EQ(messages->at(2).after, "c2");
  EXPECT_EQ(messages->at(2).cursor, "c3");
  EXPECT_THAT(Bodies(replica->Read()), IsEmpty());
  EXPECT_THAT(Bodies(Join()->Read()), ElementsAre("1", "2", "3")) << "each reader reads all";
  EXPECT_THAT(replica->reader.Sources(), IsOkAndHolds(ElementsAre("drafting")));
}

TEST_F(Queue, KeepsBinaryBodies) {
  const std::string body("\0\x01*3\r\n\xff\0", 8);
  ASSERT_THAT(publisher_.Publish("", {{"c1", body}, {"c2", ""}}), IsOk());
  EXPECT_THAT(Bodies(Join()->Read()), ElementsAre(body, ""));
}

TEST_F(Queue, LetsOnlyOneOfTwoPublishersOfASourceGoOn) {
  Connection other(server_.address(), kTimeout);
  Publisher second(other, "queue", "drafting");
  ASSERT_THAT(publisher_.Publish("", {{"c1", "1"}}), IsOk());
  EXPECT_TRUE(absl::IsAborted(second.Publish("", {{"c1", "1"}})));
  EXPECT_THAT(second.Cursor(), IsOkAndHolds(Eq("c1")));
  EXPECT_THAT(second.Publish("c1", {{"c2", "2"}}), IsOk());
  EXPECT_THAT(Bodies(Join()->Read()), ElementsAre("1", "2"));
}

TEST_F(Queue, PublishesEachStepOnceHoweverManyPublishersRace) {
  constexpr int kSteps = 50;
  const auto race = [this] {
    Connection connection(server_.address(), kTimeout);
    Publisher publisher(connection, "queue", "drafting");
    while (true) {
      const auto at = publisher.Cursor();
      ASSERT_THAT(at, IsOk());
      const int step = at->empty() ? 0 : std::stoi(*at);
      if (step == kSteps) return;
      const auto status = publisher.Publish(*at, {{std::to_string(step + 1), std::to_string(step)}});
      ASSERT_TRUE(status.ok() || absl::IsAborted(status)) << status;
    }
  };
  std::thread first(race), second(race), third(race);
  first.join();
  second.join();
  third.join();
  std::vector<std::string> wanted;
  for (int i = 0; i < kSteps; ++i) wanted.push_back(std::to_string(i));
  EXPECT_EQ(Bodies(Join()->Read()), wanted);
}

TEST_F(Queue, KeepsACursorForEachSource) {
  Publisher review(connection_, "queue", "review");
  ASSERT_THAT(publisher_.Publish("", {{"d1", "1"}}), IsOk());
  EXPECT_THAT(review.Cursor(), IsOkAndHolds(Eq("")));
  EXPECT_THAT(review.Publish("", {{"r1", "2"}}), IsOk());
  EXPECT_THAT(Bodies(Join()->Read()), ElementsAre("1", "2"));
}

TEST_F(Queue, WaitsForAMessageButNotForEver) {
  Connection connection(server_.address(), milliseconds(400));
  Reader reader(connection, "queue");
  // A longer wait than the timeout of the connection is shortened, not a failure.
  EXPECT_THAT(reader.Read(1, milliseconds(60'000)), IsOkAndHolds(IsEmpty()));
  const auto replica = Join();
  ASSERT_THAT(replica->Read(), IsOkAndHolds(IsEmpty()));
  std::thread publishes([this] { EXPECT_THAT(publisher_.Publish("", {{"c1", "1"}}), IsOk()); });
  EXPECT_THAT(Bodies(replica->reader.Read(1, milliseconds(2000))), ElementsAre("1"));
  publishes.join();
}

TEST_F(Queue, SetsASourceBackWhoseMessagesWereLost) {
  const auto replica = Join();
  ASSERT_THAT(publisher_.Publish("", {{"c1", "1"}, {"c2", "2"}}), IsOk());
  EXPECT_THAT(replica->Reconcile(""), IsOkAndHolds(false)) << "they are on their way";
  ASSERT_THAT(Bodies(replica->Read()), ElementsAre("1", "2"));
  EXPECT_THAT(replica->Reconcile("c2"), IsOkAndHolds(false)) << "all is stored";
  ASSERT_THAT(publisher_.Publish("c2", {{"c3", "3"}}), IsOk());
  ASSERT_THAT(connection_.Run({"DEL", "queue"}), IsOk());
  EXPECT_THAT(replica->Read(), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(replica->Reconcile("c2"), IsOkAndHolds(true));
  EXPECT_THAT(publisher_.Cursor(), IsOkAndHolds(Eq("c2")));
  ASSERT_THAT(publisher_.Publish("c2", {{"c3", "3"}}), IsOk());
  EXPECT_THAT(Bodies(replica->Read()), ElementsAre("3"));
  ASSERT_THAT(replica->reader.Rewind("drafting", ""), IsOk());
  EXPECT_THAT(publisher_.Cursor(), IsOkAndHolds(Eq("")));
}

TEST_F(Queue, SetsASourceBackThoughMessagesOfOthersKeepComing) {
  const auto replica = Join();
  Publisher review(connection_, "queue", "review");
  ASSERT_THAT(publisher_.Publish("", {{"c1", "1"}, {"c2", "2"}}), IsOk());
  ASSERT_THAT(connection_.Run({"DEL", "queue"}), IsOk());
  ASSERT_THAT(review.Publish("", {{"c1", "3"}}), IsOk());
  EXPECT_THAT(replica->Reconcile(""), IsOkAndHolds(false)) << "they may come";
  ASSERT_THAT(review.Publish("c1", {{"c2", "4"}}), IsOk());
  EXPECT_THAT(replica->Reconcile(""), IsOkAndHolds(false)) << "the earlier messages have not been read";
  ASSERT_THAT(Bodies(replica->Read(1)), ElementsAre("3"));
  EXPECT_THAT(replica->Reconcile(""), IsOkAndHolds(true))
      << "the earlier messages have been read, and more arrive";
  EXPECT_THAT(publisher_.Cursor(), IsOkAndHolds(Eq("")));
  // They are published again and are on their way.
  ASSERT_THAT(publisher_.Publish("", {{"c1", "1"}, {"c2", "2"}}), IsOk());
  EXPECT_THAT(replica->Reconcile(""), IsOkAndHolds(false));
  EXPECT_THAT(Bodies(replica->Read()), ElementsAre("4", "1", "2"));
  EXPECT_THAT(replica->Reconcile("c2"), IsOkAndHolds(false));
}

TEST_F(Queue, SetsASourceForwardThatRepeatsWhatIsStored) {
  const auto replica = Join();
  ASSERT_THAT(publisher_.Publish("", {{"c1", "1"}, {"c2", "2"}, {"c3", "3"}}), IsOk());
  ASSERT_THAT(Bodies(replica->Read()), ElementsAre("1", "2", "3"));
  ASSERT_THAT(connection_.Run({"DEL", "queue:cursor:drafting"}), IsOk());
  ASSERT_THAT(publisher_.Publish("", {{"c1", "1"}}), IsOk());
  EXPECT_THAT(replica->Reconcile("c3"), IsOkAndHolds(true)) << "although a message is on its way";
  EXPECT_THAT(publisher_.Cursor(), IsOkAndHolds(Eq("c3")));
}

// As for a lost stream that Redis creates again with a clock that was set back.
TEST_F(Queue, BeginsAgainWhereTheStreamHasLowerIds) {
  const auto replica = Join();
  ASSERT_THAT(publisher_.Publish("", {{"c1", "1"}}), IsOk());
  ASSERT_THAT(Bodies(replica->Read()), ElementsAre("1"));
  ASSERT_THAT(connection_.Run({"DEL", "queue"}), IsOk());
  ASSERT_THAT(connection_.Run({"XADD", "queue", "5-1", "source", "drafting", "body", "2"}), IsOk());
  EXPECT_THAT(Bodies(replica->Read()), ElementsAre("2"));
}

TEST_F(Queue, GoesOnWhenRedisWasKilled) {
  const auto replica = Join();
  ASSERT_THAT(publisher_.Publish("", {{"c1", "1"}, {"c2", "2"}, {"c3", "3"}}), IsOk());
  ASSERT_THAT(Bodies(replica->Read(2)), ElementsAre("1", "2"));
  server_.Kill();
  EXPECT_TRUE(absl::IsUnavailable(publisher_.Publish("c3", {{"c4", "4"}})));
  EXPECT_TRUE(absl::IsUnavailable(replica->Read().status()));
  server_.Start();
  const testing::FaultTimer timer("Redis killed and restarted");
  EXPECT_THAT(publisher_.Cursor(), IsOkAndHolds(Eq("c3")));
  EXPECT_THAT(publisher_.Publish("c3", {{"c4", "4"}}), IsOk());
  EXPECT_THAT(Bodies(replica->Read()), ElementsAre("3", "4"));
  timer.Recovered();
}

TEST_F(Queue, TrimsWhatWasRead) {
  // Redis drops whole nodes of 100 entries.
  std::vector<Publisher::Entry> entries;
  for (int i = 1; i <= 1000; ++i) entries.push_back({"c" + std::to_string(i), "x"});
  ASSERT_THAT(publisher_.Publish("", entries), IsOk());
  const auto replica = Join();
  ASSERT_THAT(replica->Read(550), IsOkAndHolds(SizeIs(550)));
  ASSERT_THAT(replica->reader.Trim(), IsOk());
  EXPECT_LE(Length(), 550);
  EXPECT_GE(Length(), 450) << "450 were not read";
  EXPECT_THAT(replica->Read(1000), IsOkAndHolds(SizeIs(450)));
}

}  // namespace
}  // namespace idea::redis
