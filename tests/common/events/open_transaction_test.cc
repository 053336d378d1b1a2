#include <atomic>
#include <future>

#include "common/events/backlog.h"
#include "common/events/relay.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/server/backlog_report.h"
#include "common/storage/open_transactions.h"
#include "tests/common/events/event_log.h"
#include "tests/support/fault_timer.h"
#include "tests/support/postgres/postgres_server.h"

// A write transaction that was left open on the server.
namespace idea::events {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;

// Runs a statement in a transaction that stays open until the object ends.
class LeftOpen {
 public:
  LeftOpen(const std::string& address, const std::string& statement)
      : database_(*storage::Open(address, {.statement = {}, .lock = {}, .idle_in_transaction = {}})),
        done_(std::async(std::launch::async,
                         [this, statement] {
                           return database_->Write([&](storage::Transaction& db) -> absl::Status {
                             RETURN_IF_ERROR(db.Execute(statement, {}).status());
                             ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT pg_backend_pid()", {}));
                             pid_.set_value(row->Int(0));
                             may_end_.get_future().wait();
                             return absl::OkStatus();
                           });
                         })),
        pid(pid_.get_future().get()) {}
  ~LeftOpen() {
    may_end_.set_value();
    EXPECT_THAT(done_.get(), IsOk());
  }

 private:
  std::unique_ptr<storage::Database> database_;
  std::promise<int64_t> pid_;
  std::promise<void> may_end_;
  std::future<absl::Status> done_;

 public:
  const int64_t pid;
};

class AnOpenTransaction : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = testing::PostgresServer::WhyNot(); !why.empty()) GTEST_SKIP() << why;
    server_ = std::make_unique<testing::PostgresServer>();
    server_->Run("CREATE DATABASE other");
    server_->Run("CREATE ROLE other LOGIN SUPERUSER");
    server_->Run("CREATE TABLE bystander (n BIGINT)");
    auto opened = storage::Open(server_->address());
    ASSERT_THAT(opened, IsOk());
    database_ = *std::move(opened);
    ASSERT_THAT(storage::Migrate(*database_, "events", k_events_schema), IsOk());
    ASSERT_THAT(OpenLog(*database_), IsOk());
  }
  std::string OtherDatabase() const {
    return server_->address().substr(0, server_->address().rfind('/')) + "/other";
  }
  std::string OtherRole() const {
    std::string address = server_->address();
    return address.replace(address.find("idea@"), 4, "other");
  }
  absl::Status Record(const std::string& subject) {
    EventRecorder recorder(clock::kSecond, {}, "request", "");
    recorder.Record({"BucpSent", subject});
    return database_->Write([&](storage::Transaction& db) { return Append(db, recorder.events(), nullptr); });
  }
  Backlog CurrentBacklog() {
    Backlog backlog;
    EXPECT_THAT(database_->Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(backlog, ReadBacklog(db));
      return absl::OkStatus();
    }),
                IsOk());
    return backlog;
  }

  std::unique_ptr<testing::PostgresServer> server_;
  std::unique_ptr<storage::Database> database_;
};

TEST_F(AnOpenTransaction, OfAnybodyHoldsBackNoEventOfOthers) {
  std::atomic<int> delivered{0};
  const Target target = {"review",
                         [&](const Event&) {
                           ++delivered;
                           return absl::OkStatus();
                         },
                         nullptr};
  Notifier notifier;
  const clock::SystemClock clock;
  Relay relay({.service = "drafting"}, target, *database_, notifier, clock);
  const std::pair<std::string, std::string> open[] = {
      {OtherDatabase(), "CREATE TABLE v (n BIGINT)"},
      {server_->address(), "INSERT INTO bystander VALUES (1)"},
      {OtherRole(), "INSERT INTO bystander VALUES (2)"},
      // A writer of the same log delays only its own events.
      {server_->address(),
       "INSERT INTO events (event_id, type, subject, bucp, time, body) VALUES ('id', '', '', '', 0, '')"},
  };
  int written = 0;
  for (const auto& [address, statement] : open) {
    const LeftOpen left(address, statement);
    ASSERT_THAT(Record("bucps/" + std::to_string(++written)), IsOk());
    const testing::FaultTimer timer("PostgreSQL transaction left open");
    EXPECT_EQ(CurrentBacklog().unplaced, 1);
    EXPECT_THAT(PlaceEvents(*database_), IsOk());
    EXPECT_EQ(CurrentBacklog().unplaced, 0);
    EXPECT_TRUE(Eventually([&] { return relay.Pass().ok() && delivered == written; })) << statement;
    timer.Recovered();
    EXPECT_EQ(CurrentBacklog().undelivered["review"].events, 0);
  }
}

TEST_F(AnOpenTransaction, OfTheDatabaseIsReportedWithItsPid) {
  metrics::Metrics metrics;
  const clock::SystemClock clock;
  server::BacklogReport report(metrics, clock, [](const std::string&, int64_t) {},
                               {.max_age = std::chrono::milliseconds(50)});
  report.Add("drafting", *database_);
  const auto oldest = [&] {
    std::optional<storage::OpenTransaction> found;
    EXPECT_THAT(database_->Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(found, storage::FindOldestTransaction(db));
      return absl::OkStatus();
    }),
                IsOk());
    return found;
  };
  const LeftOpen elsewhere(OtherDatabase(), "CREATE TABLE v (n BIGINT)");
  EXPECT_FALSE(oldest());
  EXPECT_EQ(report.Pass(), 0);
  EXPECT_THAT(metrics.Text(),
              HasSubstr("idea_database_oldest_transaction_seconds{service=\"drafting\"} 0\n"));

  ::testing::internal::CaptureStderr();
  {
    const LeftOpen here(OtherRole(), "LOCK TABLE bystander");
    EXPECT_EQ(oldest()->pid, here.pid);
    EXPECT_TRUE(Eventually([&] { return report.Pass() == 1; }));
    EXPECT_EQ(report.Pass(), 0) << "one line a transaction";
    EXPECT_THAT(metrics.Text(), Not(HasSubstr("oldest_transaction_seconds{service=\"drafting\"} 0\n")));
    log::Line(log::Level::kError, "writes the lines before it");  // NOLINT(bugprone-unused-raii)
    EXPECT_THAT(::testing::internal::GetCapturedStderr(),
                HasSubstr("\"service\":\"drafting\",\"pid\":" + std::to_string(here.pid) +
                          ",\"database\":\"idea\",\"role\":\"other\""));
  }
  EXPECT_TRUE(Eventually([&] { return !oldest(); }));
}

TEST_F(AnOpenTransaction, ThatKeepsASequencerWaitingLeavesItsEventsToBeCounted) {
  ASSERT_THAT(Record("bucps/1"), IsOk());
  metrics::Metrics metrics;
  const clock::SystemClock clock;
  server::BacklogReport report(metrics, clock, [](const std::string&, int64_t) {}, {});
  report.Add("drafting", *database_);
  {
    const LeftOpen locks(server_->address(), "LOCK TABLE event_sequencer IN EXCLUSIVE MODE");
    report.Pass();
    EXPECT_THAT(metrics.Text(), HasSubstr("idea_events_unplaced{service=\"drafting\"} 1\n"));
  }
  EXPECT_THAT(PlaceEvents(*database_), IsOk());
  report.Pass();
  EXPECT_THAT(metrics.Text(), HasSubstr("idea_events_unplaced{service=\"drafting\"} 0\n"));
}

}  // namespace
}  // namespace idea::events
