#include <limits>

#include "tests/contract/storage/contract.h"

namespace idea::storage {
namespace {

using ::testing::ElementsAre;

using Values = testing::OnBackend;
INSTANTIATE_TEST_SUITE_P(Every, Values, EveryEngine(), testing::BackendName);

std::string EveryByte() {
  std::string bytes(1 << 20, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i % 256);
  return bytes;
}

TEST_P(Values, ComeBackAsTheyWere) {
  ASSERT_THAT(Execute(database(), "CREATE TABLE v (id BIGINT PRIMARY KEY, n BIGINT, t TEXT, b BLOB)"),
              IsOk());
  struct {
    const char* name;
    Value number, text, blob;
  } cases[] = {
      {"nulls", std::monostate(), std::monostate(), std::monostate()},
      {"the ends of the numbers", std::numeric_limits<int64_t>::min(), std::string("min"), Blob{"x"}},
      {"the other end", std::numeric_limits<int64_t>::max(), std::string("max"), Blob{"y"}},
      {"nothing, which is not null", int64_t{0}, std::string(), Blob{}},
      {"letters of the world", int64_t{-1}, std::string("Año naïve 数据 🐻 'quoted' \\x41"), Blob{"\\x41"}},
      {"digits as text", int64_t{7}, std::string("007"), Blob{"007"}},
      {"a megabyte of every byte", int64_t{1}, std::string(100'000, 'a'), Blob{EveryByte()}},
  };
  int64_t id = 0;
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    ++id;
    ASSERT_THAT(Execute(database(), "INSERT INTO v (id, n, t, b) VALUES ($1, $2, $3, $4)",
                        {id, one.number, one.text, one.blob}),
                IsOk());
    const Rows rows = Query(database(), "SELECT n, t, b FROM v WHERE id = $1", {id});
    ASSERT_EQ(rows.size(), 1u);
    ASSERT_EQ(rows[0].IsNull(0), std::holds_alternative<std::monostate>(one.number));
    if (rows[0].IsNull(0)) {
      EXPECT_TRUE(rows[0].IsNull(1) && rows[0].IsNull(2));
      continue;
    }
    EXPECT_EQ(rows[0].Int(0), std::get<int64_t>(one.number));
    EXPECT_EQ(rows[0].Text(1), std::get<std::string>(one.text));
    EXPECT_EQ(rows[0].Bytes(2), std::get<Blob>(one.blob).bytes);
  }
}

TEST_P(Values, OfCountsSumsAndComparisonsAreNumbers) {
  ASSERT_THAT(Execute(database(), "CREATE TABLE v (n BIGINT NOT NULL)"), IsOk());
  ASSERT_THAT(Execute(database(), "INSERT INTO v (n) VALUES ($1), ($2)", {int64_t{40}, int64_t{2}}), IsOk());
  const Rows rows = Query(database(), "SELECT COUNT(*), SUM(n), MAX(n) > 3, COALESCE(MAX(n), 0) FROM v");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].Int(0), 2);
  EXPECT_EQ(rows[0].Int(1), 42);
  EXPECT_EQ(rows[0].Int(2), 1);
  EXPECT_EQ(rows[0].Int(3), 40);
}

TEST_P(Values, MayBeUsedTwiceAndOutOfOrder) {
  ASSERT_THAT(Execute(database(), "CREATE TABLE v (a TEXT, b TEXT, c TEXT)"), IsOk());
  ASSERT_THAT(Execute(database(), "INSERT INTO v (a, b, c) VALUES ($2, $1, $2)",
                      {std::string("one"), std::string("two")}),
              IsOk());
  const Rows rows = Query(database(), "SELECT a, b, c FROM v");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].Text(0) + rows[0].Text(1) + rows[0].Text(2), "twoonetwo");
}

