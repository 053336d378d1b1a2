#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <thread>

#include "common/redis/redis.h"
#include "common/server/feed.h"
#include "common/server/readiness.h"
#include "common/storage/database.h"
#include "idea/registry/v1/registry.pb.h"
#include "tests/common/rpc/suite_server.h"
#include "tests/support/eventually.h"
#include "tests/support/fault_timer.h"
#include "tests/support/matchers.h"
#include "tests/support/postgres/pgbouncer.h"
#include "tests/support/postgres/postgres_server.h"
#include "tests/support/redis/redis_sentinels.h"
#include "tests/support/redis/redis_server.h"

// What the health of a process says while PostgreSQL or Redis fails. The names of the faults are those of
// docs/FAULTS.md.
namespace idea::story {
namespace {

using std::chrono::milliseconds;
using testing::Eventually;
using testing::IsOk;
using testing::PrintHealth;
using ::testing::StartsWith;

// A fault that keeps the process from being ready shows within this time.
constexpr milliseconds kShows =
    server::Readiness::Settings{}.max_silence + 2 * server::Readiness::Settings{}.interval;

// For a client that leaves transactions open.
constexpr storage::Timeouts kNoTimeouts = {milliseconds(0), milliseconds(0), milliseconds(0)};

class HealthDuringAFault : public ::testing::Test {
 protected:
  void Start(const std::string& databases, const std::map<std::string, std::string>& settings = {}) {
    suite_ = std::make_unique<testing::SuiteServer>(databases, settings);
    ASSERT_TRUE(IsReady());
  }
  rpc::HealthReport Health(const std::string& service) {
    const auto health = suite_->Of(testing::kCdo).CheckHealth(rpc::NewContext(milliseconds(10'000)), service);
    EXPECT_THAT(health, IsOk());
    return health.value_or(rpc::HealthReport());
  }
  bool IsReady() { return Health("").serving && Health("idea.drafting.v1.DraftingService").serving; }

  // Repeats `act` until a failing check would show.
  void ExpectReady(
      const std::vector<std::string>& faults, const std::function<void()>& act = [] {}) {
    const auto end = std::chrono::steady_clock::now() + kShows;
    EXPECT_TRUE(Eventually([&] {
      act();
      EXPECT_TRUE(IsReady()) << faults.front() << ": " << Health("").not_serving;
      return std::chrono::steady_clock::now() > end;
    }));
    for (const std::string& fault : faults) PrintHealth(fault, true);
  }
  void ExpectNotReady(const std::string& fault) {
    EXPECT_TRUE(Eventually([&] { return !IsReady(); })) << fault;
    EXPECT_THAT(Health("").not_serving, StartsWith("database of ")) << fault;
    EXPECT_TRUE(Health("liveness").serving) << fault;
    PrintHealth(fault, false);
  }
  void ExpectReadyAgain() {
    EXPECT_TRUE(Eventually([&] { return IsReady(); })) << Health("").not_serving;
  }

  std::unique_ptr<testing::SuiteServer> suite_;
};

class HealthWithPostgres : public HealthDuringAFault {
 protected:
  void SetUp() override {
    if (const std::string why = testing::PostgresServer::WhyNot(); !why.empty()) GTEST_SKIP() << why;
    server_ = std::make_unique<testing::PostgresServer>();
    for (const char* service : {"registry", "drafting", "review", "dispute", "inventory", "notification"})
      server_->Run("CREATE DATABASE idea_" + std::string(service));
  }
  void TearDown() override { suite_.reset(); }
  // The address of the database of each service.
  static std::string DatabasesAt(std::string address) {
    return address.insert(address.rfind("/idea") + 5, "_{service}");
  }

  std::unique_ptr<testing::PostgresServer> server_, standby_;
};

TEST_F(HealthWithPostgres, DependsOnWhetherReadsSucceed) {
  Start(DatabasesAt(server_->address()));
  auto killed = std::chrono::steady_clock::time_point();
  ExpectReady({"PostgreSQL backends killed"}, [&] {
    const auto now = std::chrono::steady_clock::now();
    if (now - killed < milliseconds(2'500)) return;
    server_->KillBackends();
    killed = now;
  });

  server_->Run("ALTER SYSTEM SET default_transaction_read_only = on");
  server_->Run("SELECT pg_reload_conf()");
  ExpectReady({"PostgreSQL read-only"});
  server_->Run("ALTER SYSTEM RESET default_transaction_read_only");
  server_->Run("SELECT pg_reload_conf()");

  const auto database = storage::Open(server_->address() + "_registry", kNoTimeouts);
  ASSERT_THAT(database, IsOk());
  std::promise<void> open, end;
  std::thread writer([&] {
    (*database)
        ->Write([&](storage::Transaction& db) {
          EXPECT_THAT(db.Execute("INSERT INTO events (event_id, type, subject, bucp, time, body) VALUES "
                                 "('left', '', '', '', 0, '')",
                                 {}),
                      IsOk());
          open.set_value();
          end.get_future().wait();
          return absl::CancelledError("roll back");
        })
        .IgnoreError();
  });
  open.get_future().wait();
  ExpectReady({"PostgreSQL transaction left open"});
  end.set_value();
  writer.join();

  server_->Kill();
  ExpectNotReady("PostgreSQL killed and restarted");
  server_->Start();
  ExpectReadyAgain();

  server_->Stop();
  server_->BecomeStandby();
  server_->Start();
  ExpectNotReady("PostgreSQL demoted, then promoted");
  server_->Run("SELECT pg_promote()");
  ExpectReadyAgain();
}

// The only worker waits for a table that somebody has locked, and the reads of the checks succeed.
TEST_F(HealthWithPostgres, DependsOnAFreeWorker) {
  Start(DatabasesAt(server_->address()), {{"IDEA_WORKERS", "1"}});
  const auto database = storage::Open(server_->address() + "_registry", kNoTimeouts);
  ASSERT_THAT(database, IsOk());
  std::promise<void> locked, end;
  std::thread holder([&] {
    (*database)
        ->Write([&](storage::Transaction& db) {
          EXPECT_THAT(db.Execute("LOCK TABLE entities IN ACCESS EXCLUSIVE MODE", {}), IsOk());
          locked.set_value();
          end.get_future().wait();
          return absl::CancelledError("roll back");
        })
        .IgnoreError();
  });
  locked.get_future().wait();
  std::atomic<bool> stop = false;
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      rpc::Peer peer("suite", suite_->address(), testing::FilesOf(testing::kCdo));
      while (!stop) {
        registry::v1::ListEntitiesResponse entities;
        peer.Send(rpc::NewContext(milliseconds(60'000)), registry::v1::ListEntitiesRequest(), &entities)
            .IgnoreError();
      }
    });
  }
  EXPECT_TRUE(Eventually([&] { return !IsReady(); }));
  EXPECT_EQ(Health("").not_serving, "workers");
  stop = true;
  end.set_value();
  ExpectReadyAgain();
  for (std::thread& caller : callers) caller.join();
  holder.join();
}

TEST_F(HealthWithPostgres, FollowsThePrimary) {
  standby_ = testing::PostgresServer::StandbyOf(*server_);
  Start(DatabasesAt(server_->AddressWith(*standby_)));
  server_->Kill();
  ExpectNotReady("PostgreSQL primary killed, standby promoted");
  standby_->Promote();
  ExpectReadyAgain();
}

TEST_F(HealthWithPostgres, DependsOnThePooler) {
  if (const std::string why = testing::Pgbouncer::WhyNot(); !why.empty()) GTEST_SKIP() << why;
  testing::Pgbouncer pooler(server_->address());
  Start(DatabasesAt(pooler.address()));
  pooler.Kill();
  ExpectNotReady("PgBouncer killed and restarted");
  pooler.Start();
  ExpectReadyAgain();
  suite_.reset();
}

void SendTo(const redis::Options& options, const std::vector<std::vector<std::string>>& commands) {
  redis::Connection connection(options, milliseconds(5'000));
  for (const auto& command : commands) EXPECT_THAT(connection.Run(command), IsOk());
}

TEST_F(HealthDuringAFault, DoesNotDependOnRedis) {
  testing::RedisServer redis;
  const redis::Options options(redis.address());
  Start("sqlite::memory:", {{"IDEA_REDIS", redis.address()}});
  redis.Backup();
  const std::string queue = server::kQueue, cursor = queue + ":cursor:";
  redis.Kill();
  ExpectReady({"Redis killed and restarted", "Redis cannot read its file"});
  redis.Wipe();
  redis.Start();
  redis.Freeze();
  ExpectReady({"Redis paused"});
  redis.Thaw();
  SendTo(options, {{"XTRIM", queue, "MAXLEN", "0"}, {"DEL", queue}});
  SendTo(options, {{"DEL", cursor + "drafting", queue + ":sources"}, {"FLUSHALL"}});
  SendTo(options,
         {{"CONFIG", "SET", "maxmemory-policy", "allkeys-random"}, {"CONFIG", "SET", "maxmemory", "1"}});
  ExpectReady({"Redis wiped", "Redis emptied", "Redis queue deleted", "Redis queue trimmed by hand",
               "Redis positions deleted", "Redis evicts keys"});
  SendTo(options, {{"CONFIG", "SET", "maxmemory", "0"}});
  redis.Restore();
  SendTo(options, {{"XADD", queue, "*", "source", "drafting", "cursor", "c", "after", "", "body", "x"},
                   {"SET", cursor + "drafting", "forged"},
                   {"SADD", queue + ":sources", "forged"}});
  ExpectReady({"Redis restored from a backup", "Redis gets forged messages"});
  suite_.reset();
}

TEST_F(HealthDuringAFault, DoesNotDependOnTheMasterOfRedis) {
  testing::RedisSentinels redis;
  Start("sqlite::memory:", {{"IDEA_REDIS", redis.options().url}});
  redis.master().Kill();
  ExpectReady({"Redis master killed, replica promoted"});
  ASSERT_TRUE(Eventually([&] { return redis.IsPromoted(); }));
  redis.master().Start();
  redis.replica().Freeze();
  ExpectReady({"Redis master paused, replica promoted"});
  redis.replica().Thaw();
  suite_.reset();
}

}  // namespace
}  // namespace idea::story
