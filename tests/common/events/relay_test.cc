#include "common/events/relay.h"

#include <atomic>

#include "common/events/handover_store.h"
#include "tests/common/events/relay_fixture.h"

namespace idea::events {
namespace {

using status::Reason;
using std::chrono::milliseconds;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Eq;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::IsOkAndHolds;

class RelayOfALog : public RelayTest {};

TEST_P(RelayOfALog, DeliversEachEventOnceAndInOrder) {
  const auto relay = Make(peer_.AsTarget());
  EXPECT_THAT(relay->Pass(), IsOkAndHolds(Eq(0)));
  Happen({"bucps/1", "bucps/2"});
  EXPECT_THAT(relay->Pass(), IsOkAndHolds(Eq(2)));
  Happen({"bucps/3"});
  EXPECT_THAT(relay->Pass(), IsOkAndHolds(Eq(1)));
  EXPECT_THAT(relay->Pass(), IsOkAndHolds(Eq(0)));
  EXPECT_THAT(peer_.accepted, ElementsAre("bucps/1", "bucps/2", "bucps/3"));
}

TEST_P(RelayOfALog, StopsAtAFailureAndContinuesAfterTheAcceptedEvents) {
  const auto relay = Make(peer_.AsTarget());
  HappenTo("bucps/1", {"sent", "frozen", "filed"});
  peer_.answer = [](const Event& event) { return event.subject() == "frozen" ? Down() : absl::OkStatus(); };
  for (int i = 0; i < 3; ++i) EXPECT_THAT(relay->Pass(), FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
  EXPECT_THAT(peer_.accepted, ElementsAre("sent")) << "nothing of the BUCP overtakes what waits";
  peer_.answer = [](const Event&) { return absl::OkStatus(); };
  EXPECT_THAT(relay->Pass(), IsOkAndHolds(Eq(2)));
  EXPECT_THAT(peer_.accepted, ElementsAre("sent", "frozen", "filed"));
}

TEST_P(RelayOfALog, HoldsBackTheOneBucpThatFailsOnly) {
  const auto relay = Make(peer_.AsTarget());
  HappenTo("bucps/1", {"1 sent", "1 frozen"});
  HappenTo("bucps/2", {"2 sent", "2 frozen"});
  peer_.answer = [](const Event& event) { return event.bucp() == "bucps/1" ? Down() : absl::OkStatus(); };
  EXPECT_FALSE(relay->Pass().ok());
  EXPECT_THAT(peer_.accepted, ElementsAre("2 sent", "2 frozen"));
  // After a crash, the events after the cursor are offered again, in the order of each BUCP.
  Peer other;
  clock_.Advance(kLeaseMicros + 1);
  EXPECT_THAT(Make(other.AsTarget())->Pass(), IsOkAndHolds(Eq(4)));
  EXPECT_THAT(other.accepted, ElementsAre("1 sent", "1 frozen", "2 sent", "2 frozen"));
}

TEST_P(RelayOfALog, DoesNotLetABucpWaitForTheSlowAnswerToAnother) {
  std::promise<void> may_answer;
  std::shared_future<void> answered = may_answer.get_future().share();
  std::atomic<int> accepted{0};
  Target target = {"review",
                   [&](const Event& event) {
                     if (event.bucp() == "bucps/1") answered.wait();
                     ++accepted;
                     return absl::OkStatus();
                   },
                   nullptr};
  const auto relay = Make(std::move(target));
  HappenTo("bucps/1", {"slow"});
  for (int i = 2; i < 50; ++i) HappenTo("bucps/" + std::to_string(i), {"quick"});
  relay->Start();
  EXPECT_TRUE(Eventually([&] { return accepted == 48; }));
  may_answer.set_value();
  EXPECT_TRUE(Eventually([&] { return accepted == 49; }));
  relay->Stop();
}

// The peer answers without a decision: the event is too large, or a bug.
TEST_P(RelayOfALog, SetsAsideWhatFailsAgainAndAgainWithTheLaterEventsOfItsBucp) {
  std::vector<int64_t> reported;
  Relay::Settings settings = SettingsOf(milliseconds(0));
  settings.attempts = 3;
  settings.aside = [&](int64_t events) { reported.push_back(events); };
  const auto relay = std::make_unique<Relay>(settings, peer_.AsTarget(), database(), notifier_, clock_);
  HappenTo("bucps/1", {"1 sent", "1 frozen"});
  HappenTo("bucps/2", {"2 sent"});
  peer_.answer = [](const Event& event) {
    return event.bucp() == "bucps/1" ? absl::InternalError("too much for it") : absl::OkStatus();
  };
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(relay->Pass().ok());
  EXPECT_EQ(reported.back(), 2);
  HappenTo("bucps/1", {"1 filed"});
  HappenTo("bucps/2", {"2 frozen"});
  EXPECT_FALSE(relay->Pass().ok()) << "a pass tries what is set aside, too";
  EXPECT_EQ(reported.back(), 3) << "the later event waits for it";
  EXPECT_THAT(peer_.accepted, ElementsAre("2 sent", "2 frozen"));

  // After a crash and a repair of the peer, all events are delivered in order, and no other one again.
  Peer other;
  clock_.Advance(kLeaseMicros + 1);
  const auto heir = Make(other.AsTarget());
  EXPECT_THAT(heir->Pass(), IsOkAndHolds(Eq(3)));
  EXPECT_THAT(other.accepted, ElementsAre("1 sent", "1 frozen", "1 filed"));
  HappenTo("bucps/1", {"1 ended"});
  EXPECT_THAT(heir->Pass(), IsOkAndHolds(Eq(1)));
  EXPECT_THAT(other.accepted, ElementsAre("1 sent", "1 frozen", "1 filed", "1 ended"));
}

// The request of an operator reaches the relay through the database, in whichever process it was received.
TEST_P(RelayOfALog, TriesWhatIsSetAsideAgainWhenTheDatabaseSaysSo) {
  std::atomic<int64_t> aside = 0;
  std::atomic<bool> repaired = false;
  std::atomic<int> tries = 0;
  Relay::Settings settings = SettingsOf(milliseconds(0));
  settings.attempts = 3;
  settings.aside = [&](int64_t events) { aside = events; };
  peer_.answer = [&](const Event& event) {
    if (event.bucp() != "bucps/1" || repaired) return absl::OkStatus();
    ++tries;
    return absl::InternalError("too much for it");
  };
  Relay relay(settings, peer_.AsTarget(), database(), notifier_, clock_);
  HappenTo("bucps/1", {"1 sent", "1 frozen"});
  relay.Start();
  ASSERT_TRUE(Eventually([&] { return aside == 2; }));
  const auto retry = [&](const std::string& line) {
    int64_t lines = -1;
    EXPECT_THAT(database().Write([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(lines, RetryAside(db, "", line, clock_.Now()));
      return absl::OkStatus();
    }),
                IsOk());
    return lines;
  };
  EXPECT_EQ(retry("bucps/2"), 0);
  EXPECT_EQ(tries, 3);
  // It fails again, which is counted, and waits for the next attempt.
  EXPECT_EQ(retry("bucps/1"), 1);
  const auto failures = [&] {
    int64_t number = 0;
    EXPECT_THAT(database().Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT MAX(failures) FROM handovers", {}));
      number = row->Int(0);
      return absl::OkStatus();
    }),
                IsOk());
    return number;
  };
  EXPECT_TRUE(Eventually([&] { return failures() == 4; }));
  EXPECT_EQ(tries, 4);
  repaired = true;
  EXPECT_EQ(retry(""), 1);
  EXPECT_TRUE(Eventually([&] { return aside == 0; }));
  relay.Stop();
  EXPECT_THAT(peer_.accepted, ElementsAre("1 sent", "1 frozen"));
}

// A request for a retry during an attempt that will fail must not be lost.
TEST_P(RelayOfALog, TriesAgainIfThatWasAskedForDuringAnAttempt) {
  HappenTo("bucps/1", {"1 sent"});
  const int64_t position = ReadSoon(1)[0].position;
  const auto write = [&](const storage::Body& body) { EXPECT_THAT(database().Write(body), IsOk()); };
  write([&](storage::Transaction& db) -> absl::Status {
    RETURN_IF_ERROR(TakeCursor(db, "review", {"me", "", 200}).status());
    return SetAside(db, "review", "me", {"bucps/1", {position}, 3, "INTERNAL", "no", 900}, 100);
  });
  const auto due = [&](clock::Micros now) {
    std::vector<std::string> lines;
    write([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(lines, DueAside(db, "review", now));
      return absl::OkStatus();
    });
    return lines;
  };
  EXPECT_THAT(due(899), IsEmpty());
  EXPECT_THAT(due(900), ElementsAre("bucps/1"));
  write([&](storage::Transaction& db) { return RetryAside(db, "review", "bucps/1", 950).status(); });
  write([&](storage::Transaction& db) {
    return FailAside(db, "review", "me", position, absl::InternalError("no"), true, 940, 1800);
  });
  EXPECT_THAT(due(950), ElementsAre("bucps/1"));
  write([&](storage::Transaction& db) {
    return FailAside(db, "review", "me", position, absl::InternalError("no"), true, 960, 1800);
  });
  EXPECT_THAT(due(1799), IsEmpty());
  EXPECT_THAT(due(1800), ElementsAre("bucps/1"));
}

TEST_P(RelayOfALog, SetsNothingAsideWhileThePeerIsDown) {
  std::vector<int64_t> reported;
  Relay::Settings settings = SettingsOf(milliseconds(0));
  settings.attempts = 3;
  settings.aside = [&](int64_t events) { reported.push_back(events); };
  const auto relay = std::make_unique<Relay>(settings, peer_.AsTarget(), database(), notifier_, clock_);
  HappenTo("bucps/1", {"1 sent"});
  HappenTo("bucps/2", {"2 sent"});
  peer_.answer = [](const Event&) { return Down(); };
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(relay->Pass().ok());
  peer_.answer = [](const Event&) { return absl::OkStatus(); };
  EXPECT_THAT(relay->Pass(), IsOkAndHolds(Eq(2)));
  EXPECT_THAT(reported, Each(0));
}

// The peer accepts other events between the failures, but the event is not the cause.
TEST_P(RelayOfALog, SetsNothingAsideForACauseThatThePeerNames) {
  std::vector<int64_t> reported;
  Relay::Settings settings = SettingsOf(milliseconds(0));
  settings.attempts = 3;
  settings.aside = [&](int64_t events) { reported.push_back(events); };
  const auto relay = std::make_unique<Relay>(settings, peer_.AsTarget(), database(), notifier_, clock_);
  HappenTo("bucps/1", {"1 sent"});
  for (const absl::Status& cause : std::vector<absl::Status>{
           status::Error(Reason::ERROR_REASON_OVERLOADED, "no worker"),
           status::Error(Reason::ERROR_REASON_SHUTTING_DOWN, "stopping"),
           status::Error(Reason::ERROR_REASON_DEADLINE_SPENT, "too late"),
           status::Error(Reason::ERROR_REASON_MESSAGE_OVERDUE, "too slow"),
           status::Error(Reason::ERROR_REASON_CONCURRENT_CHANGE, "restored"),
           status::Error(Reason::ERROR_REASON_PEER_UNAVAILABLE, "down").With("service", "registry")}) {
    peer_.answer = [&](const Event& event) { return event.bucp() == "bucps/1" ? cause : absl::OkStatus(); };
    for (int i = 0; i < 5; ++i) {
      HappenTo("bucps/2", {"2 edited"});
      EXPECT_FALSE(relay->Pass().ok());
    }
  }
  EXPECT_THAT(reported, Each(0));
  // The peer itself gives no answer, to this event alone.
  peer_.answer = [](const Event& event) -> absl::Status {
    if (event.bucp() != "bucps/1") return absl::OkStatus();
    return status::Error(Reason::ERROR_REASON_PEER_UNAVAILABLE, "no answer").With("service", "review");
  };
  for (int i = 0; i < 4; ++i) {
    HappenTo("bucps/2", {"2 edited"});
    EXPECT_FALSE(relay->Pass().ok());
  }
  EXPECT_EQ(reported.back(), 1);
}

// So that a peer that was repaired is not waited for much longer than it was out of order.
TEST_P(RelayOfALog, TriesWhatIsSetAsideAgainAfterTimesThatDouble) {
  Relay::Settings settings = SettingsOf(milliseconds(0));
  settings.attempts = 2;
  settings.retry_aside = std::chrono::seconds(320);
  Relay relay(settings, peer_.AsTarget(), database(), notifier_, clock_);
  HappenTo("bucps/1", {"1 sent"});
  peer_.answer = [](const Event&) { return absl::InternalError("too much for it"); };
  EXPECT_FALSE(relay.Pass().ok());
  std::vector<int64_t> waits;
  const auto pass = [&] {
    if (!waits.empty()) clock_.Advance(waits.back() * clock::kSecond);
    EXPECT_FALSE(relay.Pass().ok());
    EXPECT_THAT(database().Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT next_try FROM handovers", {}));
      waits.push_back((row->Int(0) - clock_.Now()) / clock::kSecond);
      return absl::OkStatus();
    }),
                IsOk());
  };
  for (int i = 0; i < 7; ++i) pass();
  EXPECT_THAT(waits, ElementsAre(10, 20, 40, 80, 160, 320, 320));
  peer_.answer = [](const Event&) { return status::Error(Reason::ERROR_REASON_OVERLOADED, "no worker"); };
  pass();
  EXPECT_EQ(waits.back(), 320) << "does not count";
}

