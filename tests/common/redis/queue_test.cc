#include <chrono>
#include <memory>
#include <thread>

#include "common/redis/redis.h"
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
constexpr milliseconds kNever{1'000'000};

std::vector<std::string> Bodies(const absl::StatusOr<std::vector<Message>>& messages) {
  EXPECT_THAT(messages, IsOk());
  std::vector<std::string> bodies;
  if (messages.ok()) {
    for (const Message& message : *messages) bodies.push_back(message.body);
  }
  return bodies;
}

class Queue : public ::testing::Test {
 protected:
  // A member of a group with a connection of its own.
  struct Member {
    Member(const std::string& address, const std::string& group, const std::string& name)
        : connection(address, kTimeout), consumer(connection, "queue", group, name) {}
    absl::StatusOr<std::vector<Message>> Read(int limit = 100, milliseconds idle = kNever) {
      return consumer.Read(limit, kNoWait, idle);
    }
    Connection connection;
    Consumer consumer;
  };
  std::unique_ptr<Member> Join(const std::string& name, const std::string& group = "group") {
    return std::make_unique<Member>(server_.address(), group, name);
  }
  int64_t Length() { return connection_.Run({"XLEN", "queue"})->integer; }

  RedisServer server_;
  Connection connection_{server_.address(), kTimeout};
  Publisher publisher_{connection_, "queue", "drafting"};
};

TEST_F(Queue, HandsOnWhatIsPublishedOnceAndInOrder) {
  const auto member = Join("a");
  EXPECT_THAT(publisher_.Position(), IsOkAndHolds(Eq("")));
  ASSERT_THAT(publisher_.Publish({"1", "2"}, "", "p2"), IsOk());
  ASSERT_THAT(publisher_.Publish({"3"}, "p2", "p3"), IsOk());
  EXPECT_THAT(publisher_.Position(), IsOkAndHolds(Eq("p3")));
  const auto messages = member->Read();
  EXPECT_THAT(Bodies(messages), ElementsAre("1", "2", "3"));
  EXPECT_EQ(messages->front().source, "drafting");
  EXPECT_THAT(member->consumer.Acknowledge(*messages), IsOk());
  EXPECT_THAT(Bodies(member->Read()), IsEmpty());
}

TEST_F(Queue, MovesThePositionWithoutAMessage) {
  ASSERT_THAT(publisher_.Publish({}, "", "p1"), IsOk());
  EXPECT_THAT(publisher_.Position(), IsOkAndHolds(Eq("p1")));
}

TEST_F(Queue, KeepsBinaryBodies) {
  const std::string body("\0\x01*3\r\n\xff\0", 8);
  ASSERT_THAT(publisher_.Publish({body, ""}, "", "p"), IsOk());
  EXPECT_THAT(Bodies(Join("a")->Read()), ElementsAre(body, ""));
}

TEST_F(Queue, LetsOnlyOneOfTwoPublishersOfASourceGoOn) {
  Connection other(server_.address(), kTimeout);
  Publisher second(other, "queue", "drafting");
  ASSERT_THAT(publisher_.Publish({"1"}, "", "p1"), IsOk());
  EXPECT_TRUE(absl::IsAborted(second.Publish({"1"}, "", "p1")));
  EXPECT_THAT(second.Position(), IsOkAndHolds(Eq("p1")));
  EXPECT_THAT(second.Publish({"2"}, "p1", "p2"), IsOk());
  EXPECT_THAT(Bodies(Join("a")->Read()), ElementsAre("1", "2"));
}

TEST_F(Queue, PublishesEachStepOnceHoweverManyPublishersRace) {
  constexpr int kSteps = 50;
  const auto race = [this] {
    Connection connection(server_.address(), kTimeout);
    Publisher publisher(connection, "queue", "drafting");
    while (true) {
      const auto at = publisher.Position();
      ASSERT_THAT(at, IsOk());
      const int step = at->empty() ? 0 : std::stoi(*at);
      if (step == kSteps) return;
      const auto status = publisher.Publish({std::to_string(step)}, *at, std::to_string(step + 1));
      ASSERT_TRUE(status.ok() || absl::IsAborted(status)) << status;
    }
  };
  std::thread first(race), second(race), third(race);
  first.join();
  second.join();
  third.join();
  std::vector<std::string> wanted;
  for (int i = 0; i < kSteps; ++i) wanted.push_back(std::to_string(i));
  EXPECT_EQ(Bodies(Join("a")->Read()), wanted);
}

