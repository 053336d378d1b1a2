#include <filesystem>

#include "common/storage/sqlite_files.h"
#include "tests/contract/storage/contract.h"

namespace idea::storage {
namespace {

using status::Reason;

// Tests that need more than one open database, or a certain engine.
using Addresses = testing::OnBackend;
INSTANTIATE_TEST_SUITE_P(Every, Addresses, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

absl::Status Add(Database& database, int64_t n) {
  return Execute(database, "INSERT INTO v VALUES ($1)", {n});
}

TEST_P(Addresses, KeepWhatWasAcknowledged) {
  testing::Place place(GetParam());
  {
    auto first = Open(place.address());
    ASSERT_THAT(first, IsOk());
    ASSERT_THAT(Execute(**first, "CREATE TABLE v (n BIGINT)"), IsOk());
    InParallel(64, [&](int i) { EXPECT_THAT(Add(**first, i), IsOk()); });
    auto beside = Open(place.address());
    ASSERT_THAT(beside, IsOk());
    EXPECT_EQ(QueryInt(**beside, "SELECT COUNT(*) FROM v"), 64) << "seen by another while the first is open";
  }
  auto again = Open(place.address());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(QueryInt(**again, "SELECT COUNT(*) FROM v"), 64);
}

TEST_P(Addresses, MayBeOpenedByTwoWritersAtOnce) {
  testing::Place place(GetParam());
  auto one = Open(place.address());
  auto two = Open(place.address());
  ASSERT_THAT(one, IsOk());
  ASSERT_THAT(two, IsOk());
  ASSERT_THAT(Execute(**one, "CREATE TABLE v (n BIGINT)"), IsOk());
  InParallel(8, [&](int i) {
    for (int64_t n = 0; n < 25; ++n) EXPECT_THAT(Add(i % 2 == 0 ? **one : **two, n), IsOk());
  });
  EXPECT_EQ(QueryInt(**one, "SELECT COUNT(*) FROM v"), 200);
}

TEST(Address, IsRefusedWhenItIsNone) {
  const char* wrong[] = {"", "mysql://host/db", "sqlite", "sqlite:", "/var/lib/idea.db"};
  for (const char* address : wrong) EXPECT_TRUE(absl::IsInvalidArgument(Open(address).status())) << address;
}

TEST(Address, OfAFileMakesItsFolder) {
  testing::Place place("sqlite");
  auto database = Open(place.address() + ".d/deeper/idea.db");
  ASSERT_THAT(database, IsOk());
  EXPECT_THAT(Execute(**database, "CREATE TABLE v (n BIGINT)"), IsOk());
}

TEST(Address, OfAFileMakesFilesThatOthersMayNotRead) {
  testing::Place place("sqlite");
  const std::string file = place.address().substr(std::string("sqlite:").size());
  auto database = Open(place.address());
  ASSERT_THAT(database, IsOk());
  ASSERT_THAT(Execute(**database, "CREATE TABLE v (n BIGINT)"), IsOk());
  using std::filesystem::perms;
  for (const char* suffix : {"", "-wal", "-shm"})
    EXPECT_EQ(std::filesystem::status(file + suffix).permissions(), perms::owner_read | perms::owner_write)
        << suffix;
}

TEST(Address, OfAFileThatCannotBeIsNamedInTheFailure) {
  const char* impossible[] = {"/dev/null/idea.db", "/proc/idea/idea.db", "/tmp"};
  for (const char* path : impossible) {
    const absl::Status status = Open(std::string("sqlite:") + path).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    const std::string place = std::string(path).substr(0, std::string(path).rfind("/idea.db"));
    EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr(place));
  }
}

TEST(SqliteLog, StaysSmallUnderSteadyWriting) {
  testing::Place place("sqlite");
  const std::string file = place.address().substr(std::string("sqlite:").size());
  auto database = Open(place.address());
  ASSERT_THAT(database, IsOk());
  ASSERT_THAT(Execute(**database, "CREATE TABLE v (n BIGINT, b BLOB)"), IsOk());
  const Blob megabyte{std::string(1 << 20, 'x')};
  uintmax_t largest = 0;
  for (int64_t n = 0; n < 150; ++n) {
    ASSERT_THAT(Execute(**database, "INSERT INTO v VALUES ($1, $2)", {n, megabyte}), IsOk());
    largest = std::max(largest, std::filesystem::file_size(file + "-wal"));
  }
  EXPECT_LT(largest, uintmax_t{100} << 20);
  database->reset();
  EXPECT_FALSE(std::filesystem::exists(file + "-wal")) << "closing brings everything home";
}

TEST(SqliteDisk, ThatIsFullIsAnOutageThatPasses) {
  testing::Place place("sqlite");
  auto database = Open(place.address());
  ASSERT_THAT(database, IsOk());
  ASSERT_THAT(Execute(**database, "CREATE TABLE v (n BIGINT, b BLOB)"), IsOk());
  ASSERT_THAT(Execute(**database, "PRAGMA max_page_count = 20"), IsOk());
  const absl::Status full =
      Execute(**database, "INSERT INTO v VALUES (1, $1)", {Blob{std::string(1 << 20, 'x')}});
  EXPECT_THAT(full, FailsWith(Reason::ERROR_REASON_STORAGE_UNAVAILABLE));
  EXPECT_EQ(status::ToWire(full).DebugString().find("disk"), std::string::npos)
      << "the driver's words stay inside";
  EXPECT_THAT(CauseOf(full), ::testing::HasSubstr("disk is full")) << "for the operator";
  EXPECT_THAT(Execute(**database, "INSERT INTO v VALUES (2, NULL)"), IsOk());
  EXPECT_EQ(QueryInt(**database, "SELECT COUNT(*) FROM v"), 1);
}

TEST(SqliteFile, ThatIsRemovedOrReplacedRefusesReadsAndWritesUntilItIsBack) {
  for (const std::string suffix : {"", "-wal", "-shm"}) {
    SCOPED_TRACE("database" + suffix);
    testing::Place place("sqlite");
    const std::string file = place.address().substr(std::string("sqlite:").size()) + suffix;
    auto database = Open(place.address());
    ASSERT_THAT(database, IsOk());
    ASSERT_THAT(Execute(**database, "CREATE TABLE v (n BIGINT)"), IsOk());
    ASSERT_THAT(Add(**database, 1), IsOk());
    ASSERT_EQ(QueryInt(**database, "SELECT COUNT(*) FROM v"), 1);

    std::filesystem::rename(file, file + ".away");
    EXPECT_THAT(Add(**database, 2), FailsWith(Reason::ERROR_REASON_STORAGE_UNAVAILABLE)) << "removed";
    std::filesystem::copy_file(file + ".away", file);
    EXPECT_THAT(Add(**database, 3), FailsWith(Reason::ERROR_REASON_STORAGE_UNAVAILABLE))
        << "replaced by a copy";
    EXPECT_THAT((*database)->Read([](Transaction&) { return absl::OkStatus(); }),
                FailsWith(Reason::ERROR_REASON_STORAGE_UNAVAILABLE));

    std::filesystem::rename(file + ".away", file);
    EXPECT_THAT(Add(**database, 4), IsOk());
    EXPECT_EQ(QueryInt(**database, "SELECT SUM(n) FROM v"), 5) << "what was refused changed nothing";
  }
}

TEST(SqliteFile, ThatDisappearsDuringAWriteIsNotAcknowledged) {
  testing::Place place("sqlite");
  const std::string file = place.address().substr(std::string("sqlite:").size());
  auto database = Open(place.address());
  ASSERT_THAT(database, IsOk());
  ASSERT_THAT(Execute(**database, "CREATE TABLE v (n BIGINT)"), IsOk());
  EXPECT_THAT((*database)->Write([&](Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(transaction.Execute("INSERT INTO v VALUES (1)", {}).status());
    std::filesystem::rename(file, file + ".away");
    return absl::OkStatus();
  }),
              FailsWith(Reason::ERROR_REASON_STORAGE_UNAVAILABLE));
}

TEST(SqliteFile, OnANetworkFileSystemIsRefused) {
  EXPECT_EQ(NetworkFileSystem(0x6969), "nfs");
  EXPECT_EQ(NetworkFileSystem(0xFF534D42), "cifs");
  EXPECT_EQ(NetworkFileSystem(0x01021994), "") << "tmpfs";
  EXPECT_EQ(NetworkFileSystem(0xEF53), "") << "ext4";
}

class PostgresServer : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = testing::WhyNot("postgres"); !why.empty()) GTEST_SKIP() << why;
    database_ = testing::Fresh("postgres");
    other_ = testing::Fresh("postgres");
    ASSERT_THAT(Execute(*database_, "CREATE TABLE v (n BIGINT)"), IsOk());
  }
  void EndConnection(int64_t pid) {
    EXPECT_EQ(QueryInt(*other_, "SELECT pg_terminate_backend($1::int, 5000)", {pid}), 1);
  }
  std::unique_ptr<Database> database_, other_;
};

