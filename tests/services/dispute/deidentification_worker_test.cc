#include "services/dispute/deidentification_worker.h"

#include <atomic>
#include <functional>
#include <thread>
#include <utility>

#include "services/dispute/dispute_events.h"
#include "tests/services/dispute/deidentification_fixture.h"
#include "tests/support/eventually.h"

namespace idea::dispute {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using ::testing::Not;
using enum v1::DeidentificationState;

class ReviewTimer : public ReviewTest {};

TEST_P(ReviewTimer, RecordsThatNoProviderObjectedInTime) {
  const std::string name = SubmitData()->name();
  env_.clock.Set(kFiveDays - 1);
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(0));
  env_.clock.Set(kFiveDays);
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(1));
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(0));
  const auto silent = ReadData(name);
  ASSERT_THAT(silent, IsOk());
  EXPECT_EQ(silent->state(), DEIDENTIFICATION_STATE_UNANSWERED);
  EXPECT_FALSE(silent->has_clock());
  EXPECT_THAT(EventTypes(), ElementsAre(kDeidentificationSubmitted, kDeidentificationUnanswered));
  EXPECT_EQ(harness_->Events().back().actor().service(), "dispute");
  // An answer now is late, and counts.
  const auto late = AnswerData(name, v1::ASSESSMENT_OBJECTS);
  ASSERT_THAT(late, IsOk());
  EXPECT_EQ(late->state(), DEIDENTIFICATION_STATE_OBJECTED);
  EXPECT_TRUE(late->answers(0).late());
  EXPECT_TRUE(late->has_clock());
}

TEST_P(ReviewTimer, OpensTheDisputeTenWorkingDaysAfterTheObjection) {
  const std::string name = Objected();
  env_.clock.Set(kTenDays - 1);
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(0));
  env_.clock.Set(kTenDays);
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(1));
  const auto review = ReadData(name);
  ASSERT_THAT(review, IsOk());
  EXPECT_EQ(review->state(), DEIDENTIFICATION_STATE_DISPUTED);
  const auto dispute = Get(review->dispute());
  ASSERT_THAT(dispute, IsOk());
  EXPECT_EQ(dispute->category(), v1::CATEGORY_DEIDENTIFICATION);
  EXPECT_EQ(dispute->deidentification(), name);
  EXPECT_EQ(dispute->opened_by(), kProviderDept);
  EXPECT_EQ(dispute->objection(), "small counties stand out");
  EXPECT_TRUE(dispute->holds());
  EXPECT_THAT(EventTypes(), ElementsAre(kDeidentificationSubmitted, kDeidentificationObjected, kDisputeOpened,
                                        kDeidentificationDisputed));
  EXPECT_THAT(Withdraw(dispute->name()), IsOk());
}

TEST_P(ReviewTimer, FiresOnceForManyReplicas) {
  const std::string name = Objected();
  env_.clock.Set(kTenDays);
  std::atomic<int> fired = 0;
  std::vector<std::thread> replicas;
  for (int i = 0; i < 4; ++i) {
    replicas.emplace_back([&] {
      const auto done = NewWorker()->Pass();
      EXPECT_THAT(done, IsOk());
      fired += done.value_or(0);
    });
  }
  for (std::thread& replica : replicas) replica.join();
  EXPECT_EQ(fired, 1);
  EXPECT_EQ(harness_->Events().size(), 4u);
}

TEST_P(ReviewTimer, FiresAfterARestartIfItBecameDueBefore) {
  const std::string name = Objected();
  worker_.reset();
  env_.clock.Set(kTenDays + 30 * kDay);
  Serve(v1::PROCESS_GUIDEBOOK);
  worker_ = NewWorker();
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(1));
  EXPECT_EQ(ReadData(name)->state(), DEIDENTIFICATION_STATE_DISPUTED);
}

TEST_P(ReviewTimer, FiresAutomaticallyWithinSeconds) {
  const std::string name = Objected();
  env_.clock.Set(kTenDays);
  worker_->Start();
  EXPECT_TRUE(
      testing::Eventually([&] { return ReadData(name)->state() == DEIDENTIFICATION_STATE_DISPUTED; }));
  worker_->Stop();
  EXPECT_EQ(harness_->Events().size(), 4u);
}

