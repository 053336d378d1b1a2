#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <future>
#include <latch>

#include "tests/contract/storage/contract.h"
#include "tests/support/eventually.h"
#include "tests/support/sanitizer.h"

namespace idea::storage {
namespace {

using status::Reason;

constexpr Lane kLane = "counter";

absl::Status Increment(Transaction& transaction) {
  ASSIGN_OR_RETURN(auto row, transaction.QueryOne("SELECT n FROM counter WHERE id = 1", {}));
  return transaction.Execute("UPDATE counter SET n = $1 WHERE id = 1", {row->Int(0) + 1}).status();
}

// Two replicas of a service, and one that only reads.
class Lanes : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (const std::string why = testing::WhyNot(GetParam()); !why.empty()) GTEST_SKIP() << why;
    place_.emplace(GetParam());
    for (auto* database : {&one_, &two_, &observer_}) *database = *Open(place_->address());
    ASSERT_THAT(Execute(*one_, "CREATE TABLE counter (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)"), IsOk());
    ASSERT_THAT(Execute(*one_, "INSERT INTO counter VALUES (1, 0)"), IsOk());
    ASSERT_THAT(Execute(*one_, "CREATE TABLE v (n BIGINT PRIMARY KEY)"), IsOk());
  }
  int64_t Counter() { return QueryInt(*observer_, "SELECT n FROM counter WHERE id = 1"); }
  int64_t Rows() { return QueryInt(*observer_, "SELECT COUNT(*) FROM v"); }
  // Keeps the lane busy until `others` threads wait for it. They run `body` with their number.
  void Together(int others, const std::function<absl::Status(int, Transaction&)>& body,
                const std::function<void(int, const absl::Status&)>& check) {
    std::promise<void> inside;
    std::latch waiting(others);
    auto holder = std::async(std::launch::async, [&] {
      const auto hold = [&](Transaction&) {
        inside.set_value();
        waiting.wait();
        return absl::OkStatus();
      };
      return one_->Write(hold, kLane);
    });
    inside.get_future().wait();
    InParallel(others, [&](int i) {
      waiting.count_down();
      check(i, one_->Write([&](Transaction& transaction) { return body(i, transaction); }, kLane));
    });
    EXPECT_THAT(holder.get(), IsOk());
  }