// An event that crashes the peer resembles an unavailable peer, except that the peer accepts other events in
// between.
TEST_P(RelayOfALog, SetsAsideWhatGetsNoAnswerWhileOthersDo) {
  std::vector<int64_t> reported;
  Relay::Settings settings = SettingsOf(milliseconds(0));
  settings.attempts = 3;
  settings.aside = [&](int64_t events) { reported.push_back(events); };
  const auto relay = std::make_unique<Relay>(settings, peer_.AsTarget(), database(), notifier_, clock_);
  peer_.answer = [](const Event& event) { return event.bucp() == "bucps/1" ? Down() : absl::OkStatus(); };
  HappenTo("bucps/1", {"1 sent"});
  for (int i = 0; i < 4; ++i) {
    HappenTo("bucps/2", {"2 edited"});
    EXPECT_FALSE(relay->Pass().ok());
  }
  EXPECT_EQ(reported.back(), 1);
}

TEST_P(RelayOfALog, OffersAgainWhatAPeerThatStoppedCutOff) {
  const auto relay = Make(peer_.AsTarget());
  Happen({"bucps/1"});
  peer_.answer = [](const Event&) { return absl::CancelledError("CANCELLED"); };
  EXPECT_FALSE(relay->Pass().ok());
  peer_.answer = [](const Event&) { return absl::OkStatus(); };
  EXPECT_THAT(relay->Pass(), IsOkAndHolds(Eq(1)));
  EXPECT_THAT(peer_.accepted, ElementsAre("bucps/1"));
}

