#include "common/events/events.h"

#include <map>
#include <thread>

#include "tests/common/events/event_log.h"

namespace idea::events {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::SizeIs;

using EventLog = OnEventLog;

TEST_P(EventLog, IsReadInTheOrderInWhichItWasWritten) {
  ASSERT_THAT(Record({"bucps/1", "bucps/2"}), IsOk());
  ASSERT_THAT(Record({"bucps/3"}), IsOk());
  const std::vector<LoggedEvent> logged = ReadSoon(3);
  EXPECT_THAT(SubjectsOf(logged), ElementsAre("bucps/1", "bucps/2", "bucps/3"));
  EXPECT_LT(logged[0].position, logged[1].position);
  EXPECT_LT(logged[1].position, logged[2].position);
}

TEST_P(EventLog, KeepsTheWholeEvent) {
  const std::vector<Event> recorded = About({"bucps/1"});
  ASSERT_THAT(database().Write([&](storage::Transaction& db) { return Append(db, recorded, nullptr); }),
              IsOk());
  const std::vector<LoggedEvent> logged = ReadSoon(1);
  ASSERT_THAT(logged, SizeIs(1));
  EXPECT_EQ(logged[0].event.SerializeAsString(), recorded[0].SerializeAsString());
}

TEST_P(EventLog, IsReadFromAnyPositionUpToTheLimit) {
  ASSERT_THAT(Record({"bucps/1", "bucps/2", "bucps/3"}), IsOk());
  const std::vector<LoggedEvent> logged = ReadSoon(3);
  ASSERT_THAT(logged, SizeIs(3));
  EXPECT_THAT(SubjectsOf(Read(0, 2)), ElementsAre("bucps/1", "bucps/2"));
  EXPECT_THAT(SubjectsOf(Read(logged[0].position)), ElementsAre("bucps/2", "bucps/3"));
  EXPECT_THAT(Read(logged[2].position), IsEmpty());
}

TEST_P(EventLog, HoldsNothingOfAWriteThatFailed) {
  const std::vector<Event> events = About({"bucps/1"});
  EXPECT_FALSE(database()
                   .Write([&](storage::Transaction& db) -> absl::Status {
                     RETURN_IF_ERROR(Append(db, events, nullptr));
                     return absl::InternalError("after all not");
                   })
                   .ok());
  EXPECT_THAT(Read(), IsEmpty());
}

// A typical error in logs on databases with many writers: the lower number appears after the higher one.
TEST_P(EventLog, ShowsWhatIsCommittedWhileAnEarlierTransactionIsOpenAndThatOneAfterIt) {
  if (GetParam() == "sqlite") GTEST_SKIP() << "SQLite has one writer: commits are in order";
  SlowWrite slow(database(), About({"bucps/slow"}));
  EXPECT_THAT(Record({"bucps/fast"}), IsOk());
  const std::vector<LoggedEvent> first = Read();
  EXPECT_THAT(SubjectsOf(first), ElementsAre("bucps/fast"))
      << "nobody waits for a transaction that stays open";
  ASSERT_THAT(slow.End(), IsOk());
  EXPECT_THAT(SubjectsOf(Read(first.back().position)), ElementsAre("bucps/slow")) << "nothing is passed over";
}

// Used by the exchange check, which must see every change.
TEST_P(EventLog, ShowsTheSubjectsOfEventsWithoutAPosition) {
  if (GetParam() == "sqlite") GTEST_SKIP() << "on SQLite a number is a position";
  ASSERT_THAT(Record({"bucps/1"}), IsOk());
  // The state after a writer that crashed right after its commit.
  ASSERT_THAT(database().Read([](storage::Transaction&) { return absl::OkStatus(); }), IsOk());
  const std::unique_ptr<storage::Database> writer = OpenAgain();
  const std::vector<Event> events = About({"bucps/2"});
  ASSERT_THAT(writer->Write([&](storage::Transaction& db) { return Append(db, events, nullptr); }), IsOk());
  const auto unplaced = [&] {
    Subjects subjects;
    EXPECT_THAT(database().Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(subjects, ReadUnplacedSubjects(db));
      return absl::OkStatus();
    }),
                IsOk());
    return subjects;
  };
  EXPECT_THAT(unplaced(), ElementsAre("bucps/2"));
  EXPECT_THAT(SubjectsOf(Read()), ElementsAre("bucps/1"));
  ASSERT_THAT(PlaceEvents(database()), IsOk());
  EXPECT_THAT(unplaced(), IsEmpty());
  EXPECT_THAT(SubjectsOf(Read()), ElementsAre("bucps/1", "bucps/2"));
}

