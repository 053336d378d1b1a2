#include "common/events/events.h"

#include "tests/common/events/event_log.h"

namespace idea::events {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::SizeIs;

using EventLog = OnEventLog;

TEST_P(EventLog, IsReadInTheOrderInWhichItWasWritten) {
  ASSERT_THAT(Tell({"bucps/1", "bucps/2"}), IsOk());
  ASSERT_THAT(Tell({"bucps/3"}), IsOk());
  const std::vector<Logged> logged = ReadSoon(3);
  EXPECT_THAT(SubjectsOf(logged), ElementsAre("bucps/1", "bucps/2", "bucps/3"));
  EXPECT_LT(logged[0].at, logged[1].at);
  EXPECT_LT(logged[1].at, logged[2].at);
}

TEST_P(EventLog, KeepsTheWholeEvent) {
  const std::vector<Event> told = About({"bucps/1"});
  ASSERT_THAT(database().Write([&](storage::Transaction& db) { return Append(db, told, nullptr); }), IsOk());
  const std::vector<Logged> logged = ReadSoon(1);
  ASSERT_THAT(logged, SizeIs(1));
  EXPECT_EQ(logged[0].event.SerializeAsString(), told[0].SerializeAsString());
}

TEST_P(EventLog, IsReadOnBehindAnyPositionAndNoFurtherThanTheLimit) {
  ASSERT_THAT(Tell({"bucps/1", "bucps/2", "bucps/3"}), IsOk());
  const std::vector<Logged> logged = ReadSoon(3);
  ASSERT_THAT(logged, SizeIs(3));
  EXPECT_THAT(SubjectsOf(Read({}, 2)), ElementsAre("bucps/1", "bucps/2"));
  EXPECT_THAT(SubjectsOf(Read(logged[0].at)), ElementsAre("bucps/2", "bucps/3"));
  EXPECT_THAT(Read(logged[2].at), IsEmpty());
}

TEST_P(EventLog, IsReadOnBehindAPositionThatWasATokenMeanwhile) {
  ASSERT_THAT(Tell({"bucps/1", "bucps/2"}), IsOk());
  const std::vector<Logged> logged = ReadSoon(2);
  ASSERT_THAT(logged, SizeIs(2));
  const auto at = Position::FromToken(logged[0].at.ToToken());
  ASSERT_TRUE(at.has_value());
  EXPECT_THAT(SubjectsOf(Read(*at)), ElementsAre("bucps/2"));
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

// The trap of every log on a database with many writers: the lower number appears after the higher one.
TEST_P(EventLog, HoldsLaterEventsBackWhileAnEarlierTransactionIsUnderWay) {
  if (GetParam() == "sqlite") GTEST_SKIP() << "SQLite has one writer: commits are in order";
  SlowWrite slow(database(), About({"bucps/slow"}));
  EXPECT_THAT(Tell({"bucps/fast"}), IsOk());
  EXPECT_THAT(Read(), IsEmpty()) << "the slow transaction's event would be passed over";
  ASSERT_THAT(slow.End(), IsOk());
  EXPECT_THAT(SubjectsOf(ReadSoon(2)), ElementsAre("bucps/slow", "bucps/fast"));
}

// Who only has to know of every change, in whatever order, need not wait for the slow one.
TEST_P(EventLog, ShowsWhatIsVisibleEachOnceWhileAnEarlierTransactionIsUnderWay) {
  if (GetParam() == "sqlite") GTEST_SKIP() << "SQLite has one writer: commits are in order";
  Frontier frontier = Now();
  SlowWrite slow(database(), About({"bucps/slow"}));
  EXPECT_THAT(Tell({"bucps/1", "bucps/2", "bucps/3"}), IsOk());
  EXPECT_THAT(News(frontier, 2), ElementsAre("bucps/1", "bucps/2"));
  EXPECT_THAT(News(frontier, 2), ElementsAre("bucps/3"));
  EXPECT_THAT(News(frontier, 2), IsEmpty());
  EXPECT_EQ(Count(), 3);
  auto resumed = Frontier::FromToken(frontier.ToToken());
  ASSERT_TRUE(resumed.has_value());
  Frontier begun = Now();
  ASSERT_THAT(slow.End(), IsOk());
  for (Frontier* each : {&frontier, &*resumed, &begun}) {
    EXPECT_THAT(News(*each, 2), ElementsAre("bucps/slow"));
    EXPECT_THAT(News(*each, 2), IsEmpty());
  }
  EXPECT_EQ(Count(), 4);
  ASSERT_TRUE(Eventually([&] { return News(frontier, 2).empty() && frontier.seen.empty(); }));
}

TEST_P(EventLog, ShowsWhatIsVisibleInPages) {
  Frontier frontier = Now();
  EXPECT_THAT(Tell({"bucps/1", "bucps/2"}), IsOk());
  EXPECT_THAT(Tell({"bucps/3"}), IsOk());
  EXPECT_THAT(News(frontier, 2), ElementsAre("bucps/1", "bucps/2"));
  EXPECT_THAT(News(frontier, 2), ElementsAre("bucps/3"));
  EXPECT_THAT(News(frontier, 2), IsEmpty());
}

TEST(AFrontier, IsNotReadFromWhatIsNoToken) {
  for (const char* token : {"", "1", "1.2,", "1.2,x", "1.2,3,", "1.2;3", ",1"}) {
    EXPECT_FALSE(Frontier::FromToken(token).has_value()) << token;
  }
  EXPECT_EQ(Frontier::FromToken("7.8,9,11")->seen.size(), 2u);
}

TEST_P(EventLog, RemembersTheAnswerToARequestOfACaller) {
  const Answer answer{"entities/a", "request-1", "digest", std::string("\0bytes\xff", 7)};
  ASSERT_THAT(Tell({"bucps/1", "bucps/2"}, &answer), IsOk());
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
  ASSERT_THAT(Tell({"bucps/1"}, &answer), IsOk());
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

TEST(APosition, IsNotReadFromWhatIsNoToken) {
  for (const std::string token : {"", ".", "1", "1.", ".1", "a.1", "1.a", "1.1 ", " 1.1", "1.1.1", "-1.5",
                                  "0.-1", "99999999999999999999.1", "1.99999999999999999999"}) {
    EXPECT_FALSE(Position::FromToken(token).has_value()) << token;
  }
  EXPECT_EQ(Position::FromToken("0.0"), Position{});
  EXPECT_EQ(Position::FromToken("12.7"), (Position{12, 7}));
}

TEST(APosition, IsOrderedByTransactionFirst) {
  EXPECT_LT((Position{1, 9}), (Position{2, 1}));
  EXPECT_LT((Position{2, 1}), (Position{2, 2}));
}

TEST(AScribe, SaysWhoWhenAndInWhichCall) {
  common::v1::Actor actor;
  actor.set_entity("entities/a");
  Scribe scribe(1'500'000, actor, "request", "trace");
  scribe.Tell(
      {"BucpSent", "bucps/1", "bucps/1", {"entities/a", "entities/b"}, "guidebook step 4", "A sent it."});
  scribe.Tell({"BucpSent", "bucps/1"});
  ASSERT_THAT(scribe.told(), SizeIs(2));
  const Event& event = scribe.told()[0];
  EXPECT_EQ(event.actor().entity(), "entities/a");
  EXPECT_EQ(event.time().seconds(), 1);
  EXPECT_EQ(event.time().nanos(), 500'000'000);
  EXPECT_EQ(event.request_id(), "request");
  EXPECT_EQ(event.traceparent(), "trace");
  EXPECT_EQ(event.citation(), "guidebook step 4");
  EXPECT_THAT(event.audience(), ElementsAre("entities/a", "entities/b"));
  EXPECT_NE(event.event_id(), scribe.told()[1].event_id());
}

TEST(ASignal, WakesWhoWaitsAndRemembersForWhoWasBusy) {
  Signal signal;
  const uint64_t seen = signal.Count();
  EXPECT_EQ(signal.Wait(seen, std::chrono::milliseconds(1)), seen) << "nothing was raised";
  std::thread raiser([&] { signal.Raise(); });
  EXPECT_NE(signal.Wait(seen, std::chrono::seconds(30)), seen);
  raiser.join();
  EXPECT_NE(signal.Wait(seen, std::chrono::seconds(30)), seen) << "raised before the wait";
}

}  // namespace
}  // namespace idea::events