  std::optional<testing::Place> place_;
  std::unique_ptr<Database> one_, two_, observer_;
};
INSTANTIATE_TEST_SUITE_P(Every, Lanes, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

TEST_P(Lanes, RefuseNobodyAndRunNothingTwice) {
  std::atomic<int> runs = 0;
  const auto count = [&](Transaction& transaction) {
    ++runs;
    return Increment(transaction);
  };
  InParallel(32, [&](int) {
    for (int i = 0; i < 10; ++i) EXPECT_THAT(one_->Write(count, kLane), IsOk());
  });
  EXPECT_EQ(Counter(), 320);
  EXPECT_EQ(runs, 320);
}

TEST_P(Lanes, RefuseNobodyThoughAnotherReplicaWritesTheSameRow) {
  InParallel(32, [&](int i) {
    for (int n = 0; n < 10; ++n) EXPECT_THAT((i % 2 == 0 ? one_ : two_)->Write(Increment, kLane), IsOk());
  });
  EXPECT_EQ(Counter(), 320);
}

TEST_P(Lanes, KeepOrUndoEachWriteOnItsOwn) {
  ASSERT_THAT(Execute(*one_, "INSERT INTO v VALUES (1000)"), IsOk());
  const auto write = [](int i, Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(Increment(transaction));
    RETURN_IF_ERROR(transaction.Execute("INSERT INTO v VALUES ($1)", {int64_t{i}}).status());
    if (i % 3 == 0) return status::Error(Reason::ERROR_REASON_INCOMPLETE, "every third");
    if (i % 3 == 1) return transaction.Execute("INSERT INTO v VALUES (1000)", {}).status();
    return absl::OkStatus();
  };
  Together(30, write, [](int i, const absl::Status& status) {
    if (i % 3 == 0) {
      EXPECT_THAT(status, FailsWith(Reason::ERROR_REASON_INCOMPLETE));
    }
    if (i % 3 == 1) {
      EXPECT_TRUE(absl::IsAlreadyExists(status)) << status;
    }
    if (i % 3 == 2) {
      EXPECT_THAT(status, IsOk());
    }
  });
  EXPECT_EQ(Counter(), 10);
  EXPECT_EQ(Rows(), 11);
  EXPECT_EQ(QueryInt(*observer_, "SELECT COUNT(*) FROM v WHERE n % 3 = 2"), 10);
}

// A job may fail before it has sent anything, at its first statement, or after sending everything: after each
// kind of successful job.
TEST_P(Lanes, KeepOrUndoEachWriteOnItsOwnWhenStatementsAreKeptBack) {
  ASSERT_THAT(Execute(*one_, "CREATE TABLE w (t TEXT)"), IsOk());
  ASSERT_THAT(Execute(*one_, "INSERT INTO v VALUES (1000000)"), IsOk());
  const Args taken = {int64_t{1'000'000}};
  const std::function<absl::Status(int64_t, Transaction&)> kept[] = {
      [](int64_t n, Transaction& db) -> absl::Status {
        RETURN_IF_ERROR(db.ExecuteDeferred("INSERT INTO v VALUES ($1)", {n}));
        return Increment(db);
      },
      [](int64_t n, Transaction& db) { return db.ExecuteDeferred("INSERT INTO v VALUES ($1)", {n}); },
      [](int64_t, Transaction&) { return absl::OkStatus(); },
      [](int64_t n, Transaction& db) { return db.Query("SELECT n FROM v WHERE n = $1", {n}).status(); },
  };
  const std::function<absl::Status(int64_t, Transaction&)> undone[] = {
      [](int64_t, Transaction&) { return absl::CancelledError("before it has sent anything"); },
      [](int64_t n, Transaction& db) -> absl::Status {
        RETURN_IF_ERROR(db.ExecuteDeferred("INSERT INTO v VALUES ($1)", {n}));
        return absl::CancelledError("with a statement kept back");
      },
      [](int64_t n, Transaction& db) -> absl::Status {
        RETURN_IF_ERROR(db.ExecuteDeferred("INSERT INTO v VALUES ($1)", {n}));
        return db.ExecuteDeferred("UPDATE v SET n = 0 WHERE n = $1", {-n},
                                  FailIfNoRows(absl::CancelledError("no row")));
      },
      [&](int64_t n, Transaction& db) -> absl::Status {
        RETURN_IF_ERROR(db.ExecuteDeferred("INSERT INTO v VALUES ($1)", {n}));
        return db.ExecuteDeferred("INSERT INTO v VALUES ($1)", taken,
                                  FailIfExists(absl::CancelledError("taken")));
      },
      [&](int64_t, Transaction& db) {
        return db.Query("INSERT INTO v VALUES ($1) RETURNING n", taken).status();
      },
      [](int64_t n, Transaction& db) {
        return db.ExecuteDeferred("INSERT " + std::to_string(n) + " $1", {n});
      },
      [](int64_t, Transaction& db) { return db.Execute("NONSENSE; INSERT INTO v VALUES (1)", {}).status(); },
      [](int64_t n, Transaction& db) {
        return db.ExecuteDeferred("INSERT INTO v VALUES ($1)", {n, n});
      },
      [](int64_t, Transaction& db) {
        return db.ExecuteDeferred("INSERT INTO w VALUES ($1)", {std::string("\xff")});
      },
  };
  constexpr int kRounds = 3, kPairs = 36;
  static_assert(std::size(kept) * std::size(undone) == kPairs);
  for (int round = 0; round < kRounds; ++round) {
    const auto run = [&](int i, Transaction& db) {
      const int64_t n = 100 * round + i;
      const size_t pair = static_cast<size_t>(i / 2);
      return i % 2 == 0 ? kept[pair % std::size(kept)](n, db) : undone[pair % std::size(undone)](n, db);
    };
    Together(2 * kPairs, run,
             [&](int i, const absl::Status& status) { EXPECT_EQ(status.ok(), i % 2 == 0) << i << status; });
  }
  EXPECT_EQ(Counter(), kRounds * kPairs / 4);
  EXPECT_EQ(Rows(), 1 + 2 * kRounds * kPairs / 4);
}

TEST_P(Lanes, ShareOneCommit) {
  std::atomic<int> together = 0;
  const auto write = [&](int i, Transaction& transaction) -> absl::Status {
    // In one group the later bodies see the earlier ones, while another connection sees none of them.
    ASSIGN_OR_RETURN(auto row, transaction.QueryOne("SELECT COUNT(*) FROM v", {}));
    if (row->Int(0) > Rows()) ++together;
    return transaction.Execute("INSERT INTO v VALUES ($1)", {int64_t{i}}).status();
  };
  Together(20, write, [](int, const absl::Status& status) { EXPECT_THAT(status, IsOk()); });
  EXPECT_GT(together, 0) << "no two writers were committed together";
  EXPECT_EQ(Rows(), 20);
}

TEST_P(Lanes, RunAConflictOfOneAgainWithoutTheOthers) {
  std::atomic<int> runs = 0;
  const auto write = [&](int i, Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(Increment(transaction));
    return i == 0 && ++runs < 3 ? absl::AbortedError("in the way") : absl::OkStatus();
  };
  Together(10, write, [](int, const absl::Status& status) { EXPECT_THAT(status, IsOk()); });
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(Counter(), 10);
}

TEST_P(Lanes, RefuseATransactionInsideOfThem) {
  const auto nested = [&](Transaction&) {
    EXPECT_TRUE(absl::IsInternal(one_->Write(Increment, kLane)));
    EXPECT_TRUE(absl::IsInternal(one_->Read(Increment)));
    return absl::OkStatus();
  };
  EXPECT_THAT(one_->Write(nested, kLane), IsOk());
  EXPECT_EQ(Counter(), 0);
}

TEST_P(Lanes, LetOthersReadAndWriteWhatIsNotTheirs) {
  const auto slow = [&](Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(Increment(transaction));
    EXPECT_EQ(Counter(), 0);
    // SQLite has one writer.
    if (GetParam() == "postgres") {
      EXPECT_THAT(Execute(*two_, "INSERT INTO v VALUES (7)"), IsOk());
    }
    return absl::OkStatus();
  };
  EXPECT_THAT(one_->Write(slow, kLane), IsOk());
  EXPECT_EQ(Counter(), 1);
}

// A process that is killed during many writes: the acknowledged ones are stored.
TEST_P(Lanes, KeepWhatWasAcknowledgedBeforeTheProcessWasKilled) {
  if (testing::kCannotFork) GTEST_SKIP() << "ThreadSanitizer does not follow a fork";
  int acknowledged[2];
  ASSERT_EQ(pipe(acknowledged), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto database = *Open(place_->address());
    InParallel(16, [&](int i) {
      for (int64_t n = i;; n += 16) {
        const auto insert = [&](Transaction& transaction) {
          return transaction.Execute("INSERT INTO v VALUES ($1)", {n}).status();
        };
        if (!database->Write(insert, kLane).ok()) _exit(1);
        if (write(acknowledged[1], &n, sizeof n) != sizeof n) _exit(1);
      }
    });
  }
  std::vector<int64_t> said(1000);
  for (int64_t& n : said) ASSERT_EQ(read(acknowledged[0], &n, sizeof n), static_cast<ssize_t>(sizeof n));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(acknowledged[0]);
  close(acknowledged[1]);
  for (const int64_t n : said) {
    ASSERT_EQ(QueryInt(*observer_, "SELECT COUNT(*) FROM v WHERE n = $1", {n}), 1) << n;
  }
}

class PostgresLanes : public Lanes {
 protected:
  void EndConnection(int64_t pid) {
    EXPECT_EQ(QueryInt(*two_, "SELECT pg_terminate_backend($1::int, 5000)", {pid}), 1);
  }
};
INSTANTIATE_TEST_SUITE_P(Every, PostgresLanes, ::testing::Values("postgres"), testing::BackendName);

TEST_P(PostgresLanes, RunTheWholeGroupAgainWhenTheConnectionBreaksInTheMiddle) {
  std::atomic<bool> broke = false;
  const auto write = [&](int i, Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(transaction.Execute("INSERT INTO v VALUES ($1)", {int64_t{i}}).status());
    ASSIGN_OR_RETURN(auto row, transaction.QueryOne("SELECT pg_backend_pid()", {}));
    if (i == 10 && !broke.exchange(true)) EndConnection(row->Int(0));
    return Increment(transaction);
  };
  Together(20, write, [](int, const absl::Status& status) { EXPECT_THAT(status, IsOk()); });
  EXPECT_TRUE(broke);
  EXPECT_EQ(Rows(), 20);
  EXPECT_EQ(Counter(), 20);
}

TEST_P(PostgresLanes, RunTheWholeGroupAgainWhenTheConnectionBreaksBeforeWhatIsKeptBackIsSent) {
  std::atomic<bool> broke = false;
  const auto write = [&](int i, Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(auto row, transaction.QueryOne("SELECT pg_backend_pid()", {}));
    RETURN_IF_ERROR(Increment(transaction));
    const RowCheck check = i % 2 == 0 ? FailIfNoRows(absl::CancelledError("none")) : nullptr;
    RETURN_IF_ERROR(transaction.ExecuteDeferred("INSERT INTO v VALUES ($1)", {int64_t{i}}, check));
    if (i == 10 && !broke.exchange(true)) EndConnection(row->Int(0));
    return absl::OkStatus();
  };
  Together(20, write, [](int, const absl::Status& status) { EXPECT_THAT(status, IsOk()); });
  EXPECT_TRUE(broke);
  EXPECT_EQ(Rows(), 20);
  EXPECT_EQ(Counter(), 20);
}

TEST_P(PostgresLanes, WaitForWhoTakesTheRowWithoutTheLane) {
  std::future<absl::Status> in_lane;
  const auto old = [&](Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(Increment(transaction));
    in_lane = std::async(std::launch::async, [&] { return one_->Write(Increment, kLane); });
    EXPECT_TRUE(testing::Eventually([&] {
      return QueryInt(*observer_,
                      "SELECT COUNT(*) FROM pg_locks WHERE relation = 'counter'::regclass AND NOT granted") ==
             1;
    }));
    return absl::OkStatus();
  };
  EXPECT_THAT(two_->Write(old), IsOk());
  EXPECT_THAT(in_lane.get(), IsOk());
  EXPECT_EQ(Counter(), 2);
}

}  // namespace
}  // namespace idea::storage