TEST_P(RelayOfALog, StoresHowFarItCameEvenWhenItStopsAtAFailure) {
  Happen({"bucps/1", "bucps/2"});
  peer_.answer = [](const Event& event) { return event.subject() == "bucps/2" ? Down() : absl::OkStatus(); };
  EXPECT_FALSE(Make(peer_.AsTarget())->Pass().ok());
  peer_.answer = [](const Event&) { return absl::OkStatus(); };
  clock_.Advance(kLeaseMicros + 1);
  EXPECT_THAT(Make(peer_.AsTarget())->Pass(), IsOkAndHolds(Eq(1)));
  EXPECT_THAT(peer_.accepted, ElementsAre("bucps/1", "bucps/2"));
}

TEST_P(RelayOfALog, LetsTheServiceReactToARefusalAndGoesOn) {
  peer_.answer = [](const Event& event) {
    return event.subject() == "bucps/1" ? Refusal() : absl::OkStatus();
  };
  Target target = peer_.AsTarget();
  target.refused = [](storage::Transaction&, EventRecorder& recorder, const Event& event,
                      const absl::Status& refusal) {
    EXPECT_THAT(refusal, FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
    recorder.Record({"BucpReturned", event.subject() + "/returned"});
    return absl::OkStatus();
  };
  const auto relay = Make(std::move(target));
  Happen({"bucps/1", "bucps/2"});
  EXPECT_THAT(relay->Pass(), IsOkAndHolds(Eq(2)));
  EXPECT_THAT(peer_.accepted, ElementsAre("bucps/2"));
  const std::vector<LoggedEvent> logged = ReadSoon(3);
  EXPECT_THAT(SubjectsOf(logged), ElementsAre("bucps/1", "bucps/2", "bucps/1/returned"));
  EXPECT_EQ(logged[2].event.actor().service(), "drafting");
  EXPECT_EQ(logged[2].event.request_id(), logged[0].event.request_id()) << "the call that caused it goes on";
}

TEST_P(RelayOfALog, OffersARefusedEventAgainIfTheReactionWasNotStored) {
  int reactions = 0;
  peer_.answer = [](const Event&) { return Refusal(); };
  Target target = peer_.AsTarget();
  target.refused = [&](storage::Transaction&, EventRecorder& recorder, const Event&,
                       const absl::Status&) -> absl::Status {
    recorder.Record({"BucpReturned", "bucps/1/returned"});
    if (++reactions == 1) return absl::InternalError("not this time");
    return absl::OkStatus();
  };
  const auto relay = Make(std::move(target));
  Happen({"bucps/1"});
  EXPECT_FALSE(relay->Pass().ok());
  EXPECT_THAT(SubjectsOf(Read()), ElementsAre("bucps/1"));
  EXPECT_THAT(relay->Pass(), IsOkAndHolds(Eq(1)));
  EXPECT_THAT(SubjectsOf(ReadSoon(2)), ElementsAre("bucps/1", "bucps/1/returned"));
}

TEST_P(RelayOfALog, RetriesUntilThePeerIsBack) {
  std::atomic<int> tries{0};
  peer_.answer = [&](const Event&) { return ++tries < 4 ? Down() : absl::OkStatus(); };
  const auto relay = Make(peer_.AsTarget());
  Happen({"bucps/1"});
  relay->Start();
  EXPECT_TRUE(Eventually([&] { return tries >= 4; }));
  relay->Stop();
  EXPECT_THAT(peer_.accepted, ElementsAre("bucps/1"));
}

TEST_P(RelayOfALog, StopsAtOnceInTheMiddleOfALongPause) {
  std::atomic<int> tries{0};
  peer_.answer = [&](const Event&) {
    ++tries;
    return Down();
  };
  const auto relay = Make(peer_.AsTarget(), std::chrono::hours(1));
  Happen({"bucps/1"});
  relay->Start();
  EXPECT_TRUE(Eventually([&] { return tries == 1; }));
  relay->Stop();
  EXPECT_EQ(tries, 1);
  EXPECT_THAT(peer_.accepted, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Every, RelayOfALog, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::events
