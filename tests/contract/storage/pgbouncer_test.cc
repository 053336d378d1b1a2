#include "tests/support/postgres/pgbouncer.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <set>

#include "tests/contract/storage/outage.h"
#include "tests/support/eventually.h"
#include "tests/support/fault_timer.h"
#include "tests/support/postgres/postgres_server.h"

// A PgBouncer in transaction mode, which gives each transaction another session of the server.
// tests/story/pgbouncer_test.sh runs the contract of every engine through one.
namespace idea::storage {
namespace {

using status::Reason;
using std::chrono::milliseconds;
using testing::Eventually;

class ThroughPgbouncer : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const std::string& why : {testing::PostgresServer::WhyNot(), testing::Pgbouncer::WhyNot()})
      if (!why.empty()) GTEST_SKIP() << why;
    server_ = std::make_unique<testing::PostgresServer>();
    pooler_ = std::make_unique<testing::Pgbouncer>(server_->address());
    database_ = OpenWith(kShort);
    ASSERT_THAT(Execute(*database_, "CREATE TABLE v (n BIGINT PRIMARY KEY)"), IsOk());
    ASSERT_THAT(Execute(*database_, "CREATE TABLE lane (n BIGINT PRIMARY KEY)"), IsOk());
  }
  std::unique_ptr<Database> OpenWith(const Timeouts& timeouts) {
    auto opened = Open(pooler_->address(), timeouts);
    EXPECT_THAT(opened, IsOk());
    return *std::move(opened);
  }
  absl::Status Insert(int64_t n) { return Execute(*database_, "INSERT INTO v VALUES ($1)", {n}); }
  absl::Status InsertInLane(int64_t n) {
    return database_->Write(
        [&](Transaction& transaction) {
          return transaction.Execute("INSERT INTO lane VALUES ($1)", {n}).status();
        },
        "lane");
  }

  std::unique_ptr<testing::PostgresServer> server_;
  std::unique_ptr<testing::Pgbouncer> pooler_;
  std::unique_ptr<Database> database_;
};

TEST_F(ThroughPgbouncer, CallsLeaveNothingOnTheSessionsOfTheServer) {
  InParallel(16, [&](int n) { EXPECT_THAT(n % 2 == 0 ? Insert(n) : InsertInLane(n), IsOk()); });
  // It gives the last used session to the next client.
  EXPECT_EQ(pooler_->Run("SELECT current_setting($$statement_timeout$$), current_setting($$lock_timeout$$), "
                         "current_setting($$idle_in_transaction_session_timeout$$), count(*) FROM "
                         "pg_prepared_statements"),
            "0|0|0|0");
}

TEST_F(ThroughPgbouncer, ATransactionCommitsOnTheDiskWhereTheServerWouldNot) {
  server_->Run("ALTER ROLE idea SET synchronous_commit = off");
  // Earlier connections have earlier sessions.
  pooler_->Kill();
  pooler_->Start();
  auto database = OpenWith({});
  EXPECT_EQ(pooler_->Run("SHOW synchronous_commit"), "off");
  EXPECT_EQ(Query(*database, "SELECT current_setting('synchronous_commit')")[0].Text(0), "on");
}

TEST_F(ThroughPgbouncer, TheTimeLimitsHold) {
  EXPECT_THAT(Execute(*database_, "SELECT pg_sleep(30)"),
              FailsWith(Reason::ERROR_REASON_STORAGE_UNAVAILABLE));
  auto impatient = OpenWith({.idle_in_transaction = milliseconds(50)});
  EXPECT_THAT(impatient->Write([&](Transaction& transaction) {
    RETURN_IF_ERROR(transaction.Execute("INSERT INTO v VALUES ($1)", {int64_t{1}}).status());
    EXPECT_TRUE(Eventually([&] {
      return pooler_->Run("SELECT count(*) FROM pg_stat_activity WHERE state = $$idle in transaction$$") ==
             "0";
    }));
    return transaction.Execute("INSERT INTO v VALUES ($1)", {int64_t{2}}).status();
  }),
              IsOutage());
  EXPECT_EQ(QueryInt(*database_, "SELECT COUNT(*) FROM v"), 0);
}

TEST_F(ThroughPgbouncer, AKilledPoolerLosesNothing) {
  std::atomic<bool> stop = false;
  std::mutex mutex;
  std::set<int64_t> acknowledged;
  std::vector<std::thread> callers;
  for (int64_t caller = 0; caller < 6; ++caller) {
    callers.emplace_back([&, caller] {
      for (int64_t n = caller * 1'000'000; !stop; ++n) {
        const absl::Status status = caller % 3 == 0 ? InsertInLane(n) : Insert(n);
        if (!status.ok()) {
          EXPECT_THAT(status, IsOutage());
        } else {
          const std::lock_guard lock(mutex);
          acknowledged.insert(n);
        }
      }
    });
  }
  const auto count = [&] {
    const std::lock_guard lock(mutex);
    return acknowledged.size();
  };
  for (int round = 0; round < 3; ++round) {
    const size_t before = count();
    EXPECT_TRUE(Eventually([&] { return count() > before + 20; }));
    pooler_->Kill();
    const testing::FaultTimer timer("PgBouncer killed and restarted");
    const size_t after = count();
    pooler_->Start();
    EXPECT_TRUE(Eventually([&] { return count() > after; }));
    timer.Recovered();
  }
  stop = true;
  for (std::thread& caller : callers) caller.join();
  std::set<int64_t> stored;
  for (const Row& row : Query(*database_, "SELECT n FROM v UNION ALL SELECT n FROM lane"))
    EXPECT_TRUE(stored.insert(row.Int(0)).second);
  for (const int64_t n : acknowledged)
    EXPECT_TRUE(stored.contains(n)) << n << " was acknowledged and is lost";
}

// Each connection detects a pooler separately: without one, statements are prepared.
TEST_F(ThroughPgbouncer, ConnectionsThatDoNotGoThroughItPrepareTheirStatements) {
  auto direct = Open(server_->address());
  ASSERT_THAT(direct, IsOk());
  for (const auto& [database, prepared] : {std::pair{direct->get(), true}, {database_.get(), false}}) {
    EXPECT_THAT(Execute(*database, "UPDATE v SET n = n WHERE n = $1", {int64_t{1}}), IsOk());
    EXPECT_EQ(QueryInt(*database, "SELECT COUNT(*) FROM pg_prepared_statements") > 0, prepared);
  }
}

}  // namespace
}  // namespace idea::storage
