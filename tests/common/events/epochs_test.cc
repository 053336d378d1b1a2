#include "common/events/epochs.h"

#include <algorithm>
#include <filesystem>
#include <thread>

#include "common/events/history_check.h"
#include "common/events/relay.h"
#include "tests/common/events/event_log.h"

namespace idea::events {
namespace {

using status::Reason;
using ::testing::ElementsAre;
using testing::FailsWith;
using testing::IsOk;
using testing::IsOkAndHolds;
using ::testing::SizeIs;

constexpr char kScope[] = "bucp bucps/1";
constexpr char kField[] = "resume_token";

class EpochsOfALog : public OnEventLog {
 protected:
  void SetUp() override {
    OnEventLog::SetUp();
    if (!IsSkipped()) BeginHistory();
  }
  // Databases of earlier tests are not the past of this one.
  void BeginHistory() {
    ASSERT_THAT(Run("DELETE FROM event_epochs WHERE number > 1"), IsOk());
    ASSERT_THAT(Run("UPDATE event_epochs SET copy = '', timeline = ''"), IsOk());
    ASSERT_THAT(OpenLog(database()), IsOk());
  }
  absl::Status Run(const std::string& sql) {
    return database().Write([&](storage::Transaction& db) { return db.Execute(sql, {}).status(); });
  }
  // Simulates a start after a restore of the current log, or after a failover.
  void Restore() {
    ASSERT_THAT(Run("UPDATE event_epochs SET copy = 'another file'"), IsOk());
    ASSERT_THAT(OpenLog(database()), IsOk());
  }
  void FailOver() {
    ASSERT_THAT(Run("UPDATE event_epochs SET timeline = 'another timeline'"), IsOk());
    ASSERT_THAT(OpenLog(database()), IsOk());
  }
  // The events after the first `kept` ones were missing in the backup, or on the other server.
  void Lose(int kept) {
    const std::string after = " > " + std::to_string(kept);
    if (GetParam() == "sqlite") {
      ASSERT_THAT(Run("DELETE FROM events WHERE seq" + after), IsOk());
      ASSERT_THAT(Run("UPDATE sqlite_sequence SET seq = " + std::to_string(kept) + " WHERE name = 'events'"),
                  IsOk());
    } else {
      ASSERT_THAT(Run("DELETE FROM event_positions WHERE position" + after), IsOk());
    }
  }
};

TEST_P(EpochsOfALog, GoOnWhereNothingHappened) {
  ASSERT_THAT(Record({"bucps/1", "bucps/2"}), IsOk());
  const std::string token = CurrentEpochs().TokenOf(1, kScope);
  ASSERT_THAT(OpenLog(database()), IsOk());
  const Epochs epochs = CurrentEpochs();
  EXPECT_EQ(epochs.TokenOf(1, kScope), token);
  EXPECT_EQ(epochs.head(), 2);
  EXPECT_THAT(epochs.Resolve(token, kScope, kField), IsOkAndHolds(1));
  EXPECT_THAT(epochs.Resolve("", kScope, kField), IsOkAndHolds(0));
}

TEST_P(EpochsOfALog, RefuseATokenOfAnotherScope) {
  ASSERT_THAT(Record({"bucps/1"}), IsOk());
  const Epochs epochs = CurrentEpochs();
  const std::string token = epochs.TokenOf(1, kScope);
  EXPECT_THAT(epochs.Resolve(token, "bucp bucps/2", kField),
              FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
  const size_t dot = token.find('.');
  for (const std::string& bad :
       {std::string("x"), std::string("0.1"), token + "0", token.substr(0, token.size() - 1), "0" + token,
        token.substr(0, dot) + ".-1" + token.substr(dot + 2),
        token.substr(0, dot) + ".x" + token.substr(dot + 2),
        token.substr(0, dot) + ".99999999999999999999" + token.substr(dot + 2)}) {
    EXPECT_THAT(epochs.Resolve(bad, kScope, kField), FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID))
        << bad;
  }
}

TEST_P(EpochsOfALog, RefuseATokenOfAnotherDatabaseOrOfTheFuture) {
  ASSERT_THAT(Record({"bucps/1"}), IsOk());
  const Epochs epochs = CurrentEpochs();
  const std::string future = epochs.TokenOf(2, kScope);
  EXPECT_THAT(epochs.Resolve(future, kScope, kField), FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
  EXPECT_THAT(epochs.Resolve(future, kScope, kField, /*may_be_ahead=*/true), IsOkAndHolds(2));
  std::string stranger = epochs.TokenOf(1, kScope);
  stranger[0] = stranger[0] == '0' ? '1' : '0';
  EXPECT_THAT(epochs.Resolve(stranger, kScope, kField), FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
}

TEST_P(EpochsOfALog, TakeATokenUpToWhereTheNextEpochBegan) {
  ASSERT_THAT(Record({"bucps/1", "bucps/2", "bucps/3"}), IsOk());
  const Epochs before = CurrentEpochs();
  Lose(2);
  Restore();
  ASSERT_THAT(Record({"bucps/4", "bucps/5"}), IsOk());
  const Epochs after = CurrentEpochs();
  EXPECT_NE(after.current(), before.current());
  EXPECT_THAT(after.Resolve(before.TokenOf(2, kScope), kScope, kField), IsOkAndHolds(2));
  const auto lost = after.Resolve(before.TokenOf(3, kScope), kScope, kField);
  EXPECT_THAT(lost, FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID)) << "position 3 is another event now";
  EXPECT_THAT(std::string(lost.status().message()), ::testing::HasSubstr("begin again without it"));
  EXPECT_THAT(after.Resolve(after.TokenOf(3, kScope), kScope, kField), IsOkAndHolds(3));
}

// A later restore may have cut off more than an earlier one.
TEST_P(EpochsOfALog, TakeATokenUpToWhereAnyLaterEpochBegan) {
  ASSERT_THAT(Record({"bucps/1", "bucps/2", "bucps/3"}), IsOk());
  const Epochs first = CurrentEpochs();
  FailOver();
  Lose(1);
  FailOver();
  ASSERT_THAT(Record({"bucps/4", "bucps/5"}), IsOk());
  EXPECT_THAT(CurrentEpochs().Resolve(first.TokenOf(1, kScope), kScope, kField), IsOkAndHolds(1));
  EXPECT_THAT(CurrentEpochs().Resolve(first.TokenOf(2, kScope), kScope, kField),
              FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
}

TEST_P(EpochsOfALog, GoOnAfterTheLastPositionThatIsTheSame) {
  ASSERT_THAT(Record({"bucps/1", "bucps/2", "bucps/3"}), IsOk());
  const std::string two = CurrentEpochs().CursorOf(2);
  const std::string three = CurrentEpochs().CursorOf(3);
  EXPECT_EQ(CurrentEpochs().ReplayAfter(two), 2);
  EXPECT_EQ(CurrentEpochs().ReplayAfter(CurrentEpochs().current() + ".4"), 0) << "the log has lost its end";
  for (const char* no_cursor : {"", "x", "another.2", "1.2.3"})
    EXPECT_EQ(CurrentEpochs().ReplayAfter(no_cursor), 0);
  EXPECT_EQ(CurrentEpochs().ReplayAfter(".2"), 2) << "a cursor of an earlier release";
  Lose(2);
  FailOver();
  ASSERT_THAT(Record({"bucps/4", "bucps/5"}), IsOk());
  EXPECT_EQ(CurrentEpochs().ReplayAfter(two), 2);
  EXPECT_EQ(CurrentEpochs().ReplayAfter(three), 2) << "position 3 is another event now";
  Restore();
  EXPECT_EQ(CurrentEpochs().ReplayAfter(two), 2);
}

// Only the operator knows that the database was restored.
TEST_P(EpochsOfALog, KeepNothingIfAnOperatorSaysSo) {
  ASSERT_THAT(Record({"bucps/1", "bucps/2"}), IsOk());
  const Epochs before = CurrentEpochs();
  ASSERT_THAT(Run("UPDATE event_epochs SET copy = 'restored'"), IsOk());
  ASSERT_THAT(OpenLog(database()), IsOk());
  const Epochs after = CurrentEpochs();
  EXPECT_NE(after.current(), before.current());
  EXPECT_EQ(after.ReplayAfter(before.CursorOf(1)), 0);
  EXPECT_THAT(after.Resolve(before.TokenOf(1, kScope), kScope, kField),
              FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
  EXPECT_EQ(after.Describe(), before.current() + ".0," + after.current() + ".2");
  ASSERT_THAT(OpenLog(database()), IsOk());
  EXPECT_EQ(CurrentEpochs().current(), after.current()) << "once";
}

TEST_P(EpochsOfALog, AreDescribedToPeersWithTheLastPositionInCommon) {
  ASSERT_THAT(Record({"bucps/1", "bucps/2", "bucps/3"}), IsOk());
  std::string ids = CurrentEpochs().current();
  EXPECT_EQ(CurrentEpochs().Describe(), ids + ".3");
  Lose(2);
  FailOver();
  ids += ".2," + CurrentEpochs().current();
  ASSERT_THAT(Record({"bucps/4", "bucps/5"}), IsOk());
  EXPECT_EQ(CurrentEpochs().Describe(), ids + ".4");
  for (int i = 0; i < Epochs::kMaxDescribed; ++i) FailOver();
  const std::string many = CurrentEpochs().Describe();
  EXPECT_EQ(std::count(many.begin(), many.end(), ','), Epochs::kMaxDescribed - 1);
  EXPECT_TRUE(many.ends_with(CurrentEpochs().current() + ".4"));
}

// A PostgreSQL database may be restored under a process that has nothing to write.
TEST_P(EpochsOfALog, EndWhereTheDatabaseIsElsewhereThoughNothingIsWritten) {
  ASSERT_THAT(Record({"bucps/1"}), IsOk());
  const std::string before = CurrentEpochs().current();
  ASSERT_THAT(CheckHistory(database(), EventLog(), /*starting=*/false), IsOk());
  EXPECT_EQ(CurrentEpochs().current(), before);
  ASSERT_THAT(Run("UPDATE event_epochs SET copy = 'another database'"), IsOk());
  const auto epochs = CheckHistory(database(), EventLog(), /*starting=*/false);
  ASSERT_THAT(epochs, IsOk());
  EXPECT_NE(epochs->current(), before);
  EXPECT_EQ(epochs->current(), CurrentEpochs().current());
}

// A SQLite file that is overwritten with an older backup keeps its inode and birth time. The mark beside it
// shows the loss.
class ASqliteFileThatIsPutBack : public EpochsOfALog {
 protected:
  std::string Check(bool starting) {
    const absl::StatusOr<Epochs> epochs = CheckHistory(database(), EventLog(), starting);
    EXPECT_THAT(epochs, IsOk());
    return epochs.ok() ? epochs->current() : "";
  }
};

TEST_P(ASqliteFileThatIsPutBack, BeginsAnEpochAtTheStart) {
  ASSERT_THAT(Record({"bucps/1", "bucps/2"}), IsOk());
  const std::string first = Check(true);
  EXPECT_EQ(Check(true), first) << "nothing was lost";
  const std::string kept = CurrentEpochs().TokenOf(1, kScope);
  const std::string lost = CurrentEpochs().TokenOf(2, kScope);
  Lose(1);
  const std::string second = Check(true);
  EXPECT_NE(second, first);
  EXPECT_EQ(Check(true), second) << "once";
  ASSERT_THAT(Record({"bucps/3", "bucps/4"}), IsOk());
  EXPECT_THAT(CurrentEpochs().Resolve(kept, kScope, kField), IsOkAndHolds(1));
  EXPECT_THAT(CurrentEpochs().Resolve(lost, kScope, kField),
              FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
  // An even older backup that does not have this epoch.
  EXPECT_EQ(Check(false), second);
  ASSERT_THAT(Run("DELETE FROM event_epochs WHERE number > 1"), IsOk());
  const std::string third = Check(true);
  EXPECT_NE(third, first);
  EXPECT_NE(third, second);
}

TEST_P(ASqliteFileThatIsPutBack, BeginsAnEpochUnderARunningProcessThatHasWrittenSince) {
  ASSERT_THAT(Record({"bucps/1", "bucps/2"}), IsOk());
  const std::string first = Check(false);
  const std::string token = CurrentEpochs().TokenOf(1, kScope);
  const std::string cursor = CurrentEpochs().CursorOf(1);
  Lose(1);
  ASSERT_THAT(Record({"bucps/3"}), IsOk());
  EXPECT_NE(Check(false), first) << "position 2 is another event now";
  EXPECT_EQ(CurrentEpochs().ReplayAfter(cursor), 0) << "nobody knows from where on events are others";
  EXPECT_THAT(CurrentEpochs().Resolve(token, kScope, kField),
              FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
}

INSTANTIATE_TEST_SUITE_P(Every, ASqliteFileThatIsPutBack, ::testing::Values("sqlite"), testing::BackendName);

TEST_P(EpochsOfALog, AreBegunOnceByManyReplicas) {
  ASSERT_THAT(Run("UPDATE event_epochs SET copy = 'another file'"), IsOk());
  std::vector<std::thread> starts;
  for (int i = 0; i < 4; ++i) {
    starts.emplace_back([&] { EXPECT_THAT(OpenLog(*OpenAgain()), IsOk()); });
  }
  for (std::thread& start : starts) start.join();
  int64_t epochs = 0;
  ASSERT_THAT(database().Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT COUNT(*) FROM event_epochs", {}));
    epochs = row->Int(0);
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_EQ(epochs, 2);
}

// A server that takes over while the processes run is detected when the next position is given.
TEST_P(EpochsOfALog, BeginBeforeAPositionIsGivenByAnotherServer) {
  if (GetParam() == "sqlite") GTEST_SKIP() << "a SQLite file that is replaced is not written any more";
  ASSERT_THAT(Record({"bucps/1"}), IsOk());
  const Epochs before = CurrentEpochs();
  ASSERT_THAT(Run("UPDATE event_epochs SET timeline = 'another timeline'"), IsOk());
  ASSERT_THAT(Record({"bucps/2"}), IsOk());
  EXPECT_NE(CurrentEpochs().current(), before.current());
  EXPECT_THAT(CurrentEpochs().Resolve(before.TokenOf(1, kScope), kScope, kField), IsOkAndHolds(1));
  EXPECT_EQ(CurrentEpochs().head(), 2);
}

INSTANTIATE_TEST_SUITE_P(Every, EpochsOfALog, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

// On a real SQLite file: a copy is put back.
TEST(ARestoredFile, BeginsAnEpoch) {
  const testing::Place place("sqlite");
  const std::string path = place.address().substr(sizeof("sqlite:") - 1);
  const auto current = [&](const std::string& address) {
    auto database = storage::Open(address);
    EXPECT_THAT(database, IsOk());
    EXPECT_THAT(storage::Migrate(**database, "events", k_events_schema), IsOk());
    EXPECT_THAT(OpenLog(**database), IsOk());
    std::string id;
    EXPECT_THAT((*database)->Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(const Epochs epochs, Epochs::Read(db));
      id = epochs.current();
      return absl::OkStatus();
    }),
                IsOk());
    return id;
  };
  const std::string first = current(place.address());
  EXPECT_EQ(current(place.address()), first);
  std::filesystem::copy(path, path + ".backup");
  std::filesystem::rename(path + ".backup", path);
  const std::string second = current(place.address());
  EXPECT_NE(second, first);
  EXPECT_EQ(current(place.address()), second);
}

// A database of the release before positions, with cursors in the middle of its log.
class AnEarlierLog : public testing::OnBackend {};

TEST_P(AnEarlierLog, KeepsItsOrderAndItsCursors) {
  const config::EmbeddedFile earlier[] = {k_events_schema[0], k_events_schema[1], {nullptr, nullptr}};
  ASSERT_THAT(storage::Migrate(database(), "events", earlier), IsOk());
  // On PostgreSQL a transaction that numbered its event late has a lower own number.
  const bool sqlite = GetParam() == "sqlite";
  const std::vector<std::pair<int64_t, std::string>> written = {
      {sqlite ? 0 : 8, "bucps/2"}, {sqlite ? 0 : 7, "bucps/1"}, {sqlite ? 0 : 9, "bucps/3"}};
  for (const auto& [txid, subject] : written) {
    Event event;
    event.set_event_id(subject);
    event.set_subject(subject);
    ASSERT_THAT(database().Write([&, txid = txid, subject = subject](storage::Transaction& db) {
      return db
          .Execute(
              "INSERT INTO events (txid, event_id, type, subject, bucp, time, body) VALUES ($1, $2, '', $2, "
              "$2, 0, $3)",
              {txid, subject, storage::Blob{event.SerializeAsString()}})
          .status();
    }),
                IsOk());
  }
  // Two of three are delivered: those of the transactions 7 and 8, or the first two.
  ASSERT_THAT(database().Write([&](storage::Transaction& db) {
    return db
        .Execute("INSERT INTO cursors (name, owner, lease_until, txid, seq) VALUES ('review', '', 0, $1, $2)",
                 {int64_t{sqlite ? 0 : 8}, int64_t{sqlite ? 2 : 1}})
        .status();
  }),
              IsOk());
  ASSERT_THAT(storage::Migrate(database(), "events", k_events_schema), IsOk());
  ASSERT_THAT(OpenLog(database()), IsOk());

  std::vector<LoggedEvent> log;
  ASSERT_THAT(database().Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(log, ReadAfter(db, 0, 10));
    return absl::OkStatus();
  }),
              IsOk());
  ASSERT_THAT(log, SizeIs(3));
  EXPECT_EQ(log[0].event.subject(), sqlite ? "bucps/2" : "bucps/1");
  EXPECT_EQ(log[2].event.subject(), "bucps/3");
  clock::FakeClock clock;
  Notifier notifier;
  std::vector<std::string> delivered;
  Relay relay({.service = "drafting"},
              {"review",
               [&](const Event& event) {
                 delivered.push_back(event.subject());
                 return absl::OkStatus();
               },
               nullptr},
              database(), notifier, clock);
  EXPECT_THAT(relay.Pass(), IsOkAndHolds(1));
  EXPECT_THAT(delivered, ElementsAre("bucps/3"));
}

INSTANTIATE_TEST_SUITE_P(Every, AnEarlierLog, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::events