// Writers change the row of a BUCP. A reader of the log sees the changes of the row in their order, even with
// several sequencers.
TEST_P(EventLog, HasTheOrderOfTheCommitsOfOneBucp) {
  constexpr int kWriters = 4;
  constexpr int kWrites = 25;
  ASSERT_THAT(database().Write([](storage::Transaction& db) -> absl::Status {
    RETURN_IF_ERROR(
        db.Execute("CREATE TABLE IF NOT EXISTS roots (name TEXT PRIMARY KEY, n BIGINT NOT NULL)", {})
            .status());
    RETURN_IF_ERROR(db.Execute("DELETE FROM roots", {}).status());
    return db.Execute("INSERT INTO roots (name, n) VALUES ('bucps/1', 0), ('bucps/2', 0)", {}).status();
  }),
              IsOk());
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      const std::unique_ptr<storage::Database> replica = OpenAgain();
      for (int i = 0; i < kWrites; ++i) {
        const std::string bucp = "bucps/" + std::to_string(1 + (writer + i) % 2);
        const auto write = [&](storage::Transaction& db) -> absl::Status {
          ASSIGN_OR_RETURN(const auto row,
                           db.QueryOne("UPDATE roots SET n = n + 1 WHERE name = $1 RETURNING n", {bucp}));
          EventRecorder recorder(clock::kSecond, {}, "request", "");
          recorder.Record({"BucpEdited", bucp, bucp, {}, "", std::to_string(row->Int(0))});
          return Append(db, recorder.events(), nullptr);
        };
        while (!replica->Write(write).ok()) {
        }
        EXPECT_THAT(PlaceEvents(*replica), IsOk());
      }
    });
  }
  std::map<std::string, int> last;
  size_t read = 0;
  for (int64_t position = 0; read < kWriters * kWrites;) {
    for (const LoggedEvent& logged : Read(position, 7)) {
      EXPECT_GT(logged.position, position);
      position = logged.position;
      EXPECT_EQ(std::stoi(logged.event.summary()), ++last[logged.event.bucp()]) << logged.event.bucp();
      ++read;
    }
  }
  for (std::thread& writer : writers) writer.join();
}

TEST_P(EventLog, RemembersTheAnswerToARequestOfACaller) {
  const Answer answer{"entities/a", "request-1", "digest", std::string("\0bytes\xff", 7)};
  ASSERT_THAT(Record({"bucps/1", "bucps/2"}, &answer), IsOk());
  const auto find = [&](const std::string& caller, const std::string& request_id) {
    std::optional<Answer> found;
    EXPECT_THAT(database().Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(found, FindAnswer(db, caller, request_id));
      return absl::OkStatus();
    }),
                IsOk());
    return found;
  };
  const std::optional<Answer> found = find("entities/a", "request-1");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->request_digest, "digest");
  EXPECT_EQ(found->answer, answer.answer);
  EXPECT_FALSE(find("entities/a", "request-2").has_value());
  EXPECT_FALSE(find("entities/b", "request-1").has_value()) << "another caller's ids are their own";
}

TEST_P(EventLog, RefusesASecondAnswerToARequestAsAConflict) {
  const Answer answer{"entities/a", "request-1", "digest", "answer"};
  ASSERT_THAT(Record({"bucps/1"}, &answer), IsOk());
  const std::vector<Event> events = About({"bucps/2"});
  int runs = 0;
  EXPECT_THAT(database().Write([&](storage::Transaction& db) -> absl::Status {
    if (++runs == 1) return Append(db, events, &answer);
    ASSIGN_OR_RETURN(const auto first, FindAnswer(db, answer.caller, answer.request_id));
    EXPECT_TRUE(first.has_value());
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_EQ(runs, 2);
  EXPECT_THAT(SubjectsOf(ReadSoon(1)), ElementsAre("bucps/1"));
}

INSTANTIATE_TEST_SUITE_P(Every, EventLog, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

TEST(AnEventRecorder, RecordsActorTimeAndCall) {
  common::v1::Actor actor;
  actor.set_entity("entities/a");
  EventRecorder recorder(1'500'000, actor, "request", "trace");
  recorder.Record(
      {"BucpSent", "bucps/1", "bucps/1", {"entities/a", "entities/b"}, "guidebook step 4", "A sent it."});
  recorder.Record({"BucpSent", "bucps/1"});
  ASSERT_THAT(recorder.events(), SizeIs(2));
  const Event& event = recorder.events()[0];
  EXPECT_EQ(event.actor().entity(), "entities/a");
  EXPECT_EQ(event.time().seconds(), 1);
  EXPECT_EQ(event.time().nanos(), 500'000'000);
  EXPECT_EQ(event.request_id(), "request");
  EXPECT_EQ(event.traceparent(), "trace");
  EXPECT_EQ(event.citation(), "guidebook step 4");
  EXPECT_THAT(event.audience(), ElementsAre("entities/a", "entities/b"));
  EXPECT_NE(event.event_id(), recorder.events()[1].event_id());
}

TEST(ASignal, WakesWhoWaitsAndRemembersForWhoWasBusy) {
  Notifier signal;
  const uint64_t seen = signal.Count();
  EXPECT_EQ(signal.Wait(seen, std::chrono::milliseconds(1)), seen) << "nothing was raised";
  std::thread raiser([&] { signal.Notify(); });
  EXPECT_NE(signal.Wait(seen, std::chrono::seconds(30)), seen);
  raiser.join();
  EXPECT_NE(signal.Wait(seen, std::chrono::seconds(30)), seen) << "raised before the wait";
}

}  // namespace
}  // namespace idea::events
