#include <limits>

#include "tests/contract/storage/contract.h"

// Deferred statements (Transaction::ExecuteDeferred), which an engine may keep back.
namespace idea::storage {
namespace {

using status::Error;
using status::Reason;

constexpr char kInsert[] = "INSERT INTO v (n) VALUES ($1)";
constexpr char kUpdate[] = "UPDATE v SET n = n + $1 WHERE n = $2";
constexpr char kCount[] = "SELECT COUNT(*) FROM v WHERE n >= $1";

RowCheck Taken() { return FailIfExists(Error(Reason::ERROR_REASON_CONCURRENT_CHANGE, "taken")); }
RowCheck None() { return FailIfNoRows(Error(Reason::ERROR_REASON_INCOMPLETE, "none")); }

absl::StatusOr<int64_t> CountIn(Transaction& transaction) {
  ASSIGN_OR_RETURN(const auto row, transaction.QueryOne(kCount, {int64_t{0}}));
  return row->Int(0);
}

class Deferred : public testing::OnBackend {
 protected:
  void SetUp() override {
    OnBackend::SetUp();
    if (IsSkipped()) return;
    ASSERT_THAT(storage::Execute(database(), "CREATE TABLE v (n BIGINT PRIMARY KEY)"), IsOk());
    ASSERT_THAT(storage::Execute(database(), "INSERT INTO v VALUES (1000)"), IsOk());
  }
  int64_t Count() { return QueryInt(database(), "SELECT COUNT(*) FROM v"); }
};
INSTANTIATE_TEST_SUITE_P(Every, Deferred, EveryEngine(), testing::BackendName);

TEST_P(Deferred, AreSeenByWhateverIsAskedLater) {
  // The second time, all statements are prepared.
  for (const int64_t first : {1, 11}) {
    EXPECT_THAT(database().Write([&](Transaction& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(const int64_t before, CountIn(transaction));
      RETURN_IF_ERROR(transaction.ExecuteDeferred(kInsert, {first}));
      RETURN_IF_ERROR(transaction.ExecuteDeferred(kInsert, {first + 1}, Taken()));
      ASSIGN_OR_RETURN(const int64_t now, CountIn(transaction));
      EXPECT_EQ(now, before + 2);
      RETURN_IF_ERROR(transaction.ExecuteDeferred(kInsert, {first + 2}));
      ASSIGN_OR_RETURN(const int64_t changed, transaction.Execute(kUpdate, {int64_t{5}, first + 2}));
      EXPECT_EQ(changed, 1);
      return transaction.ExecuteDeferred(kInsert, {first + 3});
    }),
                IsOk());
    EXPECT_EQ(QueryInt(database(), "SELECT COUNT(*) FROM v WHERE n >= $1 AND n < $2", {first, first + 10}),
              4);
    EXPECT_EQ(QueryInt(database(), "SELECT COUNT(*) FROM v WHERE n = $1", {first + 7}), 1);
  }
}

TEST_P(Deferred, RunInTheirOrder) {
  EXPECT_THAT(database().Write([](Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(transaction.ExecuteDeferred(kInsert, {int64_t{1}}));
    for (int64_t n = 1; n < 10; ++n)
      RETURN_IF_ERROR(transaction.ExecuteDeferred(kUpdate, {int64_t{1}, n}, None()));
    return transaction.ExecuteDeferred("DELETE FROM v WHERE n = 1000", {}, None());
  }),
              IsOk());
  EXPECT_EQ(QueryInt(database(), "SELECT n FROM v"), 10);
}

TEST_P(Deferred, AreUndoneWithTheirTransaction) {
  EXPECT_THAT(database().Write([](Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(transaction.ExecuteDeferred(kInsert, {int64_t{1}}));
    return Error(Reason::ERROR_REASON_NOT_FOUND, "something else");
  }),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_EQ(Count(), 1);
}

// Each kind of failure, detected by a later query, by the result of the body, or at the end.
TEST_P(Deferred, FailTheTransactionByTheirVerdict) {
  const struct {
    const char* name;
    std::function<absl::Status(Transaction&)> send;
    std::function<void(const absl::Status&)> expect;
  } cases[] = {
      {"a key that is taken",
       [](Transaction& db) { return db.ExecuteDeferred(kInsert, {int64_t{1000}}, Taken()); },
       [](const absl::Status& status) {
         EXPECT_THAT(status, FailsWith(Reason::ERROR_REASON_CONCURRENT_CHANGE));
       }},
      {"no row",
       [](Transaction& db) {
         return db.ExecuteDeferred(kUpdate, {int64_t{1}, int64_t{7}}, None());
       },
       [](const absl::Status& status) { EXPECT_THAT(status, FailsWith(Reason::ERROR_REASON_INCOMPLETE)); }},
      {"a key that nobody thought of",
       [](Transaction& db) { return db.ExecuteDeferred(kInsert, {int64_t{1000}}, None()); },
       [](const absl::Status& status) { EXPECT_TRUE(absl::IsInternal(status)) << status; }},
      {"without a check", [](Transaction& db) { return db.ExecuteDeferred(kInsert, {int64_t{1000}}); },
       [](const absl::Status& status) { EXPECT_TRUE(absl::IsInternal(status)) << status; }},
      {"a check that ignores the failure",
       [](Transaction& db) {
         return db.ExecuteDeferred(kInsert, {int64_t{1000}}, [](const auto&) { return absl::OkStatus(); });
       },
       [](const absl::Status& status) { EXPECT_TRUE(absl::IsInternal(status)) << status; }},
      {"a statement that is none",
       [](Transaction& db) { return db.ExecuteDeferred("INSERT $1", {int64_t{1}}); },
       [](const absl::Status& status) { EXPECT_TRUE(absl::IsInternal(status)) << status; }},
      {"an argument too many",
       [](Transaction& db) {
         return db.ExecuteDeferred(kInsert, {int64_t{1}, int64_t{2}});
       },
       [](const absl::Status& status) { EXPECT_TRUE(absl::IsInternal(status)) << status; }},
  };
  const std::function<absl::Status(Transaction&)> ends[] = {
      [](Transaction&) { return absl::OkStatus(); },
      [](Transaction& db) { return CountIn(db).status(); },
      [](Transaction& db) { return db.ExecuteDeferred(kInsert, {int64_t{3}}); },
      [](Transaction&) -> absl::Status { return Error(Reason::ERROR_REASON_NOT_FOUND, "what came later"); },
  };
  for (const auto& one : cases) {
    for (const auto& end : ends) {
      SCOPED_TRACE(one.name);
      one.expect(database().Write([&](Transaction& transaction) -> absl::Status {
        RETURN_IF_ERROR(transaction.ExecuteDeferred(kInsert, {int64_t{2}}));
        RETURN_IF_ERROR(one.send(transaction));
        return end(transaction);
      }));
      EXPECT_EQ(Count(), 1);
    }
  }
}

TEST_P(Deferred, ThatConflictAreRunAgain) {
  int runs = 0;
  EXPECT_THAT(database().Write([&](Transaction& transaction) -> absl::Status {
    const int64_t taken = ++runs < 3 ? 1000 : 1;
    return transaction.ExecuteDeferred(kInsert, {taken}, FailIfExists(absl::AbortedError("in the way")));
  }),
              IsOk());
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(Count(), 2);
}

TEST_P(Deferred, CannotChangeDataInARead) {
  EXPECT_TRUE(absl::IsInternal(database().Read(
      [](Transaction& transaction) { return transaction.ExecuteDeferred(kInsert, {int64_t{1}}); })));
  EXPECT_EQ(Count(), 1);
}

TEST_P(Deferred, MayFollowOnesThatAreNone) {
  for (int64_t n = 1; n <= 3; ++n) {
    const std::string number = std::to_string(n);
    EXPECT_TRUE(absl::IsInternal(storage::Execute(database(), "INSERT " + number + " $1", {n})));
    EXPECT_THAT(storage::Execute(database(), "INSERT INTO v (n) VALUES ($1 + " + number + ")", {int64_t{0}}),
                IsOk());
  }
  EXPECT_EQ(Count(), 4);
}

TEST_P(Deferred, MayBeMoreThanAConnectionRemembers) {
  EXPECT_THAT(database().Write([](Transaction& transaction) -> absl::Status {
    for (int64_t n = 1; n <= 600; ++n) {
      RETURN_IF_ERROR(transaction.ExecuteDeferred("INSERT INTO v (n) VALUES ($1 + " + std::to_string(n) + ")",
                                                  {int64_t{0}}));
      RETURN_IF_ERROR(transaction.ExecuteDeferred(kUpdate, {int64_t{1000}, n}, None()));
    }
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_EQ(QueryInt(database(), "SELECT COUNT(*) FROM v WHERE n > 1000"), 600);
}

TEST_P(Deferred, KeepEveryValueAsItWas) {
  ASSERT_THAT(storage::Execute(database(), "CREATE TABLE w (id BIGINT PRIMARY KEY, t TEXT, b BLOB)"), IsOk());
  std::string bytes(1 << 16, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i % 256);
  const struct {
    Value text, blob;
  } cases[] = {
      {std::monostate(), std::monostate()},
      {std::string(), Blob{}},
      {std::string("O'Brien \\' \"quoted\" $1 %s; -- ''"), Blob{"'); DROP TABLE w; --"}},
      {std::string("\\x41\\\n\t数据 🐻"), Blob{"\\x41"}},
      {std::string(100'000, '\''), Blob{bytes}},
  };
  int64_t id = 0;
  for (const auto& one : cases) {
    for (const bool judged : {false, true}) {
      const RowCheck check = judged ? None() : nullptr;
      ASSERT_THAT(database().Write([&](Transaction& transaction) -> absl::Status {
        for (const int64_t next : {id, id + 1}) {
          RETURN_IF_ERROR(transaction.ExecuteDeferred("INSERT INTO w (id, t, b) VALUES ($1, $2, $3)",
                                                      {next, one.text, one.blob}, check));
        }
        // Queried by its value, in one message with the statement that stored it.
        ASSIGN_OR_RETURN(
            const auto found,
            transaction.QueryOne("SELECT COUNT(*) FROM w WHERE id >= $1 AND t = $2", {id, one.text}));
        EXPECT_EQ(found->Int(0), std::holds_alternative<std::monostate>(one.text) ? 0 : 2);
        return absl::OkStatus();
      }),
                  IsOk());
      for (const int64_t stored : {id, id + 1}) {
        const Rows rows = Query(database(), "SELECT t, b FROM w WHERE id = $1", {stored});
        ASSERT_EQ(rows.size(), 1U);
        ASSERT_EQ(rows[0].IsNull(0), std::holds_alternative<std::monostate>(one.text));
        if (rows[0].IsNull(0)) continue;
        EXPECT_EQ(rows[0].Text(0), std::get<std::string>(one.text));
        EXPECT_EQ(rows[0].Bytes(1), std::get<Blob>(one.blob).bytes);
      }
      id += 2;
    }
  }
  EXPECT_THAT(database().Write([](Transaction& transaction) {
    return transaction.ExecuteDeferred("INSERT INTO w (id, t) VALUES ($1, $2)",
                                       {std::numeric_limits<int64_t>::min(), std::string("the smallest")},
                                       None());
  }),
              IsOk());
  EXPECT_EQ(QueryInt(database(), "SELECT COUNT(*) FROM w WHERE id < 0"), 1);
}

}  // namespace
}  // namespace idea::storage
