#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>

#include "tests/contract/storage/contract.h"

namespace idea::storage {
namespace {

using status::Reason;

constexpr config::EmbeddedFile kOneFile[] = {{"0001_one.sql", "CREATE TABLE one (n BIGINT)"},
                                             {nullptr, nullptr}};

class Transactions : public testing::OnBackend {
 protected:
  void SetUp() override {
    testing::OnBackend::SetUp();
    if (IsSkipped()) return;
    ASSERT_THAT(Execute(database(), "CREATE TABLE counter (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)"),
                IsOk());
    ASSERT_THAT(Execute(database(), "INSERT INTO counter VALUES (1, 0)"), IsOk());
  }
  int64_t Counter() { return QueryInt(database(), "SELECT n FROM counter WHERE id = 1"); }
  int64_t Counters() { return QueryInt(database(), "SELECT COUNT(*) FROM counter"); }
};
INSTANTIATE_TEST_SUITE_P(Every, Transactions, EveryEngine(), testing::BackendName);

// Reads a number, then writes it plus one: a lost update if another transaction comes in between.
absl::Status Increment(Transaction& transaction) {
  ASSIGN_OR_RETURN(auto row, transaction.QueryOne("SELECT n FROM counter WHERE id = 1", {}));
  return transaction.Execute("UPDATE counter SET n = $1 WHERE id = 1", {row->Int(0) + 1}).status();
}

TEST_P(Transactions, AreKeptWhenTheBodySaysOk) {
  EXPECT_THAT(database().Write(Increment), IsOk());
  EXPECT_EQ(Counter(), 1);
}

TEST_P(Transactions, LeaveNothingWhenTheBodyFails) {
  const absl::Status refusal =
      status::Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED, "not now").With("state", "DRAFT");
  EXPECT_EQ(database().Write([&](Transaction& transaction) {
    EXPECT_THAT(Increment(transaction), IsOk());
    EXPECT_THAT(transaction.Execute("INSERT INTO counter VALUES (2, 0)", {}).status(), IsOk());
    return refusal;
  }),
            refusal);
  EXPECT_EQ(Counter(), 0);
  EXPECT_EQ(Counters(), 1);
}

// SQLite keeps the earlier pages of a statement, and of a job after the first of its group, until it ends.
TEST_P(Transactions, MayChangeManyLargeRows) {
  constexpr int64_t kRows = 400;
  const std::string wide(8'000, 'a');
  ASSERT_THAT(
      Execute(database(), "CREATE TABLE wide (id BIGINT PRIMARY KEY, n BIGINT NOT NULL UNIQUE, body TEXT)"),
      IsOk());
  const auto fill = [&](int64_t from) {
    return database().Write([&](Transaction& transaction) -> absl::Status {
      for (int64_t id = from; id < from + kRows; ++id) {
        RETURN_IF_ERROR(transaction.Execute("INSERT INTO wide VALUES ($1, $1, $2)", {id, wide}).status());
      }
      return absl::OkStatus();
    });
  };
  const auto change = [](Transaction& transaction) {
    return transaction.Execute("UPDATE wide SET n = n + 100000, body = body || 'b'", {}).status();
  };
  ASSERT_THAT(fill(0), IsOk());
  EXPECT_THAT(database().Write(change), IsOk());
  std::vector<std::future<absl::Status>> writers;
  for (int64_t i = 1; i <= 8; ++i) writers.push_back(std::async(std::launch::async, fill, i * kRows));
  for (auto& writer : writers) EXPECT_THAT(writer.get(), IsOk());
  EXPECT_EQ(QueryInt(database(), "SELECT COUNT(*) FROM wide"), 9 * kRows);
}

TEST_P(Transactions, SayHowManyRowsAStatementChanged) {
  EXPECT_THAT(database().Write([](Transaction& transaction) -> absl::Status {
    const std::string guarded = "UPDATE counter SET n = n + 1 WHERE id = 1 AND n = $1";
    EXPECT_THAT(transaction.Execute(guarded, {int64_t{0}}), testing::IsOkAndHolds(1));
    EXPECT_THAT(transaction.Execute(guarded, {int64_t{0}}), testing::IsOkAndHolds(0));
    EXPECT_THAT(transaction.Execute("CREATE TABLE other (id BIGINT)", {}), testing::IsOkAndHolds(0));
    EXPECT_THAT(transaction.Execute("INSERT INTO other VALUES (1), (2), (3)", {}), testing::IsOkAndHolds(3));
    EXPECT_THAT(transaction.Execute("INSERT INTO counter VALUES (1, 5) ON CONFLICT DO NOTHING", {}),
                testing::IsOkAndHolds(0));
    EXPECT_THAT(transaction.Execute("DELETE FROM other", {}), testing::IsOkAndHolds(3));
    return absl::OkStatus();
  }),
              IsOk());
}

TEST_P(Transactions, RefuseATakenKeyAndNothingElseOfTheBodyStays) {
  EXPECT_TRUE(absl::IsAlreadyExists(database().Write([](Transaction& transaction) -> absl::Status {
    EXPECT_THAT(Increment(transaction), IsOk());
    return transaction.Execute("INSERT INTO counter VALUES (1, 0)", {}).status();
  })));
  EXPECT_EQ(Counter(), 0);
}

TEST_P(Transactions, AreNotKeptWhenAStatementFailedAndTheBodySaysOkAllTheSame) {
  EXPECT_TRUE(absl::IsAlreadyExists(database().Write([](Transaction& transaction) -> absl::Status {
    EXPECT_THAT(Increment(transaction), IsOk());
    transaction.Execute("INSERT INTO counter VALUES (1, 0)", {}).IgnoreError();
    return absl::OkStatus();
  })));
  EXPECT_EQ(Counter(), 0);
}

TEST_P(Transactions, FailWithoutAReasonWhenTheSqlIsWrong) {
  EXPECT_TRUE(absl::IsInternal(Execute(database(), "UPDATE nowhere SET n = 1")));
  EXPECT_TRUE(absl::IsInternal(Execute(database(), "INSERT INTO counter VALUES (2, NULL)")));
  EXPECT_THAT(database().Write(Increment), IsOk()) << "and the next one works";
}

TEST_P(Transactions, OfManyWritersLoseNoUpdate) {
  // More writers of one row than five retries can serve on PostgreSQL: a refused one can retry.
  InParallel(32, [&](int) {
    absl::Status status = database().Write(Increment);
    while (status::ReasonOf(status) == Reason::ERROR_REASON_STORAGE_UNAVAILABLE)
      status = database().Write(Increment);
    EXPECT_THAT(status, IsOk());
  });
  EXPECT_EQ(Counter(), 32);
}

TEST_P(Transactions, OfManyWritersAreKeptOrLeftOneByOne) {
  InParallel(32, [&](int i) {
    const absl::Status status = database().Write([&](Transaction& transaction) -> absl::Status {
      RETURN_IF_ERROR(transaction.Execute("INSERT INTO counter VALUES ($1, 0)", {int64_t{100} + i}).status());
      if (i % 2 == 0) return absl::OkStatus();
      return status::Error(Reason::ERROR_REASON_INCOMPLETE, "odd");
    });
    EXPECT_EQ(status.ok(), i % 2 == 0);
  });
  EXPECT_EQ(QueryInt(database(), "SELECT COUNT(*) FROM counter WHERE id >= 100"), 16);
  EXPECT_EQ(QueryInt(database(), "SELECT COUNT(*) FROM counter WHERE id >= 100 AND id % 2 = 1"), 0);
}

TEST_P(Transactions, AreRunAgainAfterAConflict) {
  int runs = 0;
  EXPECT_THAT(database().Write([&](Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(Increment(transaction));
    return ++runs < 3 ? absl::AbortedError("in the way") : absl::OkStatus();
  }),
              IsOk());
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(Counter(), 1) << "what the conflicting runs wrote is gone";
}

TEST_P(Transactions, GiveUpWhenConflictsDoNotEnd) {
  int runs = 0;
  const absl::Status status = database().Write([&](Transaction&) -> absl::Status {
    ++runs;
    return absl::AbortedError("in the way");
  });
  EXPECT_THAT(status, FailsWith(Reason::ERROR_REASON_STORAGE_UNAVAILABLE));
  EXPECT_TRUE(status::IsRetryable(status));
  EXPECT_EQ(runs, 6);
  EXPECT_EQ(status::ToWire(status).DebugString().find("in the way"), std::string::npos)
      << "words stay inside";
}

TEST_P(Transactions, AreNotRunAgainWhenTheConflictIsAnAnswer) {
  int runs = 0;
  EXPECT_THAT(database().Write([&](Transaction&) -> absl::Status {
    ++runs;
    return status::Error(Reason::ERROR_REASON_CONCURRENT_CHANGE, "changed in between");
  }),
              FailsWith(Reason::ERROR_REASON_CONCURRENT_CHANGE));
  EXPECT_EQ(runs, 1);
}

TEST_P(Transactions, ThatReadSeeOneMomentOnly) {
  std::future<absl::Status> write;
  EXPECT_THAT(database().Read([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(auto before, transaction.QueryOne("SELECT n FROM counter WHERE id = 1", {}));
    write = std::async(std::launch::async, [&] { return database().Write(Increment); });
    // In memory, a write waits for the read instead.
    if (GetParam() != "memory") write.wait();
    ASSIGN_OR_RETURN(auto after, transaction.QueryOne("SELECT n FROM counter WHERE id = 1", {}));
    EXPECT_EQ(before->Int(0), 0);
    EXPECT_EQ(after->Int(0), 0);
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_THAT(write.get(), IsOk());
  EXPECT_EQ(Counter(), 1);
}

TEST_P(Transactions, AreUndoneWhenTheirBodyThrows) {
  const absl::Status status = database().Write([](Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(Increment(transaction));
    throw std::runtime_error("planted failure");
  });
  EXPECT_TRUE(absl::IsInternal(status)) << status;
  EXPECT_TRUE(absl::IsInternal(database().Read([](Transaction&) -> absl::Status { throw 7; })));
  EXPECT_EQ(Counter(), 0);
  EXPECT_THAT(database().Write(Increment), IsOk());
}

TEST_P(Transactions, ThatReadChangeNothing) {
  EXPECT_TRUE(absl::IsInternal(database().Read(Increment)));
  EXPECT_EQ(Counter(), 0);
  EXPECT_THAT(database().Write(Increment), IsOk());
}

TEST_P(Transactions, ThatReadReturnWhatTheBodyReturns) {
  EXPECT_THAT(database().Read([](Transaction&) {
    return status::Error(Reason::ERROR_REASON_NOT_FOUND, "gone").ToStatus();
  }),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

TEST_P(Transactions, InsideOneAnotherAreRefused) {
  EXPECT_THAT(database().Write([&](Transaction&) {
    EXPECT_TRUE(absl::IsInternal(database().Write(Increment)));
    EXPECT_TRUE(absl::IsInternal(database().Read(Increment)));
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_EQ(Counter(), 0);
}

TEST_P(Transactions, GiveTheOneRowOrNoneAndRefuseMore) {
  EXPECT_THAT(database().Read([](Transaction& transaction) {
    const auto none = transaction.QueryOne("SELECT n FROM counter WHERE id = 9", {});
    EXPECT_TRUE(none.ok() && !none->has_value());
    return none.status();
  }),
              IsOk());
  EXPECT_TRUE(absl::IsInternal(database().Read([](Transaction& transaction) {
    return transaction.QueryOne("SELECT n FROM counter UNION ALL SELECT n FROM counter", {}).status();
  })));
}

TEST_P(Transactions, KnowWhereTheirDatabaseIs) {
  // Part of the location on PostgreSQL: a table that is created again is another one.
  ASSERT_THAT(Migrate(database(), "one", kOneFile), IsOk());
  const auto location = [](Database& of) {
    Location found;
    EXPECT_THAT(of.Read([&](Transaction& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(found, transaction.FindLocation());
      return absl::OkStatus();
    }),
                IsOk());
    return found;
  };
  const Location here = location(database());
  EXPECT_FALSE(here.copy.empty());
  EXPECT_EQ(here.timeline.empty(), GetParam() != "postgres");
  EXPECT_EQ(location(database()), here);
  if (GetParam() == "memory") return;
  const auto other = testing::Fresh(GetParam());
  ASSERT_THAT(Migrate(*other, "one", kOneFile), IsOk());
  EXPECT_NE(location(*other).copy, here.copy);
}

}  // namespace
}  // namespace idea::storage
