#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>

#include "common/events/relay.h"
#include "tests/common/events/event_log.h"
#include "tests/support/backends.h"
#include "tests/support/matchers.h"

namespace idea::events {
namespace {

using testing::IsOk;

constexpr clock::Micros kHour = 3600 * clock::kSecond;
constexpr clock::Micros kLease = 10 * clock::kSecond;

// Two relays of replicas whose clocks are set, one or both. Time passes equally for both.
class RelaysWhoseClocksAreSet : public OnEventLog {
 protected:
  struct Replica {
    clock::FakeClock clock;
    std::atomic<int> accepted = 0;
    std::unique_ptr<Relay> relay;
  };

  void SetUp() override {
    OnEventLog::SetUp();
    if (IsSkipped()) return;
    for (Replica* replica : {&owner_, &waiting_}) {
      Relay::Settings settings;
      settings.service = "drafting";
      settings.lease = std::chrono::milliseconds(kLease / 1000);
      const Target target{"review",
                          [replica](const Event&) {
                            ++replica->accepted;
                            return absl::OkStatus();
                          },
                          nullptr};
      replica->relay = std::make_unique<Relay>(settings, target, database(), notifier_, replica->clock);
    }
  }

  void Advance(clock::Micros by) {
    owner_.clock.Advance(by);
    waiting_.clock.Advance(by);
  }

  // Each pass of both relays has an event to deliver.
  void PassBoth(int times) {
    for (int i = 0; i < times; ++i) {
      HappenOnce();
      EXPECT_THAT(owner_.relay->Pass(), IsOk());
      EXPECT_THAT(waiting_.relay->Pass(), IsOk());
      Advance(kLease / 2);
    }
  }

  void HappenOnce() {
    const size_t before = Read().size();
    ASSERT_THAT(Record({"bucps/1"}), IsOk());
    ReadSoon(before + 1);
  }

  static void Set(Replica& replica, clock::Micros by) { replica.clock.Set(replica.clock.Now() + by); }

  // Kills the owner after a clock was set. The other relay delivers after the lease, not later and not
  // earlier.
  void ReplaceAfter(const std::function<void()>& set) {
    PassBoth(3);
    set();
    PassBoth(1);
    EXPECT_EQ(owner_.accepted, 4);
    HappenOnce();
    EXPECT_THAT(waiting_.relay->Pass(), IsOk());
    EXPECT_EQ(waiting_.accepted, 0) << "the lease lasts";
    Advance(kLease);
    EXPECT_THAT(waiting_.relay->Pass(), IsOk());
    EXPECT_EQ(waiting_.accepted, 1) << "the lease is over";
    EXPECT_THAT(owner_.relay->Pass(), IsOk());
    EXPECT_EQ(owner_.accepted, 4) << "it was not dead after all";
  }

  Notifier notifier_;
  Replica owner_, waiting_;
};

TEST_P(RelaysWhoseClocksAreSet, LeaveTheLeaseToItsOwner) {
  PassBoth(3);
  for (const clock::Micros by : {kHour, -kHour, -kHour, kHour}) {
    Set(owner_, by);
    PassBoth(3);
    Set(waiting_, by);
    PassBoth(3);
  }
  EXPECT_EQ(owner_.accepted, 3 + 4 * 6);
  EXPECT_EQ(waiting_.accepted, 0);
}

TEST_P(RelaysWhoseClocksAreSet, ReplaceADeadOwnerThatIsAnHourAhead) {
  ReplaceAfter([this] { Set(owner_, kHour); });
}

TEST_P(RelaysWhoseClocksAreSet, ReplaceADeadOwnerWhoseClockIsAnHourSlow) {
  ReplaceAfter([this] { Set(owner_, -kHour); });
}

TEST_P(RelaysWhoseClocksAreSet, ReplaceADeadOwnerAfterBothWereSet) {
  ReplaceAfter([this] {
    Set(owner_, -kHour);
    Set(waiting_, -kHour);
  });
}

INSTANTIATE_TEST_SUITE_P(Every, RelaysWhoseClocksAreSet, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::events
