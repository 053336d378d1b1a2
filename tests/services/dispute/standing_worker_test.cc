#include "services/dispute/standing_worker.h"

#include <thread>

#include "services/dispute/dispute_events.h"
#include "services/dispute/dispute_store.h"
#include "tests/services/dispute/dispute_fixture.h"

// While a standing with the Governor is not recorded, an objection holds the BUCP and waits for the Statewide
// CDO.
namespace idea::dispute {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;

constexpr char kUnknown[] = "entities/stranger";
constexpr char kHeld[] = "bucps/2";
constexpr clock::Micros kHour = 3600 * clock::kSecond;

class AwaitedStanding : public DisputeTest {
 protected:
  void SetUp() override {
    DisputeTest::SetUp();
    if (IsSkipped()) return;
    drafting_.Add(kHeld, {kUnknown}, {kProviderDept});
    worker_ = NewWorker();
  }
  std::unique_ptr<StandingWorker> NewWorker() {
    return std::make_unique<StandingWorker>(offices_, peers_, database(), notifier_, env_.clock);
  }
  v1::Dispute Awaiting() {
    const auto opened = Open(kProviderDept, v1::CATEGORY_PROVIDER_OBJECTS, kHeld);
    EXPECT_THAT(opened, IsOk());
    return opened.ok() ? *opened : v1::Dispute();
  }
  int Pass() {
    const auto moved = worker_->Pass();
    EXPECT_THAT(moved, IsOk());
    return moved.ok() ? *moved : -1;
  }
  void RecordStanding(registry::v1::GovernorAuthority authority) {
    ASSERT_THAT(registry_->SetAuthority(kUnknown, authority), IsOk());
  }
  // The clock is set after the objection, and set again after the step.
  void ContinueOnceAfterTheClockIsSet(clock::Micros by) {
    const clock::Micros real = env_.clock.Now();
    const v1::Dispute dispute = Awaiting();
    env_.clock.Set(real + by);
    EXPECT_EQ(Pass(), 0);
    EXPECT_EQ(Get(dispute.name())->state(), STATE_AWAITING_STANDING);
    RecordStanding(registry::v1::GOVERNOR_AUTHORITY_UNDER);
    EXPECT_EQ(Pass(), 1);
    for (const clock::Micros then : {real, real - by, real + by}) {
      env_.clock.Set(then);
      worker_ = NewWorker();
      EXPECT_EQ(Pass(), 0);
    }
    const auto now = Get(dispute.name());
    ASSERT_THAT(now, IsOk());
    EXPECT_EQ(now->state(), STATE_AGENCY_MEDIATION);
    EXPECT_EQ(now->history_size(), 2);
  }

  std::unique_ptr<StandingWorker> worker_;
};

TEST_P(AwaitedStanding, HoldsTheBucpAndWaitsForTheCdo) {
  const v1::Dispute dispute = Awaiting();
  EXPECT_EQ(dispute.state(), STATE_AWAITING_STANDING);
  EXPECT_EQ(dispute.track(), v1::TRACK_UNSPECIFIED);
  EXPECT_TRUE(dispute.holds());
  ASSERT_THAT(dispute.waits_for(), ::testing::SizeIs(1));
  EXPECT_THAT(dispute.waits_for(0), HasSubstr(std::string(testing::kCdoEntity) + " (STATEWIDE_CDO)"));
  EXPECT_THAT(dispute.waits_for(0), HasSubstr(kUnknown));
  ASSERT_THAT(relay_->Pass(), IsOk());
  EXPECT_THAT(drafting_.commands, ElementsAre(HasSubstr("HoldBucpRequest")));
  // The list of disputes that wait for the CDO's office has it.
  v1::ListDisputesRequest request;
  request.set_waits_for(testing::kCdoEntity);
  const auto list = harness_->Ask<v1::ListDisputesResponse>(Cdo(), request);
  ASSERT_THAT(list, IsOk());
  EXPECT_EQ(list->disputes_size(), 1);
  // No other step is possible, and another objection is not opened.
  EXPECT_THAT(Submit(dispute.name(), kProviderDept), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_THAT(Open(kProviderDept, v1::CATEGORY_PROVIDER_OBJECTS, kHeld),
              FailsWith(Reason::ERROR_REASON_DISPUTE_OPEN));
  EXPECT_EQ(Pass(), 0);
  EXPECT_EQ(Get(dispute.name())->etag(), "1");
}

TEST_P(AwaitedStanding, IsCountedUntilItIsRecorded) {
  const auto states = [&] {
    std::vector<StateCount> counts;
    EXPECT_THAT(database().Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(counts, CountOpenByState(db));
      return absl::OkStatus();
    }),
                IsOk());
    std::vector<std::pair<v1::State, int64_t>> pairs;
    for (const StateCount& count : counts) {
      pairs.emplace_back(count.state, count.disputes);
      EXPECT_EQ(count.oldest, env_.clock.Now());
    }
    return pairs;
  };
  EXPECT_THAT(states(), IsEmpty());
  Awaiting();
  EXPECT_THAT(states(), ElementsAre(std::pair{STATE_AWAITING_STANDING, 1}));
  RecordStanding(registry::v1::GOVERNOR_AUTHORITY_UNDER);
  EXPECT_EQ(Pass(), 1);
  EXPECT_THAT(states(), ElementsAre(std::pair{v1::STATE_AGENCY_MEDIATION, 1}));
}

