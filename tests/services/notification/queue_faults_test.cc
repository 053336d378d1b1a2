#include <functional>
#include <random>

#include "services/notification/inbox_intake.h"
#include "tests/services/notification/told_events.h"
#include "tests/support/redis/redis_server.h"

namespace idea::notification {
namespace {

using std::chrono::milliseconds;
using testing::IsOk;

constexpr int kRounds = 24;
constexpr int kBucps = 3;

// Redis is killed, emptied, evicted from, restored and paused at random while two services tell events of
// three BUCPs and two replicas take them.
TEST(RedisFaults, LoseRepeatAndReorderNothing) {
  testing::RedisServer redis;
  const std::unique_ptr<storage::Database> inboxes = testing::Fresh("sqlite");
  MigrateInboxes(*inboxes);
  TellingService drafting("drafting", redis.address()), review("review", redis.address());
  events::Signal news;
  metrics::Metrics metrics;
  InboxIntake first(redis.address(), *inboxes, news, &metrics, milliseconds(50)),
      second(redis.address(), *inboxes, news, &metrics, milliseconds(50));
  first.Start();
  second.Start();
  const auto run = [&](const std::vector<std::vector<std::string>>& commands) {
    redis::Connection connection(redis.address(), milliseconds(5000));
    for (const auto& command : commands) EXPECT_THAT(connection.Run(command), IsOk());
  };
  const std::vector<std::function<void()>> faults = {
      [&] {
        redis.Kill();
        redis.Start();
      },
      [&] {
        redis.Kill();
        redis.Wipe();
        redis.Start();
      },
      [&] { run({{"FLUSHALL"}}); },
      [&] {
        run({{"DEL", server::kQueue}});
      },
      [&] {
        run({{"CONFIG", "SET", "maxmemory-policy", "allkeys-random"},
             {"CONFIG", "SET", "maxmemory", "1"},
             {"SET", "x", "y"},
             {"CONFIG", "SET", "maxmemory", "0"}});
      },
      [&] { redis.Restore(); },
      [&] {
        redis.Freeze();
        drafting.Tell("bucps/0");
        redis.Thaw();
      },
  };
  redis.Backup();
  std::mt19937 random(16);
  for (int round = 0; round < kRounds; ++round) {
    for (int i = 0; i < 10; ++i) {
      TellingService& service = random() % 2 == 0 ? drafting : review;
      service.Tell("bucps/" + std::to_string(random() % kBucps));
    }
    // A part of it has arrived, or nothing yet.
    if (random() % 2 == 0) ExpectEachOnceInOrder(*inboxes, {&drafting, &review});
    // Each fault once, then any.
    faults[round < static_cast<int>(faults.size()) ? static_cast<size_t>(round) : random() % faults.size()]();
    if (random() % 4 == 0) redis.Backup();
  }
  ExpectEachOnceInOrder(*inboxes, {&drafting, &review});
  first.Stop();
  second.Stop();
}

}  // namespace
}  // namespace idea::notification
