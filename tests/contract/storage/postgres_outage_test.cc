#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <set>

#include "tests/contract/storage/outage.h"
#include "tests/support/eventually.h"
#include "tests/support/fault_timer.h"
#include "tests/support/postgres/postgres_server.h"

// The view of callers while a real PostgreSQL is killed, paused, restarted or made read-only.
namespace idea::storage {
namespace {

using testing::Eventually;
using testing::FaultTimer;

class PostgresOutage : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = testing::PostgresServer::WhyNot(); !why.empty()) GTEST_SKIP() << why;
    server_ = std::make_unique<testing::PostgresServer>();
    auto opened = Open(server_->address(), kShort);
    ASSERT_THAT(opened, IsOk());
    database_ = *std::move(opened);
    ASSERT_THAT(Execute(*database_, "CREATE TABLE v (n BIGINT PRIMARY KEY)"), IsOk());
    ASSERT_THAT(Execute(*database_, "CREATE TABLE lane (n BIGINT PRIMARY KEY)"), IsOk());
  }

  absl::Status Insert(int64_t n) { return Execute(*database_, "INSERT INTO v VALUES ($1)", {n}); }
  absl::Status InsertInLane(int64_t n) {
    return database_->Write(
        [&](Transaction& transaction) {
          return transaction.Execute("INSERT INTO lane VALUES ($1)", {n}).status();
        },
        "lane");
  }
  absl::Status Count(int64_t& count) {
    return database_->Read([&](Transaction& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(const auto row, transaction.QueryOne("SELECT COUNT(*) FROM v", {}));
      count = row->Int(0);
      return absl::OkStatus();
    });
  }
  // Opens the maximum number of connections and leaves them idle.
  void OpenAllConnections() {
    InParallel(16, [&](int) {
      EXPECT_THAT(database_->Read([](Transaction& transaction) {
        return transaction.Query("SELECT pg_sleep(0.1)::text", {}).status();
      }),
                  IsOk());
    });
  }

  std::unique_ptr<testing::PostgresServer> server_;
  std::unique_ptr<Database> database_;
};

TEST_F(PostgresOutage, LeavesTheProcessAliveWhenIdleConnectionsBreak) {
  for (int64_t round = 0; round < 3; ++round) {
    OpenAllConnections();
    ASSERT_THAT(InsertInLane(1000 + round), IsOk());
    const bool kill_all = round == 1;
    if (kill_all) {
      server_->Kill();
      server_->Start();
    } else {
      server_->KillBackends();
    }
    const FaultTimer timer(kill_all ? "PostgreSQL killed and restarted" : "PostgreSQL backends killed");
    int64_t count = 0;
    EXPECT_TRUE(Eventually([&] { return Insert(round).ok(); }));
    EXPECT_THAT(InsertInLane(round), IsOk());
    timer.Recovered();
    EXPECT_THAT(Count(count), IsOk());
    EXPECT_EQ(count, round + 1);
  }
}

// Somebody revokes a right of the role under the running process.
TEST_F(PostgresOutage, OfARightEndsWithItsReturn) {
  server_->Run("CREATE ROLE clerk LOGIN");
  server_->Run("GRANT SELECT, INSERT ON v TO clerk");
  std::string address = server_->address();
  address.replace(address.find("://idea@"), 8, "://clerk@");
  auto opened = Open(address, kShort);
  ASSERT_THAT(opened, IsOk());
  database_ = *std::move(opened);
  ASSERT_THAT(Insert(1), IsOk());
  server_->Run("REVOKE INSERT ON v FROM clerk");
  EXPECT_THAT(Insert(2), IsOutage());
  int64_t count = 0;
  EXPECT_THAT(Count(count), IsOk());
  EXPECT_EQ(count, 1);
  server_->Run("REVOKE SELECT ON v FROM clerk");
  EXPECT_THAT(Count(count), IsOutage());
  server_->Run("GRANT SELECT, INSERT ON v TO clerk");
  EXPECT_THAT(Insert(2), IsOk());
}

