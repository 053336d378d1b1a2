#include "common/redis/event_keys.h"

#include <filesystem>
#include <fstream>

#include "common/redis/keys.h"
#include "tests/support/matchers.h"
#include "tests/support/redis/redis_server.h"

namespace idea::redis {
namespace {

using std::chrono::milliseconds;
using ::testing::Eq;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::RedisServer;

constexpr milliseconds kTimeout{5000};
const std::string kOld(64, 'a'), kNew(64, 'b');

class Keys : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& content) {
    std::ofstream(server_.folder() + "/" + name) << content;
    return server_.folder() + "/" + name;
  }
  Options With(const std::string& content) {
    Options options(server_.address());
    options.event_keys_file = Write(std::to_string(files_++), content);
    return options;
  }
  // The bodies that a reader with these keys accepts from the stream.
  std::vector<std::string> Read(const Options& options) {
    Connection connection(options, kTimeout);
    Reader reader(connection, "queue");
    const auto messages = reader.Read(100, milliseconds(0));
    EXPECT_THAT(messages, IsOk());
    std::vector<std::string> bodies;
    for (const Message& message : *messages) bodies.push_back(message.body);
    refused_ = reader.refused();
    return bodies;
  }
  void Redis(const std::vector<std::string>& command) {
    Connection connection(server_.address(), kTimeout);
    EXPECT_THAT(connection.Run(command), IsOk());
  }
  RedisServer server_;
  int files_ = 0;
  int64_t refused_ = 0;
};

TEST_F(Keys, SignEachFieldWithItsLength) {
  EventKeys keys(Write("keys", kNew + "\n" + kOld + "\n"));
  ASSERT_THAT(keys.Refresh(), IsOk());
  const std::string signature = keys.Sign({"ab", "c"});
  EXPECT_TRUE(keys.Verify({"ab", "c"}, signature));
  EXPECT_FALSE(keys.Verify({"a", "bc"}, signature));
  EXPECT_FALSE(keys.Verify({"ab", "c", ""}, signature));
  EXPECT_FALSE(keys.Verify({"ab", "c"}, ""));
  EXPECT_FALSE(keys.Verify({"ab", "c"}, signature.substr(1)));
  // HMAC-SHA-256 of "2:ab1:c" with 32 bytes 0xbb, by openssl.
  EXPECT_EQ(signature, "b43e0a4bbba82045f2eb4775448f730b67c9e30bac78aca08fbafcd50e4a504f");
}

TEST_F(Keys, ThatAreNoneAreRefused) {
  for (const std::string& bad : {std::string(), std::string("\n"), kNew.substr(1), kNew + "c",
                                 std::string(64, 'g'), kNew + "\nsecret\n"}) {
    EXPECT_EQ(KindOf(EventKeys(Write("bad", bad)).Refresh()), "KEYS") << bad;
  }
  EXPECT_EQ(KindOf(EventKeys("/nowhere").Refresh()), "KEYS");
}

TEST_F(Keys, RotateWithoutAMessageLost) {
  Connection connection(With(kOld), kTimeout), next(With(kNew + "\n" + kOld), kTimeout);
  Publisher publisher(connection, "queue", "drafting"), later(next, "queue", "drafting");
  ASSERT_THAT(publisher.Cursor(), IsOkAndHolds(Eq("")));
  ASSERT_THAT(publisher.Publish("", {{"c1", "1"}}), IsOk());
  ASSERT_THAT(later.Cursor(), IsOkAndHolds(Eq("c1")));
  ASSERT_THAT(later.Publish("c1", {{"c2", "2"}}), IsOk());
  EXPECT_THAT(Read(With(kOld + "\n" + kNew)), ::testing::ElementsAre("1", "2"));
  EXPECT_THAT(Read(With(kNew)), ::testing::ElementsAre("2"));
  EXPECT_EQ(refused_, 1);
}