TEST_P(AwaitedStanding, ContinuesOnceItIsRecorded) {
  const v1::Dispute dispute = Awaiting();
  RecordStanding(registry::v1::GOVERNOR_AUTHORITY_UNDER);
  EXPECT_EQ(Pass(), 1);
  const auto now = Get(dispute.name());
  ASSERT_THAT(now, IsOk());
  EXPECT_EQ(now->state(), STATE_AGENCY_MEDIATION);
  EXPECT_EQ(now->track(), v1::TRACK_ALL_UNDER_GOVERNOR);
  EXPECT_THAT(now->agencies(), Contains(kAgency));
  EXPECT_THAT(now->explanation().missing(), IsEmpty());
  EXPECT_EQ(harness_->Events().back().type(), kDisputeTrackChosen);
  // The entities that have a role from now on see it.
  EXPECT_THAT(Get(dispute.name(), Officer(kAgency)), IsOk());
  EXPECT_THAT(Get(dispute.name(), testing::At(testing::kGovernorEntity, "p")), IsOk());
  EXPECT_EQ(Pass(), 0);
  EXPECT_EQ(Settle(dispute.name(), Officer(kAgency))->state(), STATE_AGENCY_MEDIATION);
}

TEST_P(AwaitedStanding, OutsideTheGovernorsAuthorityLeadsToStatements) {
  const v1::Dispute dispute = Awaiting();
  RecordStanding(registry::v1::GOVERNOR_AUTHORITY_OUTSIDE);
  EXPECT_EQ(Pass(), 1);
  EXPECT_EQ(Get(dispute.name())->state(), STATE_STATEMENTS);
  EXPECT_EQ(Get(dispute.name())->track(), v1::TRACK_OUTSIDE_GOVERNOR);
}

// By the agreement only the standing of the Data Providers counts.
TEST_P(AwaitedStanding, KeepsTheProcessUnderWhichItWasOpened) {
  drafting_.Add(kHeld, {kProviderDept}, {kUnknown});
  Serve(v1::PROCESS_AGREEMENT);
  const auto opened = Open(kUnknown, v1::CATEGORY_PROVIDER_OBJECTS, kHeld);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->state(), STATE_AWAITING_STANDING);
  Serve(v1::PROCESS_GUIDEBOOK);
  RecordStanding(registry::v1::GOVERNOR_AUTHORITY_OUTSIDE);
  EXPECT_EQ(Pass(), 1);
  EXPECT_EQ(Get(opened->name())->state(), STATE_CDO_MEDIATION);
}

TEST_P(AwaitedStanding, CanBeWithdrawnEndedWithTheBucpOrVoided) {
  const v1::Dispute first = Awaiting();
  EXPECT_EQ(Withdraw(first.name())->state(), STATE_WITHDRAWN);
  EXPECT_EQ(End(Awaiting().name())->state(), STATE_WITHDRAWN);
  const v1::Dispute late = Awaiting();
  drafting_.AnswerCommands(status::Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED, "executed"));
  ASSERT_THAT(relay_->Pass(), IsOk());
  EXPECT_EQ(Get(late.name())->state(), STATE_VOID);
  RecordStanding(registry::v1::GOVERNOR_AUTHORITY_UNDER);
  EXPECT_EQ(Pass(), 0);
}

TEST_P(AwaitedStanding, IsChosenOnceByReplicas) {
  const v1::Dispute dispute = Awaiting();
  RecordStanding(registry::v1::GOVERNOR_AUTHORITY_UNDER);
  const auto other = NewWorker();
  std::atomic<int> moved = 0;
  std::thread beside([&] { moved += other->Pass().value_or(0); });
  moved += worker_->Pass().value_or(0);
  beside.join();
  EXPECT_EQ(moved, 1);
  EXPECT_EQ(Get(dispute.name())->etag(), "2");
  EXPECT_EQ(Get(dispute.name())->history_size(), 2);
}

TEST_P(AwaitedStanding, IsReadAgainAfterDowntime) {
  const v1::Dispute dispute = Awaiting();
  RecordStanding(registry::v1::GOVERNOR_AUTHORITY_UNDER);
  drafting_.AnswerQuestions(status::Error(Reason::ERROR_REASON_PEER_UNAVAILABLE, "nobody answers"));
  EXPECT_THAT(worker_->Pass(), FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
  drafting_.AnswerQuestions(absl::OkStatus());
  EXPECT_EQ(Pass(), 1);
}

TEST_P(AwaitedStanding, ContinuesOnceIfTheClockIsSetForward) { ContinueOnceAfterTheClockIsSet(kHour); }
TEST_P(AwaitedStanding, ContinuesOnceIfTheClockIsSetBack) { ContinueOnceAfterTheClockIsSet(-kHour); }

INSTANTIATE_TEST_SUITE_P(Every, AwaitedStanding, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::dispute
