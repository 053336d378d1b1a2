#include <sys/stat.h>

#include <filesystem>
#include <future>

#include "tests/contract/storage/contract.h"

namespace idea::storage {
namespace {

using status::Reason;

// What needs more than one opened database, or a certain engine.
using Addresses = testing::OnBackend;
INSTANTIATE_TEST_SUITE_P(Every, Addresses, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

absl::Status Add(Database& database, int64_t n) { return Do(database, "INSERT INTO v VALUES ($1)", {n}); }

TEST_P(Addresses, KeepWhatWasAcknowledged) {
  testing::Place place(GetParam());
  {
    auto first = Open(place.address());
    ASSERT_THAT(first, IsOk());
    ASSERT_THAT(Do(**first, "CREATE TABLE v (n BIGINT)"), IsOk());
    InParallel(64, [&](int i) { EXPECT_THAT(Add(**first, i), IsOk()); });
    auto beside = Open(place.address());
    ASSERT_THAT(beside, IsOk());
    EXPECT_EQ(AskInt(**beside, "SELECT COUNT(*) FROM v"), 64) << "seen by another while the first is open";
  }
  auto again = Open(place.address());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(AskInt(**again, "SELECT COUNT(*) FROM v"), 64);
}

TEST_P(Addresses, MayBeOpenedByTwoWritersAtOnce) {
  testing::Place place(GetParam());
  auto one = Open(place.address());
  auto two = Open(place.address());
  ASSERT_THAT(one, IsOk());
  ASSERT_THAT(two, IsOk());
  ASSERT_THAT(Do(**one, "CREATE TABLE v (n BIGINT)"), IsOk());
  InParallel(8, [&](int i) {
    for (int64_t n = 0; n < 25; ++n) EXPECT_THAT(Add(i % 2 == 0 ? **one : **two, n), IsOk());
  });
  EXPECT_EQ(AskInt(**one, "SELECT COUNT(*) FROM v"), 200);
}

TEST(Address, IsRefusedWhenItIsNone) {
  const char* wrong[] = {"", "mysql://host/db", "sqlite", "sqlite:", "/var/lib/idea.db"};
  for (const char* address : wrong) EXPECT_TRUE(absl::IsInvalidArgument(Open(address).status())) << address;
}

TEST(Address, OfAFileMakesItsFolder) {
  testing::Place place("sqlite");
  auto database = Open(place.address() + ".d/deeper/idea.db");
  ASSERT_THAT(database, IsOk());
  EXPECT_THAT(Do(**database, "CREATE TABLE v (n BIGINT)"), IsOk());
}

TEST(Address, OfAFileThatCannotBeIsNamedInTheFailure) {
  const char* impossible[] = {"/dev/null/idea.db", "/proc/idea/idea.db", "/"};
  for (const char* path : impossible) {
    const absl::Status status = Open(std::string("sqlite:") + path).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr(path == std::string("/") ? "/" : "idea"));
  }
}

// Holds the writer inside a body until enough others wait for it, and sees that they got one commit together.
TEST(SqliteGroups, ShareOneCommit) {
  testing::Place place("sqlite");
  auto database = Open(place.address());
  auto observer = Open(place.address());
  ASSERT_THAT(database, IsOk());
  ASSERT_THAT(observer, IsOk());
  ASSERT_THAT(Do(**database, "CREATE TABLE v (n BIGINT)"), IsOk());
  std::promise<void> inside, go_on;
  auto holder = std::async(std::launch::async, [&] {
    return (*database)->Write([&](Transaction&) {
      inside.set_value();
      go_on.get_future().wait();
      return absl::OkStatus();
    });
  });
  inside.get_future().wait();
  std::atomic<int> running = 0;
  std::vector<std::future<absl::Status>> writers;
  for (int64_t i = 0; i < 20; ++i) {
    writers.push_back(std::async(std::launch::async, [&, i] {
      return (*database)->Write([&, i](Transaction& transaction) -> absl::Status {
        // In one group the later bodies see the earlier ones, while another connection sees none of them.
        ASSIGN_OR_RETURN(auto row, transaction.QueryOne("SELECT COUNT(*) FROM v", {}));
        if (row->Int(0) > 0 && AskInt(**observer, "SELECT COUNT(*) FROM v") == 0) ++running;
        return transaction.Execute("INSERT INTO v VALUES ($1)", {i}).status();
      });
    }));
  }
  go_on.set_value();
  EXPECT_THAT(holder.get(), IsOk());
  for (auto& writer : writers) EXPECT_THAT(writer.get(), IsOk());
  EXPECT_GT(running, 0) << "no two writers were committed together";
  EXPECT_EQ(AskInt(**observer, "SELECT COUNT(*) FROM v"), 20);
}

TEST(SqliteLog, StaysSmallUnderSteadyWriting) {
  testing::Place place("sqlite");
  const std::string file = place.address().substr(std::string("sqlite:").size());
  auto database = Open(place.address());
  ASSERT_THAT(database, IsOk());
  ASSERT_THAT(Do(**database, "CREATE TABLE v (n BIGINT, b BLOB)"), IsOk());
  const Blob megabyte{std::string(1 << 20, 'x')};
  uintmax_t largest = 0;
  for (int64_t n = 0; n < 150; ++n) {
    ASSERT_THAT(Do(**database, "INSERT INTO v VALUES ($1, $2)", {n, megabyte}), IsOk());
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
  ASSERT_THAT(Do(**database, "CREATE TABLE v (n BIGINT, b BLOB)"), IsOk());
  ASSERT_THAT(Do(**database, "PRAGMA max_page_count = 20"), IsOk());
  const absl::Status full = Do(**database, "INSERT INTO v VALUES (1, $1)", {Blob{std::string(1 << 20, 'x')}});
  EXPECT_THAT(full, FailsWith(Reason::ERROR_REASON_STORAGE_UNAVAILABLE));
  EXPECT_EQ(status::ToWire(full).DebugString().find("disk"), std::string::npos)
      << "the driver's words stay inside";
  EXPECT_THAT(Do(**database, "INSERT INTO v VALUES (2, NULL)"), IsOk());
  EXPECT_EQ(AskInt(**database, "SELECT COUNT(*) FROM v"), 1);
}

}  // namespace
}  // namespace idea::storage