TEST_F(Keys, ACursorOfAnEarlierKeyIsSignedAgain) {
  Connection old(With(kOld), kTimeout), both(With(kNew + "\n" + kOld), kTimeout), now(With(kNew), kTimeout);
  Publisher publisher(old, "queue", "drafting"), last(now, "queue", "drafting");
  Reader reader(both, "queue");
  ASSERT_THAT(publisher.Cursor(), IsOkAndHolds(Eq("")));
  ASSERT_THAT(publisher.Publish("", {{"c1", "1"}}), IsOk());
  EXPECT_THAT(last.Cursor(), IsOkAndHolds(Eq("")));
  ASSERT_THAT(reader.Read(10, milliseconds(0)), IsOk());
  EXPECT_THAT(reader.Reconcile("drafting", "c1", [](std::string_view, std::string_view) { return false; }),
              IsOkAndHolds(false));
  EXPECT_THAT(last.Cursor(), IsOkAndHolds(Eq("c1")));
}

TEST_F(Keys, DropWhatOthersWrite) {
  const Options options = With(kNew);
  Connection connection(options, kTimeout);
  Publisher publisher(connection, "queue", "drafting");
  ASSERT_THAT(publisher.Cursor(), IsOkAndHolds(Eq("")));
  ASSERT_THAT(publisher.Publish("", {{"c1", "1"}, {"c2", "2"}}), IsOk());
  const auto genuine = connection.Run({"XRANGE", "queue", "-", "+"});
  ASSERT_THAT(genuine, IsOk());
  std::vector<std::string> fields;
  for (const Reply& field : genuine->list[1].list[1].list) fields.push_back(field.text);
  ASSERT_EQ(fields.size(), 10u);
  // Each field except the names is changed or removed in turn, and a message with no valid field.
  for (size_t i = 1; i < fields.size(); i += 2) {
    std::vector<std::string> command = {"XADD", "queue", "*"};
    command.insert(command.end(), fields.begin(), fields.end());
    command[3 + i] += "x";
    Redis(command);
    command.erase(command.begin() + 2 + static_cast<int64_t>(i),
                  command.begin() + 4 + static_cast<int64_t>(i));
    Redis(command);
  }
  Redis({"XADD", "queue", "*", "x", "y"});
  EXPECT_THAT(Read(options), ::testing::ElementsAre("1", "2"));
  EXPECT_EQ(refused_, 11);
  Redis({"SET", CursorKey("queue", "drafting"), "c9"});
  EXPECT_THAT(publisher.Cursor(), IsOkAndHolds(Eq(""))) << "a cursor without a signature is none";
}

// Another client has stored another type in the keys, or used the highest id.
TEST_F(Keys, PublishAgainWhateverOthersHaveDoneToTheKeys) {
  const Options options = With(kNew);
  Connection connection(options, kTimeout);
  Publisher publisher(connection, "queue", "drafting");
  Reader reader(connection, "queue");
  const std::vector<std::vector<std::vector<std::string>>> attacks = {
      {{"DEL", "queue"}, {"SET", "queue", "x"}},
      {{"DEL", "queue:cursor:drafting"}, {"LPUSH", "queue:cursor:drafting", "x"}},
      {{"DEL", "queue:sources"}, {"SET", "queue:sources", "x"}},
      {{"XADD", "queue", "18446744073709551615-18446744073709551615", "x", "y"}},
      {{"XADD", "queue", "*", "x", std::string(70 << 20, 'x')}},
      {{"FLUSHALL"}, {"XADD", "queue", "*", "x", std::string(70 << 20, 'x')}},
  };
  int step = 0;
  for (const auto& attack : attacks) {
    for (const auto& command : attack) Redis(command);
    std::vector<std::string> bodies;
    const std::string body = std::to_string(++step);
    for (int tries = 0; tries < 10 && bodies.empty(); ++tries) {
      const auto cursor = publisher.Cursor();
      if (!cursor.ok()) continue;
      (void)publisher.Publish(*cursor, {{"c" + std::to_string(10 * step + tries), body}});
      const auto messages = reader.Read(100, milliseconds(0));
      if (!messages.ok()) continue;
      for (const Message& message : *messages) bodies.push_back(message.body);
    }
    EXPECT_THAT(bodies, ::testing::Contains(body)) << "attack " << step;
    EXPECT_THAT(reader.Sources(), IsOkAndHolds(::testing::ElementsAre("drafting")));
  }
}

}  // namespace
}  // namespace idea::redis
