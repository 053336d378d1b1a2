#include <atomic>

#include "common/events/handover_store.h"
#include "common/events/relay.h"
#include "tests/common/events/relay_fixture.h"

namespace idea::events {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using testing::IsOkAndHolds;

class RelayWithALease : public RelayTest {};

TEST_P(RelayWithALease, DeliversNothingWhileAnotherHasTheLease) {
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

TEST_P(RelayWithALease, ReplacesADeadOwnerAfterTheLease) {
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

TEST_P(RelayWithALease, ReplacesADeadOwnerWhoseClockWasSetBack) {
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

TEST_P(RelayWithALease, ReplacesItsOwnPredecessorAtOnce) {
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

TEST_P(RelayWithALease, DoesNotReplaceAPredecessorTwice) {
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

TEST_P(RelayWithALease, TakesTheCursorWhenTheLeaseOfAKilledOwnerEnds) {
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

TEST_P(RelayWithALease, KeepsItsLeaseThroughALongBatch) {
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

TEST_P(RelayWithALease, DropsItsReactionToARefusalIfTheLeaseWasLost) {
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

TEST_P(RelayWithALease, GivesTheLeaseBackOnStopSoThatNothingIsDeliveredTwiceNorLate) {
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

INSTANTIATE_TEST_SUITE_P(Every, RelayWithALease, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::events
