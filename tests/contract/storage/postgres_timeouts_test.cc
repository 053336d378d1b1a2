#include <future>

#include "common/log/log.h"
#include "tests/contract/storage/contract.h"

// The time limits of PostgreSQL sessions, and the secrecy of addresses.
namespace idea::storage {
namespace {

using status::Reason;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Timeouts kShort{
    .statement = milliseconds(300), .lock = milliseconds(100), .idle_in_transaction = {}};

class PostgresTimeouts : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = testing::WhyNot("postgres"); !why.empty()) GTEST_SKIP() << why;
    place_.emplace("postgres");
    database_ = OpenWith(kShort);
    other_ = OpenWith({});
    ASSERT_THAT(Execute(*other_, "CREATE TABLE v (n BIGINT)"), IsOk());
  }
  std::unique_ptr<Database> OpenWith(const Timeouts& timeouts) {
    auto opened = Open(place_->address(), timeouts);
    EXPECT_THAT(opened, IsOk());
    return *std::move(opened);
  }
  std::optional<testing::Place> place_;
  std::unique_ptr<Database> database_, other_;
};

TEST_F(PostgresTimeouts, AreThoseOfTheSession) {
  auto database = OpenWith({.statement = seconds(7), .lock = seconds(3), .idle_in_transaction = seconds(5)});
  const Rows rows = Query(*database,
                          "SELECT current_setting('statement_timeout'), current_setting('lock_timeout'), "
                          "current_setting('idle_in_transaction_session_timeout')");
  ASSERT_EQ(rows.size(), 1);
  EXPECT_EQ(rows[0].Text(0), "7s");
  EXPECT_EQ(rows[0].Text(1), "3s");
  EXPECT_EQ(rows[0].Text(2), "5s");
}

TEST_F(PostgresTimeouts, EndALongStatementAndKeepTheConnection) {
  const int64_t session = QueryInt(*database_, "SELECT pg_backend_pid()");
  EXPECT_THAT(Execute(*database_, "SELECT pg_sleep(30)"),
              FailsWith(Reason::ERROR_REASON_STORAGE_UNAVAILABLE));
  EXPECT_EQ(QueryInt(*database_, "SELECT pg_backend_pid()"), session);
}

TEST_F(PostgresTimeouts, EndTheWaitForALane) {
  std::promise<void> locked, release;
  auto holder = std::async(std::launch::async, [&] {
    return other_->Write([&](Transaction& transaction) -> absl::Status {
      RETURN_IF_ERROR(transaction.Execute("LOCK TABLE v IN EXCLUSIVE MODE", {}).status());
      locked.set_value();
      release.get_future().wait();
      return absl::OkStatus();
    });
  });
  locked.get_future().wait();
  const auto insert = [&] {
    return database_->Write(
        [](Transaction& transaction) { return transaction.Execute("INSERT INTO v VALUES (1)", {}).status(); },
        "v");
  };
  EXPECT_THAT(insert(), FailsWith(Reason::ERROR_REASON_STORAGE_UNAVAILABLE));
  release.set_value();
  EXPECT_THAT(holder.get(), IsOk());
  EXPECT_THAT(insert(), IsOk());
}

TEST_F(PostgresTimeouts, DoNotEndAMigration) {
  const config::EmbeddedFile slow[] = {
      {"0001_slow.sql", "CREATE TABLE slow (n BIGINT); SELECT pg_sleep(1.5);"}, {nullptr, nullptr}};
  EXPECT_THAT(Migrate(*database_, "slow", slow), IsOk());
  EXPECT_THAT(Execute(*database_, "SELECT pg_sleep(30)"), FailsWith(Reason::ERROR_REASON_STORAGE_UNAVAILABLE))
      << "the limits are back";
}

TEST_F(PostgresTimeouts, OfZeroAreNone) {
  auto database = OpenWith({.statement = {}, .lock = {}, .idle_in_transaction = {}});
  EXPECT_THAT(Execute(*database, "SELECT pg_sleep(0.5)"), IsOk());
}

TEST_F(PostgresTimeouts, LeaveNoticesOfTheServerToTheLog) {
  ::testing::internal::CaptureStderr();
  EXPECT_THAT(Execute(*other_, "DO $$ BEGIN RAISE WARNING 'planted \"notice\"'; END $$"), IsOk());
  log::Line(log::Level::kError, "writes the lines before it");
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              ::testing::AllOf(HasSubstr(R"("message":"postgresql","text":"WARNING:  planted \"notice\"")"),
                               Not(HasSubstr("\nWARNING"))));
}

// --- passwords ---

TEST(PostgresPassword, IsInNoFailure) {
  const char* addresses[] = {
      "postgresql://idea:s3cret@%2Fnowhere/idea",
      "postgresql://idea:s3cret@127.0.0.1:1/idea",
      "postgresql://idea:s3cret@[::1/idea",
      "postgresql://idea:s3cret@host:port:7/idea",
      "postgresql://idea:s3cret%@host/idea",
      "postgresql://idea@host/idea?password=s3cret&nonsense=1",
      "postgresql://idea@host/idea?password=s3cret&sslmode",
      "mysql://idea:s3cret@host/idea",
      "host=%2Fnowhere password=s3cret",
  };
  for (const char* address : addresses) {
    auto database = Open(address);
    const absl::Status status = database.ok() ? Execute(**database, "SELECT 1") : database.status();
    EXPECT_FALSE(status.ok()) << address;
    EXPECT_THAT(status.ToString() + CauseOf(status), Not(HasSubstr("s3cret"))) << address;
  }
}

TEST(PostgresAddress, ThatIsMalformedIsRefusedWhenItIsOpened) {
  for (const char* address : {"postgresql://idea:s3cret@[::1/idea", "postgresql://host/idea?nonsense=1"})
    EXPECT_TRUE(absl::IsInvalidArgument(Open(address).status())) << address;
}

}  // namespace
}  // namespace idea::storage
