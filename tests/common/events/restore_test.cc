#include <cstdlib>

#include "common/events/relay.h"
#include "tests/common/events/event_log.h"
#include "tests/support/postgres/postgres_server.h"

namespace idea::events {
namespace {

using status::Reason;
using ::testing::ElementsAre;
using testing::FailsWith;
using testing::IsOk;
using testing::IsOkAndHolds;

constexpr char kScope[] = "all";

// A service with its log on a server, and a peer that keeps the delivered events.
class Service {
 public:
  Service(const std::string& address, clock::FakeClock& clock)
      : database_(*storage::Open(address)), clock_(clock) {
    EXPECT_THAT(storage::Migrate(*database_, "events", k_events_schema), IsOk());
    EXPECT_THAT(OpenLog(*database_), IsOk());
  }
  void Record(const std::string& subject) {
    EventRecorder recorder(clock::kSecond, {}, "request", "");
    recorder.Record({"BucpSent", subject, subject});
    EXPECT_THAT(
        database_->Write([&](storage::Transaction& db) { return Append(db, recorder.events(), nullptr); }),
        IsOk());
    EXPECT_THAT(PlaceEvents(*database_), IsOk());
  }
  // The current deliveries of a relay to a peer whose log has this history.
  Subjects Deliver(const std::string& peer = "a.1") {
    Subjects delivered;
    Relay relay({.service = "drafting"},
                {"review",
                 [&](const Event& event) {
                   delivered.push_back(event.subject());
                   return absl::OkStatus();
                 },
                 nullptr, [&] { return peer; }},
                *database_, notifier_, clock_);
    // The lease of the previous one has expired.
    clock_.Advance(clock::kSecond * 100);
    EXPECT_THAT(relay.Pass(), IsOk());
    return delivered;
  }
  std::string TokenOf(int64_t position) { return Read().first.TokenOf(position, kScope); }
  absl::StatusOr<int64_t> Resolve(const std::string& token) {
    return Read().first.Resolve(token, kScope, "resume_token");
  }
  Subjects Log() {
    Subjects subjects;
    for (const LoggedEvent& logged : Read().second) subjects.push_back(logged.event.subject());
    return subjects;
  }

 private:
  std::pair<Epochs, std::vector<LoggedEvent>> Read() {
    std::optional<Epochs> epochs;
    std::vector<LoggedEvent> log;
    EXPECT_THAT(database_->Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(epochs, Epochs::Read(db));
      ASSIGN_OR_RETURN(log, ReadAfter(db, 0, 100));
      return absl::OkStatus();
    }),
                IsOk());
    return {*epochs, log};
  }
  std::unique_ptr<storage::Database> database_;
  Notifier notifier_;
  clock::FakeClock& clock_;
};

void Copy(const std::string& from, const std::string& to) {
  const char* given = std::getenv("POSTGRES_BIN");
  const std::string bin(given == nullptr ? "/usr/lib/postgresql/15/bin" : given);
  const std::string command = "set -o pipefail; " + bin + "/pg_dump '" + from + "' | " + bin +
                              "/psql -q -v ON_ERROR_STOP=1 '" + to + "' >/dev/null";
  ASSERT_EQ(std::system(("bash -c \"" + command + "\"").c_str()), 0) << command;
}

// Dumped in between and restored into a new cluster with lower transaction ids.
TEST(ADumpedDatabase, GoesOnInAnotherClusterWithEveryEvent) {
  if (const std::string why = testing::PostgresServer::WhyNot(); !why.empty()) GTEST_SKIP() << why;
  testing::PostgresServer old_server;
  for (int i = 0; i < 100; ++i) old_server.Run("SELECT pg_current_xact_id()");
  clock::FakeClock clock;
  Service old(old_server.address(), clock);
  old.Record("bucps/1");
  EXPECT_THAT(old.Deliver(), ElementsAre("bucps/1"));
  old.Record("bucps/2");
  const std::string kept = old.TokenOf(2);
  testing::PostgresServer new_server;
  Copy(old_server.address(), new_server.address());
  // Written after the dump, and lost with the old cluster.
  old.Record("bucps/lost");
  EXPECT_THAT(old.Deliver(), ElementsAre("bucps/2", "bucps/lost"));
  const std::string lost = old.TokenOf(3);

  Service restored(new_server.address(), clock);
  EXPECT_THAT(restored.Deliver(), ElementsAre("bucps/2")) << "the cursor of the backup was before it";
  EXPECT_THAT(restored.Deliver("a.1,b.1"), ElementsAre("bucps/1", "bucps/2"))
      << "the peer's database is older";
  restored.Record("bucps/3");
  restored.Record("bucps/4");
  EXPECT_THAT(restored.Deliver("a.1,b.1"), ElementsAre("bucps/3", "bucps/4"));
  EXPECT_THAT(restored.Log(), ElementsAre("bucps/1", "bucps/2", "bucps/3", "bucps/4"));
  EXPECT_THAT(restored.Resolve(kept), IsOkAndHolds(2));
  EXPECT_THAT(restored.Resolve(lost), FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
}

}  // namespace
}  // namespace idea::events