TEST_P(ReviewTimer, IsTakenOverFromAReplicaThatDied) {
  const std::string name = Objected();
  env_.clock.Set(kTenDays);
  ASSERT_THAT(database().Write([&](storage::Transaction& db) {
    return ClaimTimer(db, {name, kTenDays}, kTenDays + 10 * clock::kSecond).status();
  }),
              IsOk());
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(0));
  env_.clock.Advance(10 * clock::kSecond);
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(1));
}

TEST_P(ReviewTimer, FiresOnceAndNotEarlyWhenTimeJumps) {
  const std::string name = Objected();
  env_.clock.Set(kTenDays + 365 * kDay);
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(1));
  env_.clock.Set(kMonday);
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(0));
  env_.clock.Set(kTenDays);
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(0));
  EXPECT_EQ(harness_->Events().size(), 4u);
}

// A replica whose time was a year ahead died with its claim. The others do not wait a year for it.
TEST_P(ReviewTimer, IsTakenOverFromAReplicaWhoseClockWasSetBack) {
  const std::string name = Objected();
  env_.clock.Set(kTenDays + 365 * kDay);
  drafting_.AnswerQuestions(status::Error(Reason::ERROR_REASON_PEER_UNAVAILABLE, "drafting does not answer"));
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(0));
  drafting_.AnswerQuestions(absl::OkStatus());
  env_.clock.Set(kTenDays - 1);
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(0)) << "not due";
  env_.clock.Set(kTenDays);
  EXPECT_THAT(NewWorker()->Pass(), IsOkAndHolds(1));
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(0));
  EXPECT_EQ(ReadData(name)->state(), DEIDENTIFICATION_STATE_DISPUTED);
}

// Two replicas on one database whose times differ by a few minutes: a fast and a slow one.
class ReviewTimers : public ReviewTest {
 protected:
  static constexpr clock::Micros kApart = 180 * clock::kSecond;

  // Sets the time of the fast replica to `now`.
  void SetAhead(clock::Micros now) {
    fast_time_.Set(now);
    slow_time_.Set(now - kApart);
  }
  // In any order and number of passes, a timer that is due has fired once, in one replica.
  void ExpectDoneOnce(const std::string& review) {
    EXPECT_THAT(fast_->Pass(), IsOkAndHolds(0));
    EXPECT_THAT(slow_->Pass(), IsOkAndHolds(0));
    EXPECT_EQ(ReadData(review)->state(), DEIDENTIFICATION_STATE_DISPUTED);
    EXPECT_THAT(EventTypes(), ElementsAre(kDeidentificationSubmitted, kDeidentificationObjected,
                                          kDisputeOpened, kDeidentificationDisputed));
  }
  void SetUp() override {
    ReviewTest::SetUp();
    if (IsSkipped()) return;
    fast_ = NewWorker(fast_time_,
                      [this](std::string_view, const rpc::Context& context,
                             const google::protobuf::Message& request, google::protobuf::Message* response) {
                        if (const auto callback = std::exchange(during_ask_, nullptr)) callback();
                        return peers_.Send(context, request, response);
                      });
    slow_ = NewWorker(slow_time_, peers_);
  }

  clock::FakeClock fast_time_, slow_time_;
  std::unique_ptr<DeidentificationWorker> fast_, slow_;
  // Called once, when the fast replica has claimed the timer and reads the facts.
  std::function<void()> during_ask_;
};

TEST_P(ReviewTimers, FireOnceByTheTimeOfTheReplicaAhead) {
  const std::string name = Objected();
  SetAhead(kTenDays - 1);
  EXPECT_THAT(fast_->Pass(), IsOkAndHolds(0));
  EXPECT_THAT(slow_->Pass(), IsOkAndHolds(0));
  SetAhead(kTenDays);
  EXPECT_THAT(slow_->Pass(), IsOkAndHolds(0)) << "not due by its own time";
  EXPECT_THAT(fast_->Pass(), IsOkAndHolds(1));
  SetAhead(kTenDays + kApart);
  ExpectDoneOnce(name);
}

TEST_P(ReviewTimers, FireOnceIfTheSlowReplicaIsAlone) {
  const std::string name = Objected();
  SetAhead(kTenDays + kApart - 1);
  EXPECT_THAT(slow_->Pass(), IsOkAndHolds(0));
  SetAhead(kTenDays + kApart);
  EXPECT_THAT(slow_->Pass(), IsOkAndHolds(1));
  ExpectDoneOnce(name);
}