TEST_P(Values, ThatAreMissingOrTooManyAreRefused) {
  ASSERT_THAT(Execute(database(), "CREATE TABLE v (a TEXT, b TEXT)"), IsOk());
  const std::string insert = "INSERT INTO v (a, b) VALUES ($1, $2)";
  EXPECT_TRUE(absl::IsInternal(Execute(database(), insert, {std::string("a")})));
  EXPECT_TRUE(
      absl::IsInternal(Execute(database(), insert, {std::string("a"), std::string("b"), std::string("c")})));
  EXPECT_EQ(QueryInt(database(), "SELECT COUNT(*) FROM v"), 0);
}

TEST_P(Values, WithAZeroByteInATextAreRefusedAndNotCutShort) {
  ASSERT_THAT(Execute(database(), "CREATE TABLE v (a TEXT)"), IsOk());
  EXPECT_TRUE(
      absl::IsInternal(Execute(database(), "INSERT INTO v (a) VALUES ($1)", {std::string("a\0b", 3)})));
  EXPECT_EQ(QueryInt(database(), "SELECT COUNT(*) FROM v"), 0);
}

TEST_P(Values, OfTextThatIsNotUtf8AreRefused) {
  ASSERT_THAT(Execute(database(), "CREATE TABLE v (a TEXT)"), IsOk());
  for (const char* text : {"\xff", "a\xc3", "\xed\xa0\x80", "\xc0\xaf"}) {
    EXPECT_TRUE(absl::IsInternal(Execute(database(), "INSERT INTO v (a) VALUES ($1)", {std::string(text)})));
  }
  EXPECT_EQ(QueryInt(database(), "SELECT COUNT(*) FROM v"), 0);
}

TEST_P(Values, OfPairsAreComparedInOrder) {
  ASSERT_THAT(Execute(database(), "CREATE TABLE v (a BIGINT, b TEXT)"), IsOk());
  for (int64_t a : {1, 2, 3}) {
    for (const char* b : {"x", "y"})
      ASSERT_THAT(Execute(database(), "INSERT INTO v VALUES ($1, $2)", {a, std::string(b)}), IsOk());
  }
  std::vector<std::string> found;
  for (const Row& row :
       Query(database(), "SELECT a, b FROM v WHERE (a, b) < ($1, $2) ORDER BY a DESC, b DESC LIMIT $3",
             {int64_t{3}, std::string("x"), int64_t{3}})) {
    found.push_back(std::to_string(row.Int(0)) + row.Text(1));
  }
  EXPECT_THAT(found, ElementsAre("2y", "2x", "1y"));
}

TEST_P(Values, AreLikeAPatternInTheSameCaseOnly) {
  ASSERT_THAT(Execute(database(), "CREATE TABLE v (a TEXT)"), IsOk());
  ASSERT_THAT(
      Execute(database(), "INSERT INTO v VALUES ($1), ($2)", {std::string("Health"), std::string("health")}),
      IsOk());
  EXPECT_EQ(QueryInt(database(), "SELECT COUNT(*) FROM v WHERE a LIKE $1", {std::string("h%")}), 1);
}

TEST_P(Values, ComeBackFromTheStatementThatChangedThem) {
  ASSERT_THAT(Execute(database(), "CREATE TABLE v (id BIGINT PRIMARY KEY, n BIGINT)"), IsOk());
  ASSERT_THAT(Execute(database(), "INSERT INTO v VALUES (1, 10), (2, 20)"), IsOk());
  std::vector<int64_t> seen;
  ASSERT_THAT(database().Write([&](Transaction& transaction) -> absl::Status {
    seen.clear();
    ASSIGN_OR_RETURN(Rows rows, transaction.Query("UPDATE v SET n = n + $1 RETURNING n", {int64_t{1}}));
    for (const Row& row : rows) seen.push_back(row.Int(0));
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_THAT(seen, ::testing::UnorderedElementsAre(11, 21));
  EXPECT_EQ(QueryInt(database(), "SELECT n FROM v WHERE id = 2"), 21);
}

}  // namespace
}  // namespace idea::storage
