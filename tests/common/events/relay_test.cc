#include "common/events/relay.h"

#include <atomic>
#include <future>

#include "common/events/handover_store.h"
#include "tests/common/events/event_log.h"

namespace idea::events {
namespace {

using status::Error;
using status::Reason;
using std::chrono::milliseconds;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Eq;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::IsOkAndHolds;

constexpr milliseconds kLease{10'000};
constexpr clock::Micros kLeaseMicros = 10 * clock::kSecond;

absl::Status Down() { return Error(Reason::ERROR_REASON_PEER_UNAVAILABLE, "the peer is down"); }
absl::Status Refusal() { return Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED, "the peer refuses"); }

// A target that records accepted events. `answer` may make it fail.
struct Peer {
  Subjects accepted;
  std::function<absl::Status(const Event&)> answer = [](const Event&) { return absl::OkStatus(); };
  Target AsTarget() {
    return {"review",
            [this](const Event& event) {
              const absl::Status status = answer(event);
              if (status.ok()) accepted.push_back(event.subject());
              return status;
            },
            nullptr};
  }
};

class RelayOfALog : public OnEventLog {
 protected:
  std::unique_ptr<Relay> Make(Target target, milliseconds retry = milliseconds(1)) {
    return std::make_unique<Relay>(SettingsOf(retry), std::move(target), database(), notifier_, clock_);
  }
  static Relay::Settings SettingsOf(milliseconds retry) {
    Relay::Settings settings;
    settings.service = "drafting";
    settings.lease = kLease;
    settings.retry_min = settings.retry_max = retry;
    return settings;
  }

  // Writes events about one BUCP.
  void HappenTo(const std::string& bucp, const Subjects& subjects) {
    EventRecorder recorder(clock::kSecond, {}, "request", "");
    for (const std::string& subject : subjects) recorder.Record({"BucpSent", subject, bucp});
    const std::vector<Event> events = recorder.events();
    ASSERT_THAT(database().Write([&](storage::Transaction& db) { return Append(db, events, nullptr); }),
                IsOk());
  }

  // Writes events and waits until they are readable.
  void Happen(const Subjects& subjects) {
    const size_t before = Read().size();
    ASSERT_THAT(Record(subjects), IsOk());
    ReadSoon(before + subjects.size());
  }

