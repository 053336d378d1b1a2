#include "common/events/peer_history.h"

#include "common/events/relay.h"
#include "tests/common/events/event_log.h"

namespace idea::events {
namespace {

using status::Error;
using status::Reason;
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