TEST_F(PostgresServer, MayCutAnIdleConnectionUnnoticed) {
  EndConnection(QueryInt(*database_, "SELECT pg_backend_pid()"));
  EXPECT_THAT(Add(*database_, 1), IsOk());
  EndConnection(QueryInt(*database_, "SELECT pg_backend_pid()"));
  EXPECT_EQ(QueryInt(*database_, "SELECT COUNT(*) FROM v"), 1);
}

TEST_F(PostgresServer, MayCutAConnectionInsideATransactionWhichIsRunAgain) {
  int runs = 0;
  EXPECT_THAT(database_->Write([&](Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(transaction.Execute("INSERT INTO v VALUES (1)", {}).status());
    ASSIGN_OR_RETURN(auto row, transaction.QueryOne("SELECT pg_backend_pid()", {}));
    if (++runs == 1) EndConnection(row->Int(0));
    return transaction.Execute("INSERT INTO v VALUES (2)", {}).status();
  }),
              IsOk());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(QueryInt(*database_, "SELECT COUNT(*) FROM v"), 2);
}

TEST_F(PostgresServer, ThatDoesNotAnswerTheCommitLeavesTheOutcomeOpen) {
  const absl::Status status = database_->Write([&](Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(transaction.Execute("INSERT INTO v VALUES (1)", {}).status());
    ASSIGN_OR_RETURN(auto row, transaction.QueryOne("SELECT pg_backend_pid()", {}));
    EndConnection(row->Int(0));
    return absl::OkStatus();
  });
  EXPECT_THAT(status, FailsWith(Reason::ERROR_REASON_STORAGE_UNAVAILABLE));
  EXPECT_EQ(QueryInt(*database_, "SELECT COUNT(*) FROM v"), 0);
}

TEST(Postgres, ThatIsNotThereIsAnOutage) {
  auto database = Open("postgresql://idea@%2Fnowhere/idea");
  ASSERT_THAT(database, IsOk());
  const absl::Status status = Execute(**database, "SELECT 1");
  EXPECT_THAT(status, FailsWith(Reason::ERROR_REASON_STORAGE_UNAVAILABLE));
  EXPECT_EQ(status::ToWire(status).DebugString().find("nowhere"), std::string::npos) << "words stay inside";
}

}  // namespace
}  // namespace idea::storage