// The slow replica takes the claim of the fast one for a claim of a time that was set back. It takes the
// timer over while the fast one handles it.
TEST_P(ReviewTimers, FireOnceIfOneReplicaTakesOverFromABusyOne) {
  const std::string name = Objected();
  SetAhead(kTenDays + kApart);
  during_ask_ = [&] { EXPECT_THAT(slow_->Pass(), IsOkAndHolds(1)); };
  EXPECT_THAT(fast_->Pass(), IsOkAndHolds(0));
  ExpectDoneOnce(name);
}

TEST_P(ReviewTimers, FireOnceIfBothReplicasCheckAtTheSameMoment) {
  const std::string name = Objected();
  SetAhead(kTenDays + kApart);
  absl::StatusOr<int> by_one;
  std::thread one([&] { by_one = fast_->Pass(); });
  const absl::StatusOr<int> by_other = slow_->Pass();
  one.join();
  EXPECT_EQ(by_one.value_or(0) + by_other.value_or(0), 1) << by_one.status() << by_other.status();
  ExpectDoneOnce(name);
}

TEST_P(ReviewTimer, StopsWhenThePartiesAgree) {
  const std::string name = Objected();
  ASSERT_THAT(AnswerData(name, v1::ASSESSMENT_ACCEPTS), IsOk());
  env_.clock.Set(kTenDays);
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(0));
  EXPECT_EQ(ReadData(name)->state(), DEIDENTIFICATION_STATE_AGREED);
}

// The last answer and the timer at the same moment: one of them wins.
TEST_P(ReviewTimer, RacesWithTheLastAnswerAndOneWins) {
  for (int round = 0; round < 10; ++round) {
    env_.clock.Set(kMonday);
    const std::string bucp = "bucps/race" + std::to_string(round);
    drafting_.Add(bucp, {kRecipientDept}, {kProviderDept});
    const std::string name = Objected(bucp);
    env_.clock.Set(kTenDays);
    absl::StatusOr<v1::Deidentification> agreed;
    std::thread answer([&] { agreed = AnswerData(name, v1::ASSESSMENT_ACCEPTS); });
    const auto fired = worker_->Pass();
    answer.join();
    ASSERT_THAT(fired, IsOk());
    const auto review = ReadData(name);
    ASSERT_THAT(review, IsOk());
    EXPECT_EQ(agreed.ok(), review->state() == DEIDENTIFICATION_STATE_AGREED);
    EXPECT_EQ(*fired == 1, review->state() == DEIDENTIFICATION_STATE_DISPUTED);
    EXPECT_EQ(review->dispute().empty(), agreed.ok());
  }
}

TEST_P(ReviewTimer, WaitsForMissingEntriesAndRecordsThatOnce) {
  // A party under the Governor's authority without a mediator.
  constexpr char kLonely[] = "entities/board-q";
  ASSERT_THAT(registry_->Import("Board Q,,,board,s\n"), IsOk());
  ASSERT_THAT(registry_->SetAuthority(kLonely, registry::v1::GOVERNOR_AUTHORITY_UNDER), IsOk());
  drafting_.Add("bucps/2", {kRecipientDept, kLonely}, {kProviderDept});
  const std::string name = Objected("bucps/2");
  env_.clock.Set(kTenDays);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(worker_->Pass(), IsOkAndHolds(0));
    env_.clock.Advance(10 * clock::kSecond);
  }
  EXPECT_THAT(ReadData(name)->clock().problem(), HasSubstr(kLonely));
  EXPECT_EQ(harness_->Events().back().type(), kDeidentificationDelayed);
  EXPECT_EQ(harness_->Events().size(), 3u);
  ASSERT_THAT(registry_->SetAuthority(kLonely, registry::v1::GOVERNOR_AUTHORITY_OUTSIDE), IsOk());
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(1));
  EXPECT_EQ(ReadData(name)->state(), DEIDENTIFICATION_STATE_DISPUTED);
}

TEST_P(ReviewTimer, WaitsForAnotherDisputeToEnd) {
  const std::string other = Open(kRecipientDept, v1::CATEGORY_COSTS)->name();
  const std::string name = Objected();
  env_.clock.Set(kTenDays);
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(0));
  EXPECT_THAT(ReadData(name)->clock().problem(), HasSubstr(other));
  ASSERT_THAT(Withdraw(other, kRecipientDept), IsOk());
  env_.clock.Advance(10 * clock::kSecond);
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(1));
}

