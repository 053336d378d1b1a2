#include "common/events/peer_history.h"

#include <atomic>
#include <future>

#include "common/events/relay.h"
#include "tests/common/events/event_log.h"

namespace idea::events {
namespace {

using status::Error;
using status::Reason;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::IsOkAndHolds;
using ::testing::SizeIs;

TEST(APeerHistory, KeptWhatItHadBeforeTheLastPositionInCommon) {
  const auto history = PeerHistory::Parse("a.5,b.9,c.20");
  ASSERT_TRUE(history);
  EXPECT_EQ(history->epoch(), "c");
  EXPECT_EQ(history->head(), 20);
  EXPECT_FALSE(history->is_first());
  EXPECT_TRUE(history->Kept("a", 4));
  EXPECT_FALSE(history->Kept("a", 5)) << "accepted at position 5, but after the backup";
  EXPECT_TRUE(history->Kept("b", 8));
  EXPECT_FALSE(history->Kept("c", 1)) << "nothing was lost in the current epoch that it knows of";
  EXPECT_FALSE(history->Kept("d", 1));
  EXPECT_TRUE(PeerHistory::Parse("a.0")->is_first());
  for (const char* bad : {"", "a", "a.", ".1", "a.-1", "a.x", "a.1,b", "a.1,.2"}) {
    EXPECT_FALSE(PeerHistory::Parse(bad)) << bad;
  }
}

class RelayToARestoredPeer : public OnEventLog {
 protected:
  void SetUp() override {
    OnEventLog::SetUp();
    if (IsSkipped()) return;
    relay_ = Make();
  }
  std::unique_ptr<Relay> Make() {
    Relay::Settings settings;
    settings.service = "drafting";
    settings.batch = 200;
    Target target = {"review",
                     [this](const Event& event) -> absl::Status {
                       const bool in_order = epoch_.empty() || expected_.empty() || expected_ == epoch_;
                       if (!in_order) return Error(Reason::ERROR_REASON_CONCURRENT_CHANGE, "restored");
                       const auto answer = answers_.find(event.subject());
                       const absl::Status status =
                           answer == answers_.end() ? absl::OkStatus() : answer->second;
                       if (status.ok()) accepted_.push_back(event.subject());
                       return status;
                     },
                     nullptr};
    target.peer_history = [this] { return history_; };
    target.expect_epoch = [this](const std::string& epoch) { expected_ = epoch; };
    return std::make_unique<Relay>(settings, std::move(target), database(), notifier_, clock_);
  }
  // Writes events about bucps/<first> to bucps/<last>.
  void Happen(int first, int last) {
    Subjects subjects;
    for (int i = first; i <= last; ++i) subjects.push_back("bucps/" + std::to_string(i));
    ASSERT_THAT(Record(subjects), IsOk());
    ReadSoon(static_cast<size_t>(last));
  }
  // The deliveries of the relay in all necessary passes.
  Subjects Deliver() {
    accepted_.clear();
    for (int passed = 1; passed > 0;) {
      const absl::StatusOr<int> pass = relay_->Pass();
      EXPECT_THAT(pass, IsOk());
      passed = pass.value_or(0);
    }
    return std::move(accepted_);
  }