TEST_F(Queue, KeepsAPositionForEachSource) {
  Publisher review(connection_, "queue", "review");
  ASSERT_THAT(publisher_.Publish({"1"}, "", "d1"), IsOk());
  EXPECT_THAT(review.Position(), IsOkAndHolds(Eq("")));
  EXPECT_THAT(review.Publish({"2"}, "", "r1"), IsOk());
  EXPECT_THAT(Bodies(Join("a")->Read()), ElementsAre("1", "2"));
}

TEST_F(Queue, SharesTheWorkAmongTheMembersOfAGroupAndTellsEveryGroup) {
  ASSERT_THAT(publisher_.Publish({"1", "2", "3"}, "", "p"), IsOk());
  const auto a = Join("a"), b = Join("b"), c = Join("c", "other");
  EXPECT_THAT(Bodies(a->Read(2)), ElementsAre("1", "2"));
  EXPECT_THAT(Bodies(b->Read(2)), ElementsAre("3"));
  EXPECT_THAT(Bodies(c->Read()), ElementsAre("1", "2", "3"));
}

TEST_F(Queue, WaitsForAMessageButNotForEver) {
  Connection connection(server_.address(), milliseconds(400));
  Consumer consumer(connection, "queue", "group", "a");
  // A longer wait than the connection's is cut short, not a failure.
  EXPECT_THAT(consumer.Read(1, milliseconds(60'000), kNever), IsOkAndHolds(IsEmpty()));
  const auto member = Join("b");
  ASSERT_THAT(member->Read(), IsOkAndHolds(IsEmpty()));
  std::thread publishes([this] { EXPECT_THAT(publisher_.Publish({"1"}, "", "p"), IsOk()); });
  EXPECT_THAT(Bodies(member->consumer.Read(1, milliseconds(2000), kNever)), ElementsAre("1"));
  publishes.join();
}

TEST_F(Queue, GivesAMemberThatComesBackItsOwnMessagesFirst) {
  ASSERT_THAT(publisher_.Publish({"1", "2"}, "", "p"), IsOk());
  ASSERT_THAT(Bodies(Join("a")->Read()), ElementsAre("1", "2"));
  ASSERT_THAT(publisher_.Publish({"3"}, "p", "q"), IsOk());
  const auto again = Join("a");
  const auto first = again->Read(1);
  EXPECT_THAT(Bodies(first), ElementsAre("1"));
  EXPECT_THAT(again->consumer.Acknowledge(*first), IsOk());
  const auto second = again->Read();
  EXPECT_THAT(Bodies(second), ElementsAre("2"));
  EXPECT_THAT(again->consumer.Acknowledge(*second), IsOk());
  EXPECT_THAT(Bodies(again->Read()), ElementsAre("3"));
}

TEST_F(Queue, GivesADeadMembersMessagesToAnother) {
  ASSERT_THAT(publisher_.Publish({"1", "2"}, "", "p"), IsOk());
  ASSERT_THAT(Bodies(Join("dead")->Read()), ElementsAre("1", "2"));
  const auto member = Join("a");
  EXPECT_THAT(Bodies(member->Read()), IsEmpty());
  std::vector<std::string> claimed;
  while (claimed.size() < 2) {
    const auto messages = member->Read(1, milliseconds(20));
    ASSERT_THAT(messages, IsOk());
    for (const Message& message : *messages) claimed.push_back(message.body);
    ASSERT_THAT(member->consumer.Acknowledge(*messages), IsOk());
  }
  EXPECT_THAT(claimed, ElementsAre("1", "2"));
}

TEST_F(Queue, AcknowledgesEntriesThatAreNoMore) {
  ASSERT_THAT(publisher_.Publish({"1", "2"}, "", "p"), IsOk());
  ASSERT_THAT(Bodies(Join("a")->Read()), ElementsAre("1", "2"));
  ASSERT_THAT(connection_.Run({"XTRIM", "queue", "MAXLEN", "0"}), IsOk());
  const auto again = Join("a");
  EXPECT_THAT(Bodies(again->Read()), IsEmpty());
  EXPECT_EQ(connection_.Run({"XPENDING", "queue", "group"})->list[0].integer, 0);
}

TEST_F(Queue, LosesNothingWhenRedisIsKilled) {
  const auto member = Join("a");
  ASSERT_THAT(publisher_.Publish({"1", "2", "3"}, "", "p"), IsOk());
  ASSERT_THAT(Bodies(member->Read(2)), ElementsAre("1", "2"));
  server_.Kill();
  EXPECT_TRUE(absl::IsUnavailable(publisher_.Publish({"4"}, "p", "q")));
  EXPECT_TRUE(absl::IsUnavailable(member->Read().status()));
  server_.Start();
  EXPECT_THAT(publisher_.Position(), IsOkAndHolds(Eq("p")));
  EXPECT_THAT(publisher_.Publish({"4"}, "p", "q"), IsOk());
  // The member did not acknowledge: it is handed the same ones again, before the new ones.
  const auto own = member->Read();
  EXPECT_THAT(Bodies(own), ElementsAre("1", "2"));
  EXPECT_THAT(member->consumer.Acknowledge(*own), IsOk());
  EXPECT_THAT(Bodies(member->Read()), ElementsAre("3", "4"));
}

TEST_F(Queue, IsFilledAgainWhenRedisIsLostWhole) {
  const auto member = Join("a");
  ASSERT_THAT(publisher_.Publish({"1", "2"}, "", "p"), IsOk());
  const auto before = member->Read();
  ASSERT_THAT(Bodies(before), ElementsAre("1", "2"));
  server_.Kill();
  server_.Wipe();
  server_.Start();
  EXPECT_TRUE(absl::IsUnavailable(publisher_.Publish({"3"}, "p", "q")));
  EXPECT_TRUE(absl::IsAborted(publisher_.Publish({"3"}, "p", "q")));
  EXPECT_THAT(publisher_.Position(), IsOkAndHolds(Eq("")));
  ASSERT_THAT(publisher_.Publish({"1", "2", "3"}, "", "q"), IsOk());
  EXPECT_TRUE(absl::IsUnavailable(member->consumer.Acknowledge(*before)));
  EXPECT_THAT(member->consumer.Acknowledge(*before), IsOk());
  EXPECT_THAT(Bodies(member->Read()), ElementsAre("1", "2", "3"));
}

TEST_F(Queue, TrimsWhatEveryGroupHasAcknowledgedAndNothingElse) {
  // Redis drops whole nodes of 100 entries.
  std::vector<std::string> bodies;
  for (int i = 0; i < 1000; ++i) bodies.push_back(std::to_string(i));
  ASSERT_THAT(publisher_.Publish(bodies, "", "p"), IsOk());
  const auto fast = Join("a", "fast"), slow = Join("b", "slow");
  ASSERT_THAT(fast->Read(1), IsOkAndHolds(SizeIs(1)));

  const auto some = slow->Read(550);
  ASSERT_THAT(some, IsOkAndHolds(SizeIs(550)));
  ASSERT_THAT(slow->consumer.Acknowledge(*some), IsOk());
  EXPECT_EQ(Length(), 1000) << "fast has not acknowledged its first message";

  const auto rest = Join("a", "fast")->Read(2000);
  ASSERT_THAT(rest, IsOkAndHolds(SizeIs(1)));
  ASSERT_THAT(fast->consumer.Acknowledge(*rest), IsOk());
  const auto all = fast->Read(2000);
  ASSERT_THAT(all, IsOkAndHolds(SizeIs(999)));
  ASSERT_THAT(fast->consumer.Acknowledge(*all), IsOk());
  EXPECT_LE(Length(), 550);
  EXPECT_GE(Length(), 450) << "slow has not read the last 450";
  EXPECT_THAT(slow->Read(1000), IsOkAndHolds(SizeIs(450)));
}

}  // namespace
}  // namespace idea::redis