TEST_F(PostgresOutage, IsRetryableForEveryCallerUnderLoadAndLosesNothing) {
  std::atomic<bool> stop = false;
  std::mutex mutex;
  std::set<int64_t> acknowledged;
  std::vector<std::thread> callers;
  for (int64_t caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&, caller] {
      for (int64_t n = caller * 1'000'000; !stop; ++n) {
        int64_t count = 0;
        const absl::Status status = caller % 4 == 0   ? InsertInLane(n)
                                    : caller % 4 == 1 ? Count(count)
                                                      : Insert(n);
        // A commit whose answer was lost may have happened; here nothing is sent twice.
        if (!status.ok()) {
          EXPECT_THAT(status, IsOutage());
        } else if (caller % 4 != 1) {
          const std::lock_guard lock(mutex);
          acknowledged.insert(n);
        }
      }
    });
  }
  const auto progress = [&] {
    size_t before = 0;
    {
      const std::lock_guard lock(mutex);
      before = acknowledged.size();
    }
    return Eventually([&] {
      const std::lock_guard lock(mutex);
      return acknowledged.size() > before + 20;
    });
  };
  for (int round = 0; round < 3; ++round) {
    EXPECT_TRUE(progress());
    server_->KillBackends();
    EXPECT_TRUE(progress());
    server_->Kill();
    server_->Start();
  }
  EXPECT_TRUE(progress());
  stop = true;
  for (std::thread& caller : callers) caller.join();
  std::set<int64_t> stored;
  for (const Row& row : Query(*database_, "SELECT n FROM v UNION ALL SELECT n FROM lane"))
    EXPECT_TRUE(stored.insert(row.Int(0)).second);
  for (const int64_t n : acknowledged)
    EXPECT_TRUE(stored.contains(n)) << n << " was acknowledged and is lost";
}

TEST_F(PostgresOutage, OfAPausedServerHoldsNoCallerLongerThanTheTimeouts) {
  OpenAllConnections();
  server_->Pause();
  const auto begun = std::chrono::steady_clock::now();
  InParallel(32, [&](int caller) {
    int64_t count = 0;
    EXPECT_THAT(caller % 3 == 0   ? InsertInLane(caller)
                : caller % 3 == 1 ? Insert(caller)
                                  : Count(count),
                IsOutage());
  });
  // The statement, one more second for the timeout of the server, and one attempt to connect.
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(15));
  server_->Resume();
  const FaultTimer timer("PostgreSQL paused");
  EXPECT_TRUE(Eventually([&] { return Insert(100).ok() && InsertInLane(100).ok(); }));
  timer.Recovered();
}

TEST_F(PostgresOutage, EndsAtOnceWhenTheDatabaseIsToEnd) {
  OpenAllConnections();
  server_->Pause();
  auto waiting = std::async(std::launch::async, [&] { return Insert(1); });
  database_->EndBy(std::chrono::steady_clock::now());
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_THAT(waiting.get(), IsOutage());
  EXPECT_THAT(Insert(2), IsOutage());
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(900));
  server_->Resume();
}

TEST_F(PostgresOutage, OfAServerThatBecomesReadOnlyEndsWithIt) {
  OpenAllConnections();
  server_->Run("ALTER SYSTEM SET default_transaction_read_only = on");
  server_->Run("SELECT pg_reload_conf()");
  EXPECT_TRUE(Eventually([&] { return !Insert(1).ok(); }));
  EXPECT_THAT(Insert(2), IsOutage());
  EXPECT_THAT(InsertInLane(2), IsOutage());
  int64_t count = 0;
  EXPECT_THAT(Count(count), IsOk());
  server_->Run("ALTER SYSTEM RESET default_transaction_read_only");
  server_->Run("SELECT pg_reload_conf()");
  const FaultTimer timer("PostgreSQL read-only");
  EXPECT_TRUE(Eventually([&] { return Insert(3).ok(); }));
  EXPECT_THAT(InsertInLane(3), IsOk());
  timer.Recovered();
}

TEST_F(PostgresOutage, OfADemotedServerEndsWithItsPromotion) {
  OpenAllConnections();
  ASSERT_THAT(Insert(1), IsOk());
  server_->Stop();
  server_->BecomeStandby();
  server_->Start();
  int64_t count = 0;
  EXPECT_THAT(Insert(2), IsOutage());
  EXPECT_THAT(InsertInLane(2), IsOutage());
  EXPECT_THAT(Count(count), IsOutage()) << "a standby may hold old data";
  server_->Run("SELECT pg_promote()");
  const FaultTimer timer("PostgreSQL demoted, then promoted");
  EXPECT_TRUE(Eventually([&] { return Insert(3).ok(); }));
  timer.Recovered();
  EXPECT_THAT(Count(count), IsOk());
  EXPECT_EQ(count, 2);
}

// 0A000 "cached plan must not change result type": the statement was prepared before a migration.
TEST_F(PostgresOutage, IsNoneWhereAPreparedStatementIsOutdated) {
  const auto read = [&] {
    return database_->Read([](Transaction& transaction) {
      return transaction.Query("SELECT * FROM v WHERE n = $1", {int64_t{1}}).status();
    });
  };
  ASSERT_THAT(read(), IsOk());
  server_->Run("ALTER TABLE v ADD COLUMN more TEXT");
  EXPECT_THAT(read(), IsOk());
}

}  // namespace
}  // namespace idea::storage
