#include <future>

#include "tests/contract/storage/contract.h"
#include "tests/support/eventually.h"

namespace idea::storage {
namespace {

using config::EmbeddedFile;

using Migrations = testing::OnBackend;
INSTANTIATE_TEST_SUITE_P(Every, Migrations, EveryEngine(), testing::BackendName);

constexpr EmbeddedFile kFirst = {
    "0001_letters.sql",
    "-- Letters; and who wrote them: 'quoted' here\n"
    "CREATE TABLE letters (\n"
    "  seq IDENTITY_KEY,  -- the order; of arrival\n"
    "  body BLOB,\n"
    "  sender TEXT NOT NULL DEFAULT 'a;b'\n"
    ");\n"
    "CREATE INDEX letters_by_sender ON letters (sender);\n"
    "INSERT INTO letters (sender) VALUES ('it''s; IDENTITY_KEY -- not a comment');\n"};
constexpr EmbeddedFile kSecond = {"0002_default.sql",
                                  "INSERT INTO letters (body) VALUES (NULL);\n;\n-- the end"};
constexpr EmbeddedFile kEnd = {nullptr, nullptr};

std::vector<std::string> Senders(Database& database) {
  std::vector<std::string> senders;
  for (const Row& row : Query(database, "SELECT seq, sender FROM letters ORDER BY seq"))
    senders.push_back(row.Text(1));
  return senders;
}

TEST_P(Migrations, RunEachFileOnceInOrder) {
  const EmbeddedFile old_version[] = {kFirst, kEnd};
  const EmbeddedFile new_version[] = {kFirst, kSecond, kEnd};
  ASSERT_THAT(Migrate(database(), "letters", old_version), IsOk());
  EXPECT_THAT(Senders(database()), ::testing::ElementsAre("it's; IDENTITY_KEY -- not a comment"));
  ASSERT_THAT(Migrate(database(), "letters", new_version), IsOk());
  ASSERT_THAT(Migrate(database(), "letters", new_version), IsOk());
  EXPECT_THAT(Senders(database()), ::testing::ElementsAre("it's; IDENTITY_KEY -- not a comment", "a;b"));
}

TEST_P(Migrations, OfSeveralSetsAreApart) {
  const EmbeddedFile one[] = {{"0001.sql", "CREATE TABLE one (n BIGINT)"}, kEnd};
  const EmbeddedFile two[] = {{"0001.sql", "CREATE TABLE two (n BIGINT)"}, kEnd};
  ASSERT_THAT(Migrate(database(), "one", one), IsOk());
  ASSERT_THAT(Migrate(database(), "two", two), IsOk());
  EXPECT_EQ(QueryInt(database(), "SELECT COUNT(*) FROM one"), 0);
  EXPECT_EQ(QueryInt(database(), "SELECT COUNT(*) FROM two"), 0);
}

TEST_P(Migrations, LeaveTheSchemaAsItWasWhereAFileFails) {
  const EmbeddedFile broken[] = {{"0001_ok.sql", "CREATE TABLE one (n BIGINT)"},
                                 {"0002_broken.sql", "CREATE TABLE two (n BIGINT); CREATE NONSENSE"},
                                 kEnd};
  const EmbeddedFile repaired[] = {broken[0], {"0002_broken.sql", "CREATE TABLE two (n BIGINT)"}, kEnd};
  const absl::Status failure = Migrate(database(), "letters", broken);
  EXPECT_TRUE(absl::IsInternal(failure));
  EXPECT_THAT(std::string(failure.message()), ::testing::HasSubstr("letters/0002_broken.sql"));
  const EmbeddedFile other[] = {{"0001_other.sql", "CREATE TABLE one (m BIGINT)"}, kEnd};
  EXPECT_THAT(Migrate(database(), "other", other), IsOk()) << "nothing is left of the first file either";
  EXPECT_THAT(database().Write([](Transaction& transaction) {
    return transaction.Execute("DROP TABLE one", {}).status();
  }),
              IsOk());
  EXPECT_THAT(Migrate(database(), "letters", repaired), IsOk());
}

TEST_P(Migrations, RunAFileOfOneEngineOnThatEngineOnly) {
  const EmbeddedFile files[] = {
      {"0001_name.sqlite.sql", "CREATE TABLE engines (name TEXT); INSERT INTO engines VALUES ('sqlite')"},
      {"0001_name.postgresql.sql",
       "CREATE TABLE engines (name TEXT); INSERT INTO engines VALUES ('postgresql')"},
      {"0002_both.sql", "INSERT INTO engines VALUES ('both')"},
      kEnd};
  for (int start = 0; start < 2; ++start) ASSERT_THAT(Migrate(database(), "engines", files), IsOk());
  std::vector<std::string> names;
  for (const Row& row : Query(database(), "SELECT name FROM engines ORDER BY name DESC"))
    names.push_back(row.Text(0));
  EXPECT_THAT(names, ::testing::ElementsAre(GetParam() == "postgres" ? "postgresql" : "sqlite", "both"));
}

// A file that takes a lock sees the writes of the previous owners of the lock.
TEST_P(Migrations, SeeWhatWasCommittedWhileTheyWaited) {
  if (GetParam() != "postgres") GTEST_SKIP() << "SQLite has one writer";
  const EmbeddedFile before[] = {
      {"0001.sql", "CREATE TABLE notes (n BIGINT); CREATE TABLE copies (n BIGINT)"}, kEnd};
  const EmbeddedFile after[] = {
      before[0],
      {"0002.sql", "LOCK TABLE notes IN EXCLUSIVE MODE; INSERT INTO copies SELECT n FROM notes"},
      kEnd};
  ASSERT_THAT(Migrate(database(), "notes", before), IsOk());
  std::promise<void> wrote, may_end;
  auto writer = std::async(std::launch::async, [&] {
    return database().Write([&](Transaction& transaction) -> absl::Status {
      RETURN_IF_ERROR(transaction.Execute("INSERT INTO notes VALUES (1)", {}).status());
      wrote.set_value();
      may_end.get_future().wait();
      return absl::OkStatus();
    });
  });
  wrote.get_future().wait();
  auto migration = std::async(std::launch::async, [&] { return Migrate(database(), "notes", after); });
  EXPECT_TRUE(testing::Eventually(
      [&] { return QueryInt(database(), "SELECT COUNT(*) FROM pg_locks WHERE NOT granted") > 0; }));
  may_end.set_value();
  ASSERT_THAT(writer.get(), IsOk());
  ASSERT_THAT(migration.get(), IsOk());
  EXPECT_EQ(QueryInt(database(), "SELECT COUNT(*) FROM copies"), 1);
}

TEST_P(Migrations, AreDoneOnceByManyAtTheSameMoment) {
  const EmbeddedFile files[] = {kFirst, kSecond, kEnd};
  InParallel(4, [&](int) { EXPECT_THAT(Migrate(database(), "letters", files), IsOk()); });
  EXPECT_EQ(Senders(database()).size(), 2u);
}

TEST_P(Migrations, AreDoneOnceByManyDatabasesAtTheSameMoment) {
  if (GetParam() == "memory") GTEST_SKIP() << "a database in memory has one process only";
  const EmbeddedFile files[] = {kFirst, kSecond, kEnd};
  testing::Place place(GetParam());
  InParallel(4, [&](int) {
    auto opened = Open(place.address());
    ASSERT_THAT(opened, IsOk());
    EXPECT_THAT(Migrate(**opened, "letters", files), IsOk());
  });
  auto opened = Open(place.address());
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(Senders(**opened).size(), 2u);
}

TEST_P(Migrations, NumberRowsInOrder) {
  const EmbeddedFile files[] = {kFirst, kEnd};
  ASSERT_THAT(Migrate(database(), "letters", files), IsOk());
  int64_t last = 0;
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(database().Write([&](Transaction& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(auto row, transaction.QueryOne("INSERT INTO letters (body) VALUES ($1) RETURNING seq",
                                                      {Blob{"x"}}));
      EXPECT_GT(row->Int(0), last);
      last = row->Int(0);
      return absl::OkStatus();
    }),
                IsOk());
  }
}

TEST_P(Migrations, OfALaterReleaseKeepAnEarlierProgramFromStarting) {
  const config::EmbeddedFile earlier[] = {{"0001_a.sql", "CREATE TABLE a (n BIGINT);"}, {nullptr, nullptr}};
  const config::EmbeddedFile later[] = {{"0001_a.sql", "CREATE TABLE a (n BIGINT);"},
                                        {"0002_b.sql", "CREATE TABLE b (n BIGINT);"},
                                        {nullptr, nullptr}};
  ASSERT_THAT(Migrate(database(), "set", later), IsOk());
  const absl::Status refused = Migrate(database(), "set", earlier);
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), ::testing::HasSubstr("set/0002_b.sql"));
  EXPECT_THAT(Migrate(database(), "set", later), IsOk());
}

TEST_P(Migrations, ThatAreMarkedCompatibleLetAnEarlierProgramStart) {
  const config::EmbeddedFile earlier[] = {{"0001_a.sql", "CREATE TABLE a (n BIGINT);"}, {nullptr, nullptr}};
  const config::EmbeddedFile later[] = {{"0001_a.sql", "CREATE TABLE a (n BIGINT);"},
                                        {"0002_b.sql", "-- compatible\nCREATE TABLE b (n BIGINT);"},
                                        {nullptr, nullptr}};
  const config::EmbeddedFile latest[] = {
      later[0], later[1], {"0003_c.sql", "CREATE TABLE c (n BIGINT);"}, {nullptr, nullptr}};
  ASSERT_THAT(Migrate(database(), "set", earlier), IsOk());
  ASSERT_THAT(Migrate(database(), "set", later), IsOk());
  EXPECT_THAT(Migrate(database(), "set", earlier), IsOk());
  ASSERT_THAT(Migrate(database(), "set", latest), IsOk());
  EXPECT_TRUE(absl::IsFailedPrecondition(Migrate(database(), "set", earlier)));
}

}  // namespace
}  // namespace idea::storage