TEST_P(ReviewTimer, UsesADisputeThatAPartyHasOpened) {
  const std::string name = Objected();
  const auto by_hand = Open(kRecipientDept, v1::CATEGORY_DEIDENTIFICATION);
  ASSERT_THAT(by_hand, IsOk());
  ASSERT_THAT(SettleByAll(by_hand->name()), IsOk());
  env_.clock.Set(kTenDays);
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(1));
  EXPECT_EQ(ReadData(name)->dispute(), by_hand->name());
}

// A decision on one data set does not decide on the next. The timer opens the dispute on the next one.
TEST_P(ReviewTimer, OpensTheDisputeOnADataSetAfterADecisionOnAnother) {
  const auto earlier = Open(kRecipientDept, v1::CATEGORY_DEIDENTIFICATION);
  ASSERT_THAT(earlier, IsOk());
  ASSERT_THAT(Escalate(earlier->name(), Officer(kAgency)), IsOk());
  ASSERT_THAT(Submit(earlier->name(), kRecipientDept), IsOk());
  ASSERT_THAT(Submit(earlier->name(), kProviderDept), IsOk());
  ASSERT_THAT(Escalate(earlier->name(), Cdo()), IsOk());
  ASSERT_THAT(Decide(earlier->name(), v1::DECISION_APPROVE), IsOk());
  env_.clock.Advance(clock::kSecond);
  const std::string name = Objected();
  EXPECT_THAT(Open(kProviderDept, v1::CATEGORY_DEIDENTIFICATION),
              FailsWith(Reason::ERROR_REASON_FINALLY_DECIDED));
  env_.clock.Set(kTenDays);
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(1));
  EXPECT_EQ(ReadData(name)->state(), DEIDENTIFICATION_STATE_DISPUTED);
  EXPECT_NE(ReadData(name)->dispute(), earlier->name());
}

TEST_P(ReviewTimer, RetriesWhileDraftingIsUnavailable) {
  const std::string name = Objected();
  env_.clock.Set(kTenDays);
  drafting_.AnswerQuestions(status::Error(Reason::ERROR_REASON_PEER_UNAVAILABLE, "drafting does not answer"));
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(0));
  EXPECT_THAT(ReadData(name)->clock().problem(), HasSubstr("drafting does not answer"));
  EXPECT_THAT(EventTypes(), Not(Contains(kDeidentificationDelayed)));
  drafting_.AnswerQuestions(absl::OkStatus());
  env_.clock.Advance(10 * clock::kSecond);
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(1));
}

TEST_P(ReviewTimer, OpensADisputeWithoutAHoldOnAnExecutedAgreement) {
  drafting_.bucp(kBucp).set_state(drafting::v1::STATE_FILED);
  const std::string name = Objected();
  env_.clock.Set(kTenDays);
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(1));
  EXPECT_FALSE(Get(ReadData(name)->dispute())->holds());
  ASSERT_THAT(relay_->Pass(), IsOk());
  EXPECT_TRUE(drafting_.commands.empty());
}

TEST_P(ReviewTimer, OpensAgainIfTheBucpWasExecutedBeforeTheHold) {
  const std::string name = Objected();
  env_.clock.Set(kTenDays);
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(1));
  const std::string first = ReadData(name)->dispute();
  drafting_.bucp(kBucp).set_state(drafting::v1::STATE_EXECUTED);
  drafting_.AnswerCommands(status::Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED, "it is executed"));
  ASSERT_THAT(relay_->Pass(), IsOk());
  EXPECT_EQ(Get(first)->state(), STATE_VOID);
  EXPECT_EQ(ReadData(name)->state(), DEIDENTIFICATION_STATE_OBJECTED);
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(1));
  const auto again = ReadData(name);
  EXPECT_EQ(again->state(), DEIDENTIFICATION_STATE_DISPUTED);
  EXPECT_NE(again->dispute(), first);
  EXPECT_FALSE(Get(again->dispute())->holds());
}

TEST_P(ReviewTimer, EndsTheReviewOfAWithdrawnBucp) {
  const std::string name = Objected();
  drafting_.bucp(kBucp).set_state(drafting::v1::STATE_WITHDRAWN);
  env_.clock.Set(kTenDays);
  EXPECT_THAT(worker_->Pass(), IsOkAndHolds(1));
  EXPECT_EQ(ReadData(name)->state(), DEIDENTIFICATION_STATE_CLOSED);
}

INSTANTIATE_TEST_SUITE_P(Every, ReviewTimers, ::testing::ValuesIn(testing::Backends()), testing::BackendName);
INSTANTIATE_TEST_SUITE_P(Every, ReviewTimer, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::dispute
