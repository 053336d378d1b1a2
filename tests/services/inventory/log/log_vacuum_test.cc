#include <atomic>
#include <future>
#include <thread>

#include "common/events/events.h"
#include "services/inventory/log/log_store.h"
#include "tests/support/eventually.h"
#include "tests/support/matchers.h"
#include "tests/support/postgres/postgres_server.h"

extern const idea::config::EmbeddedFile k_inventory_schema[];

namespace idea::inventory {
namespace {

using testing::Eventually;
using testing::IsOk;

constexpr int kEntries = 3000;

// Rows that every filing updates keep their old versions during a long read, such as that of pg_dump. They
// are removed after it, although filings never pause.
TEST(TransparencyLog, ShrinksAfterALongReadWhileFilingsContinue) {
  if (const std::string why = testing::PostgresServer::WhyNot(); !why.empty()) GTEST_SKIP() << why;
  testing::PostgresServer server;
  server.Run("ALTER SYSTEM SET autovacuum_naptime = 1");
  server.Run("SELECT pg_reload_conf()");
  const auto open = [&] {
    auto opened = storage::Open(server.address());
    EXPECT_THAT(opened, IsOk());
    return *std::move(opened);
  };
  const auto database = open();
  const auto other = open();
  ASSERT_THAT(storage::Migrate(*database, "events", k_events_schema), IsOk());
  ASSERT_THAT(storage::Migrate(*database, "inventory", k_inventory_schema), IsOk());
  const auto ask = [&](const std::string& sql) {
    int64_t number = -1;
    EXPECT_THAT(database->Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(const auto row, db.QueryOne(sql, {}));
      number = row->Int(0);
      return absl::OkStatus();
    }),
                IsOk());
    return number;
  };
  std::atomic<int> entries{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> filers;
  for (int i = 0; i < 4; ++i) {
    filers.emplace_back([&] {
      while (!stop) {
        EXPECT_THAT(database->Write(
                        [](storage::Transaction& db) -> absl::Status {
                          ASSIGN_OR_RETURN(LogEnd end, ReadEnd(db, "bucps/1"));
                          return AppendEntry(db, std::move(end.edge), "filings/1", "entry").status();
                        },
                        kLogLane),
                    IsOk());
        ++entries;
      }
    });
  }
  // Opens the snapshot of a reader until enough was written.
  EXPECT_THAT(other->Read([&](storage::Transaction& db) -> absl::Status {
    RETURN_IF_ERROR(db.Query("SELECT COUNT(*) FROM filings WHERE 1 = $1", {int64_t{1}}).status());
    const int before = entries;
    EXPECT_TRUE(Eventually([&] {
      // Sends a statement now and then, because the server ends an idle transaction.
      EXPECT_THAT(db.Query("SELECT COUNT(*) FROM filings", {}), IsOk());
      return entries >= before + kEntries;
    }));
    return absl::OkStatus();
  }),
              IsOk());
  const std::string size = "SELECT pg_table_size('log_edge')";
  const int64_t while_read = ask(size);
  EXPECT_GT(while_read, 400'000) << "the snapshot held nothing back";
  EXPECT_TRUE(Eventually([&] {
    return ask("SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'log_edge'") < 1000 &&
           ask("SELECT COUNT(*) FROM pg_stat_user_tables WHERE relname = 'log_edge' AND autovacuum_count > "
               "0") > 0;
  })) << "autovacuum cannot reach the table";
  // New versions use the space that was freed.
  const int64_t after = ask(size);
  const int written = entries;
  EXPECT_TRUE(Eventually([&] { return entries >= written + kEntries; }));
  EXPECT_LT(ask(size), after + while_read / 4);
  stop = true;
  for (std::thread& filer : filers) filer.join();
}

}  // namespace
}  // namespace idea::inventory
