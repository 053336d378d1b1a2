#include <atomic>
#include <memory>
#include <mutex>
#include <set>

#include "tests/contract/storage/outage.h"
#include "tests/support/eventually.h"
#include "tests/support/fault_timer.h"
#include "tests/support/postgres/postgres_server.h"

// Two PostgreSQL servers, one a synchronous standby of the other, and one address with both hosts.
namespace idea::storage {
namespace {

using testing::Eventually;

class PostgresFailover : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = testing::PostgresServer::WhyNot(); !why.empty()) GTEST_SKIP() << why;
    primary_ = std::make_unique<testing::PostgresServer>();
    standby_ = testing::PostgresServer::StandbyOf(*primary_);
    // After the standby was copied, which must not wait for a standby when it is promoted.
    primary_->Run("ALTER SYSTEM SET synchronous_standby_names = \"*\"");
    primary_->Run("SELECT pg_reload_conf()");
    auto opened = Open(standby_->AddressWith(*primary_), kShort);
    ASSERT_THAT(opened, IsOk());
    database_ = *std::move(opened);
    ASSERT_TRUE(Eventually([&] {
      return QueryInt(*database_, "SELECT COUNT(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == 1;
    }));
    for (const char* table : {"v", "lane"})
      ASSERT_THAT(Execute(*database_, "CREATE TABLE " + std::string(table) + " (n BIGINT PRIMARY KEY)"),
                  IsOk());
  }
  absl::Status Insert(int64_t n, const std::string& table, Lane lane) {
    return database_->Write(
        [&](Transaction& transaction) {
          return transaction.Execute("INSERT INTO " + table + " VALUES ($1)", {n}).status();
        },
        lane);
  }

  std::unique_ptr<testing::PostgresServer> primary_, standby_;
  std::unique_ptr<Database> database_;
};

TEST_F(PostgresFailover, LosesNoAcknowledgedWriteWithASynchronousStandby) {
  std::atomic<bool> stop = false;
  std::mutex mutex;
  std::set<int64_t> acknowledged;
  std::vector<std::thread> callers;
  for (int64_t caller = 0; caller < 6; ++caller) {
    callers.emplace_back([&, caller] {
      for (int64_t n = caller * 1'000'000; !stop; ++n) {
        const absl::Status status = caller % 3 == 0 ? Insert(n, "lane", "lane") : Insert(n, "v", "");
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
  EXPECT_TRUE(Eventually([&] { return count() > 200; }));
  primary_->Kill();
  const size_t before = count();
  const testing::FaultTimer timer("PostgreSQL primary killed, standby promoted");
  standby_->Promote();
  EXPECT_TRUE(Eventually([&] { return count() > before + 20; }));
  timer.Recovered();
  stop = true;
  for (std::thread& caller : callers) caller.join();
  std::set<int64_t> stored;
  for (const Row& row : Query(*database_, "SELECT n FROM v UNION ALL SELECT n FROM lane"))
    EXPECT_TRUE(stored.insert(row.Int(0)).second);
  for (const int64_t n : acknowledged)
    EXPECT_TRUE(stored.contains(n)) << n << " was acknowledged and is lost";
}

}  // namespace
}  // namespace idea::storage