  clock::FakeClock clock_;
  Notifier notifier_;
  absl::StatusOr<std::string> history_ = "a.5";
  std::map<std::string, absl::Status> answers_;
  Subjects accepted_;
  // The expected epoch of the relay, and that of the peer; empty if it does not check.
  std::string expected_, epoch_;
  std::unique_ptr<Relay> relay_;
};

// Until the relay knows that the peer was restored, the peer must not accept events after the lost ones.
TEST_P(RelayToARestoredPeer, DeliversNothingNewBeforeWhatWasLost) {
  epoch_ = "a";
  Happen(1, 2);
  EXPECT_THAT(Deliver(), SizeIs(2));
  for (const char* restored : {"b", "c"}) {
    epoch_ = restored;
    history_ = "";
    const int last = epoch_ == "b" ? 3 : 4;
    Happen(last, last);
    EXPECT_THAT(relay_->Pass(), FailsWith(Reason::ERROR_REASON_CONCURRENT_CHANGE));
    // A replica that takes over the cursor knows the history.
    relay_ = Make();
    clock_.Advance(clock::kSecond * 100);
    EXPECT_THAT(relay_->Pass(), FailsWith(Reason::ERROR_REASON_CONCURRENT_CHANGE));
    history_ = epoch_ == "b" ? "a.6,b.6" : "a.6,b.7,c.7";
    EXPECT_THAT(Deliver(), SizeIs(last));
  }
}

TEST_P(RelayToARestoredPeer, DeliversAgainWhatFollowedTheLastMarkThatThePeerHas) {
  Happen(1, 120);
  EXPECT_THAT(Deliver(), SizeIs(120));
  history_ = "a.7";
  EXPECT_THAT(Deliver(), IsEmpty());
  Happen(121, 123);
  EXPECT_THAT(Deliver(), SizeIs(3));
  for (const absl::StatusOr<std::string>& unknown :
       {absl::StatusOr<std::string>(Error(Reason::ERROR_REASON_PEER_UNAVAILABLE, "down")),
        absl::StatusOr<std::string>(""), absl::StatusOr<std::string>("?")}) {
    history_ = unknown;
    EXPECT_THAT(Deliver(), IsEmpty());
  }
  history_ = "a.8,b.8";
  EXPECT_THAT(Deliver(), ElementsAre("bucps/121", "bucps/122", "bucps/123"));
  EXPECT_THAT(Deliver(), IsEmpty());
  // Another replica that takes over the cursor knows of it.
  relay_ = Make();
  clock_.Advance(clock::kSecond * 100);
  EXPECT_THAT(Deliver(), IsEmpty());
  // A backup from before the mark.
  history_ = "a.7,c.7";
  EXPECT_THAT(Deliver(), SizeIs(123));
  EXPECT_THAT(Deliver(), IsEmpty());
}

TEST_P(RelayToARestoredPeer, DeliversEverythingAgainToAPeerThatWasRestoredBeforeItWasAsked) {
  history_ = "";
  Happen(1, 3);
  EXPECT_THAT(Deliver(), SizeIs(3));
  history_ = "a.5,b.7";
  EXPECT_THAT(Deliver(), SizeIs(3));
  EXPECT_THAT(Deliver(), IsEmpty());
}

TEST_P(RelayToARestoredPeer, DeliversEverythingAgainIfThePeerHasLostTheEndOfItsEpoch) {
  Happen(1, 120);
  EXPECT_THAT(Deliver(), SizeIs(120));
  history_ = "a.7";
  EXPECT_THAT(Deliver(), IsEmpty());
  history_ = "a.6";
  EXPECT_THAT(Deliver(), SizeIs(120));
  EXPECT_THAT(Deliver(), IsEmpty());
  // The next owner of the cursor also detects it from the mark.
  history_ = "a.4";
  relay_ = Make();
  clock_.Advance(clock::kSecond * 100);
  EXPECT_THAT(Deliver(), SizeIs(120));
}

// An event that was set aside when the peer was asked. The peer accepts it afterwards, and is then restored
// to a backup from between the two.
TEST_P(RelayToARestoredPeer, DeliversAgainWhatItHadSetAsideWhenThePeerWasAsked) {
  answers_ = {{"bucps/1", absl::InternalError("too much for it")}};
  Happen(1, 121);
  for (int i = 0; i < 25; ++i) EXPECT_FALSE(relay_->Pass().ok());
  history_ = "a.127";
  EXPECT_FALSE(relay_->Pass().ok());
  answers_.clear();
  EXPECT_THAT(relay_->Pass(), IsOk());
  EXPECT_EQ(accepted_.back(), "bucps/1");
  history_ = "a.128,b.128";
  EXPECT_THAT(Deliver(), Contains("bucps/1"));
  EXPECT_THAT(Deliver(), IsEmpty());
}

// The peer has accepted an event, and is restored before its answer arrives.
TEST_P(RelayToARestoredPeer, DoesNotCountTheAnswerOfADatabaseThatIsGone) {
  std::promise<void> may_answer;
  std::shared_future<void> answered = may_answer.get_future().share();
  std::atomic<int> delivered = 0;
  std::atomic<bool> restored = false;
  Target target = {"log",
                   [&](const Event&) {
                     if (delivered++ == 0) answered.wait();
                     return absl::OkStatus();
                   },
                   nullptr};
  target.peer_history = [&] { return restored ? "a.5,b.5" : "a.5"; };
  Relay relay({.service = "drafting"}, std::move(target), database(), notifier_, clock_);
  EXPECT_THAT(relay.Pass(), IsOk());
  Happen(1, 1);
  auto delivery = std::async(std::launch::async, [&] { return relay.Pass(); });
  EXPECT_TRUE(Eventually([&] { return delivered == 1; }));
  restored = true;
  auto next = std::async(std::launch::async, [&] { return relay.Pass(); });
  EXPECT_EQ(next.wait_for(std::chrono::milliseconds(200)), std::future_status::timeout)
      << "the cursor moved while a delivery was in progress";
  may_answer.set_value();
  EXPECT_THAT(delivery.get(), IsOk());
  EXPECT_THAT(next.get(), IsOk());
  EXPECT_THAT(relay.Pass(), IsOk());
  EXPECT_EQ(delivered, 2);
}

// Under load, a lease may lapse more often than the peer is asked.
TEST_P(RelayToARestoredPeer, AsksThePeerHoweverOftenItsLeaseLapses) {
  struct RushingClock : clock::FakeClock {
    clock::Micros Steady() const override { return steady += clock::kDay; }
    mutable std::atomic<clock::Micros> steady = 0;
  } rushing;
  std::atomic<int> asked = 0;
  Relay::Settings settings;
  settings.service = "drafting";
  settings.poll = std::chrono::milliseconds(1);
  settings.ask_peer = std::chrono::milliseconds(100);
  Target target = {"log", [](const Event&) { return absl::OkStatus(); }, nullptr};
  target.peer_history = [&] {
    ++asked;
    return "a.5";
  };
  Relay relay(settings, std::move(target), database(), notifier_, rushing);
  relay.Start();
  EXPECT_TRUE(Eventually([&] { return asked > 1; }));
  relay.Stop();
}

// An event after the cursor that the peer refused. The event that it refers to is delivered again.
TEST_P(RelayToARestoredPeer, DeliversAgainWhatWasRefusedOutOfTheOrderOfTheLog) {
  const absl::Status refusal = Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED, "refused");
  Happen(1, 3);
  answers_ = {{"bucps/1", Error(Reason::ERROR_REASON_PEER_UNAVAILABLE, "down")}, {"bucps/2", refusal}};
  EXPECT_FALSE(relay_->Pass().ok());
  answers_.clear();
  history_ = "a.5,b.5";
  EXPECT_THAT(Deliver(), ElementsAre("bucps/1", "bucps/2", "bucps/3"));
}

// Positions of the marks may have been given again.
TEST_P(RelayToARestoredPeer, ForgetsItsMarksIfItsOwnLogIsNotTheSame) {
  Happen(1, 120);
  EXPECT_THAT(Deliver(), SizeIs(120));
  history_ = "";
  ASSERT_THAT(database().Write([](storage::Transaction& db) { return BeginEpoch(db, /*exact=*/false); }),
              IsOk());
  relay_ = Make();
  clock_.Advance(clock::kSecond * 100);
  EXPECT_THAT(Deliver(), SizeIs(120));
  history_ = "a.9,b.9";
  EXPECT_THAT(Deliver(), SizeIs(120)) << "the mark at 120 was of the log before";
}

INSTANTIATE_TEST_SUITE_P(Every, RelayToARestoredPeer, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::events