  clock::FakeClock clock_;
  Notifier notifier_;
  Peer peer_;
};

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
    return FailAside(db, "review", "me", position, absl::InternalError("no"), 940, 1800);
  });
  EXPECT_THAT(due(950), ElementsAre("bucps/1"));
  write([&](storage::Transaction& db) {
    return FailAside(db, "review", "me", position, absl::InternalError("no"), 960, 1800);
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

TEST_P(RelayOfALog, DeliversNothingWhileAnotherHasTheLease) {
  Peer other;
  const auto owner = Make(peer_.AsTarget());
  const auto idle = Make(other.AsTarget());
  EXPECT_THAT(owner->Pass(), IsOkAndHolds(Eq(0)));
  Happen({"bucps/1"});
  EXPECT_THAT(idle->Pass(), IsOkAndHolds(Eq(0)));
  EXPECT_THAT(owner->Pass(), IsOkAndHolds(Eq(1)));
  clock_.Advance(kLeaseMicros);
  EXPECT_THAT(idle->Pass(), IsOkAndHolds(Eq(0))) << "to its last moment a lease holds";
  EXPECT_THAT(other.accepted, IsEmpty());
}

TEST_P(RelayOfALog, ReplacesADeadOwnerAfterTheLease) {
  Peer other;
  const auto dead = Make(peer_.AsTarget());
  const auto heir = Make(other.AsTarget());
  Happen({"bucps/1"});
  EXPECT_THAT(dead->Pass(), IsOkAndHolds(Eq(1)));
  Happen({"bucps/2"});
  clock_.Advance(kLeaseMicros + 1);
  EXPECT_THAT(heir->Pass(), IsOkAndHolds(Eq(1)));
  EXPECT_THAT(other.accepted, ElementsAre("bucps/2"));
  Happen({"bucps/3"});
  EXPECT_THAT(dead->Pass(), IsOkAndHolds(Eq(0))) << "it was not dead after all, but the cursor is the heir's";
  EXPECT_THAT(peer_.accepted, ElementsAre("bucps/1"));
}

TEST_P(RelayOfALog, ReplacesADeadOwnerWhoseClockWasSetBack) {
  Peer other;
  const auto dead = Make(peer_.AsTarget());
  const auto heir = Make(other.AsTarget());
  EXPECT_THAT(dead->Pass(), IsOkAndHolds(Eq(0)));
  clock_.Set(clock_.Now() - 3600 * clock::kSecond);
  Happen({"bucps/1"});
  EXPECT_THAT(heir->Pass(), IsOkAndHolds(Eq(0)));
  clock_.Advance(kLeaseMicros + 1);
  EXPECT_THAT(heir->Pass(), IsOkAndHolds(Eq(1))) << "the lease of an hour ahead lasts as long as any";
  EXPECT_THAT(other.accepted, ElementsAre("bucps/1"));
  Happen({"bucps/2"});
  EXPECT_THAT(dead->Pass(), IsOkAndHolds(Eq(0))) << "it was not dead after all, but the cursor is the heir's";
}

TEST_P(RelayOfALog, ReplacesItsOwnPredecessorAtOnce) {
  Peer other;
  Relay::Settings settings = SettingsOf(milliseconds(1));
  settings.holder = "pod-1 0.0.0.0:7400";
  const auto make = [&](Peer& peer) {
    return std::make_unique<Relay>(settings, peer.AsTarget(), database(), notifier_, clock_);
  };
  const auto killed = make(peer_);
  Happen({"bucps/1"});
  EXPECT_THAT(killed->Pass(), IsOkAndHolds(Eq(1)));
  Happen({"bucps/2"});
  settings.holder = "pod-1 0.0.0.0:740";
  EXPECT_THAT(make(other)->Pass(), IsOkAndHolds(Eq(0))) << "another process, whose name begins alike";
  settings.holder = "pod-1 0.0.0.0:7400";
  EXPECT_THAT(make(other)->Pass(), IsOkAndHolds(Eq(1))) << "the lease has not ended";
  EXPECT_THAT(other.accepted, ElementsAre("bucps/2"));
  Happen({"bucps/3"});
  EXPECT_EQ(killed->Pass().status().code(), absl::StatusCode::kFailedPrecondition)
      << "it was not dead after all, but the cursor is the heir's";
}

TEST_P(RelayOfALog, DoesNotReplaceAPredecessorTwice) {
  Peer other;
  Relay::Settings settings = SettingsOf(milliseconds(1));
  settings.holder = "pod-1 0.0.0.0:7400";
  Relay first(settings, peer_.AsTarget(), database(), notifier_, clock_);
  Relay second(settings, other.AsTarget(), database(), notifier_, clock_);
  EXPECT_THAT(first.Pass(), IsOkAndHolds(Eq(0)));
  EXPECT_THAT(second.Pass(), IsOkAndHolds(Eq(0)));
  clock_.Advance(kLeaseMicros + 1);
  EXPECT_THAT(first.Pass(), IsOkAndHolds(Eq(0)));
  Happen({"bucps/1"});
  EXPECT_THAT(second.Pass(), IsOkAndHolds(Eq(0))) << "two with one name by mistake do not alternate";
  EXPECT_THAT(first.Pass(), IsOkAndHolds(Eq(1)));
}

TEST_P(RelayOfALog, TakesTheCursorWhenTheLeaseOfAKilledOwnerEnds) {
  Relay::Settings settings = SettingsOf(milliseconds(1));
  settings.lease = Relay::Settings().lease;
  const clock::SystemClock clock;
  Relay killed(settings, peer_.AsTarget(), database(), notifier_, clock);
  EXPECT_THAT(killed.Pass(), IsOkAndHolds(Eq(0)));
  const auto begun = std::chrono::steady_clock::now();
  std::atomic<bool> accepted{false};
  Peer other;
  other.answer = [&](const Event&) {
    accepted = true;
    return absl::OkStatus();
  };
  Happen({"bucps/1"});
  Relay heir(settings, other.AsTarget(), database(), notifier_, clock);
  heir.Start();
  EXPECT_TRUE(Eventually([&] { return accepted.load(); }));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, milliseconds(3'500));
  heir.Stop();
}

TEST_P(RelayOfALog, KeepsItsLeaseThroughALongBatch) {
  Peer other;
  const auto idle = Make(other.AsTarget());
  peer_.answer = [&](const Event&) {
    clock_.Advance(kLeaseMicros * 6 / 10);
    return idle->Pass().status();
  };
  const auto relay = Make(peer_.AsTarget());
  Happen({"bucps/1", "bucps/2", "bucps/3", "bucps/4"});
  EXPECT_THAT(relay->Pass(), IsOkAndHolds(Eq(4)));
  EXPECT_THAT(other.accepted, IsEmpty());
}

TEST_P(RelayOfALog, DropsItsReactionToARefusalIfTheLeaseWasLost) {
  Peer other;
  const auto heir = Make(other.AsTarget());
  peer_.answer = [&](const Event&) {
    clock_.Advance(kLeaseMicros + 1);
    EXPECT_THAT(heir->Pass(), IsOkAndHolds(Eq(1)));
    return Refusal();
  };
  Target target = peer_.AsTarget();
  target.refused = [](storage::Transaction&, EventRecorder& recorder, const Event&, const absl::Status&) {
    recorder.Record({"BucpReturned", "bucps/1/returned"});
    return absl::OkStatus();
  };
  const auto late = Make(std::move(target));
  Happen({"bucps/1"});
  EXPECT_FALSE(late->Pass().ok());
  Happen({"bucps/2"});
  EXPECT_THAT(SubjectsOf(Read()), ElementsAre("bucps/1", "bucps/2"))
      << "the heir delivered it: nothing was returned";
}

TEST_P(RelayOfALog, GivesTheLeaseBackOnStopSoThatNothingIsDeliveredTwiceNorLate) {
  std::atomic<int> accepted{0};
  peer_.answer = [&](const Event&) {
    ++accepted;
    return absl::OkStatus();
  };
  const auto stopped = Make(peer_.AsTarget());
  stopped->Start();
  Happen({"bucps/1", "bucps/2"});
  notifier_.Notify();
  EXPECT_TRUE(Eventually([&] { return accepted == 2; }));
  stopped->Stop();
  Happen({"bucps/3"});
  Peer other;
  EXPECT_THAT(Make(other.AsTarget())->Pass(), IsOkAndHolds(Eq(1))) << "at once, by the same clock";
  EXPECT_THAT(peer_.accepted, ElementsAre("bucps/1", "bucps/2"));
  EXPECT_THAT(other.accepted, ElementsAre("bucps/3"));
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
