#include <chrono>

#include "common/redis/redis.h"
#include "tests/support/fault_timer.h"
#include "tests/support/matchers.h"
#include "tests/support/redis/redis_server.h"

namespace idea::redis {
namespace {

using std::chrono::milliseconds;
using testing::IsOk;
using testing::RedisServer;

TEST(Connection, KeepsBytesAsTheyAre) {
  const RedisServer server;
  Connection connection(server.address(), milliseconds(5000));
  const std::string bytes("a\0b\r\n\xff%s $3\r\n", 13);
  ASSERT_THAT(connection.Run({"SET", bytes, bytes}), IsOk());
  const auto reply = connection.Run({"GET", bytes});
  ASSERT_THAT(reply, IsOk());
  EXPECT_EQ(reply->kind, Reply::Kind::kText);
  EXPECT_EQ(reply->text, bytes);
}

TEST(Connection, GivesEveryKindOfReply) {
  const RedisServer server;
  Connection connection(server.address(), milliseconds(5000));
  const auto replies = connection.Pipeline({{"GET", "nothing"},
                                            {"RPUSH", "list", "a", "b"},
                                            {"LRANGE", "list", "0", "-1"},
                                            {"GET", "list"},
                                            {"PING"}});
  ASSERT_THAT(replies, IsOk());
  ASSERT_EQ(replies->size(), 5u);
  EXPECT_EQ((*replies)[0].kind, Reply::Kind::kNil);
  EXPECT_EQ((*replies)[1].integer, 2);
  ASSERT_EQ((*replies)[2].list.size(), 2u);
  EXPECT_EQ((*replies)[2].list[1].text, "b");
  EXPECT_EQ((*replies)[3].kind, Reply::Kind::kError);
  EXPECT_TRUE(absl::IsInternal(StatusOf((*replies)[3])));
  EXPECT_EQ((*replies)[4].text, "PONG");
}

TEST(Connection, ThatReachesNobodyIsUnavailableAtOnce) {
  for (const std::string address : {"unix:/nowhere/redis.sock", "127.0.0.1:1", "[::1]:1", "localhost:1",
                                    "127.0.0.1", "127.0.0.1:x", ":1", ""}) {
    SCOPED_TRACE(address);
    Connection connection(address, std::chrono::hours(1));
    EXPECT_TRUE(absl::IsUnavailable(connection.Run({"PING"}).status()));
  }
}

TEST(Connection, GivesUpOnARedisThatHangsAndComesBackWhenItAnswers) {
  RedisServer server;
  Connection connection(server.address(), milliseconds(1000));
  ASSERT_THAT(connection.Run({"SET", "x", "1"}), IsOk());
  server.Freeze();
  EXPECT_TRUE(absl::IsUnavailable(connection.Run({"GET", "x"}).status()));
  server.Thaw();
  const testing::FaultTimer timer("Redis paused");
  Connection patient(server.address(), milliseconds(5000));
  ASSERT_THAT(patient.Run({"SET", "x", "2"}), IsOk());
  const auto reply = connection.Run({"GET", "x"});
  ASSERT_THAT(reply, IsOk());
  EXPECT_EQ(reply->text, "2");
  timer.Recovered();
}

TEST(Connection, OutlivesARestart) {
  RedisServer server;
  Connection connection(server.address(), milliseconds(5000));
  ASSERT_THAT(connection.Run({"SET", "x", "1"}), IsOk());
  server.Kill();
  EXPECT_TRUE(absl::IsUnavailable(connection.Run({"GET", "x"}).status()));
  EXPECT_TRUE(absl::IsUnavailable(connection.Run({"GET", "x"}).status()));
  server.Start();
  const auto reply = connection.Run({"GET", "x"});
  ASSERT_THAT(reply, IsOk());
  EXPECT_EQ(reply->text, "1");
}

}  // namespace
}  // namespace idea::redis
