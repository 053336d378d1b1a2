#include "services/dispute/dispute_events.h"

#include "tests/services/dispute/dispute_fixture.h"

namespace idea::dispute {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::IsOkAndHolds;
using ::testing::StartsWith;

class Commands : public DisputeTest {};

TEST_P(Commands, HoldTheBucpOfAnOpenedDisputeAndReleaseItOnceSettled) {
  const std::string name = Open()->name();
  ASSERT_THAT(relay_->Pass(), IsOkAndHolds(1));
  const std::string event = harness_->Events().front().event_id();
  EXPECT_THAT(drafting_.commands, ElementsAre(AllOf(StartsWith("HoldBucpRequest"), HasSubstr(kBucp),
                                                    HasSubstr(name), HasSubstr(event))));
  ASSERT_THAT(Settle(name, Officer(kAgency)), IsOk());
  ASSERT_THAT(Confirm(name, Coordinator(kRecipientDept)), IsOk());
  ASSERT_THAT(relay_->Pass(), IsOkAndHolds(2));
  EXPECT_EQ(drafting_.commands.size(), 1u) << "a proposal releases nothing";
  ASSERT_THAT(Confirm(name, Coordinator(kProviderDept)), IsOk());
  ASSERT_THAT(relay_->Pass(), IsOkAndHolds(1));
  EXPECT_THAT(drafting_.commands.back(),
              AllOf(StartsWith("ReleaseBucpRequest"), HasSubstr("monthly, without names")));
}

TEST_P(Commands, ReleaseTheBucpOfAWithdrawnDispute) {
  ASSERT_THAT(Withdraw(Open()->name()), IsOk());
  ASSERT_THAT(relay_->Pass(), IsOkAndHolds(2));
  EXPECT_THAT(drafting_.commands,
              ElementsAre(StartsWith("HoldBucpRequest"),
                          AllOf(StartsWith("ReleaseBucpRequest"), HasSubstr("withdrawn: true"))));
}

TEST_P(Commands, AreNotSentIfDraftingHasWithdrawnTheBucp) {
  ASSERT_THAT(End(Open()->name()), IsOk());
  ASSERT_THAT(relay_->Pass(), IsOkAndHolds(2));
  EXPECT_THAT(drafting_.commands, ElementsAre(StartsWith("HoldBucpRequest")));
}

TEST_P(Commands, ReleaseAnApprovedBucpAndRejectAnother) {
  for (const v1::Decision decision : {v1::DECISION_DENY, v1::DECISION_APPROVE}) {
    const std::string name = Open()->name();
    ASSERT_THAT(Escalate(name, Officer(kAgency)), IsOk());
    ASSERT_THAT(Submit(name, kRecipientDept), IsOk());
    ASSERT_THAT(Submit(name, kProviderDept), IsOk());
    ASSERT_THAT(Escalate(name, Cdo()), IsOk());
    ASSERT_THAT(Decide(name, decision), IsOk());
    drafting_.commands.clear();
    ASSERT_THAT(relay_->Pass(), IsOkAndHolds(6));
    EXPECT_THAT(drafting_.commands,
                ElementsAre(StartsWith("HoldBucpRequest"),
                            StartsWith(decision == v1::DECISION_APPROVE ? "ReleaseBucpRequest"
                                                                        : "RejectBucpRequest")));
    // Agreement 7.5: drafting learns that providers may not exclude data any more.
    EXPECT_EQ(drafting_.commands.back().find("approved: true") != std::string::npos,
              decision == v1::DECISION_APPROVE);
  }
}

TEST_P(Commands, AreNotSentForADisputeThatHoldsNothing) {
  drafting_.bucp(kBucp).set_state(drafting::v1::STATE_FILED);
  const std::string name = Open(kRecipientDept, v1::CATEGORY_COSTS)->name();
  ASSERT_THAT(Withdraw(name, kRecipientDept), IsOk());
  ASSERT_THAT(relay_->Pass(), IsOkAndHolds(2));
  EXPECT_THAT(drafting_.commands, IsEmpty());
}

TEST_P(Commands, RejectTheBucpIfTheGovernorMayNotDecide) {
  drafting_.Add("bucps/2", {kRecipientDept}, {kBoard});
  const std::string name = Open(kBoard, v1::CATEGORY_PROVIDER_OBJECTS, "bucps/2")->name();
  ASSERT_THAT(Submit(name, kBoard), IsOk());
  ASSERT_THAT(Submit(name, kRecipientDept), IsOk());
  ASSERT_THAT(Escalate(name, Cdo(), "nobody came"), IsOk());
  ASSERT_THAT(relay_->Pass(), IsOkAndHolds(4));
  EXPECT_THAT(drafting_.commands,
              ElementsAre(StartsWith("HoldBucpRequest"), StartsWith("RejectBucpRequest")));
}

TEST_P(Commands, VoidADisputeWhoseHoldIsRefused) {
  const std::string name = Open()->name();
  drafting_.AnswerCommands(status::Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED, "it is executed"));
  ASSERT_THAT(relay_->Pass(), IsOk());
  const auto dispute = Get(name);
  ASSERT_THAT(dispute, IsOk());
  EXPECT_EQ(dispute->state(), STATE_VOID);
  EXPECT_THAT(dispute->outcome(), HasSubstr("it is executed"));
  const events::Event recorded = harness_->Events().back();
  EXPECT_EQ(recorded.type(), kDisputeVoided);
  EXPECT_EQ(recorded.actor().service(), "dispute");
  EXPECT_THAT(recorded.audience(), ::testing::Contains(kProviderDept));
  ASSERT_THAT(relay_->Pass(), IsOk());
  EXPECT_THAT(drafting_.commands, IsEmpty());
}

TEST_P(Commands, LeaveADisputeAloneThatEndedBeforeItsHoldWasRefused) {
  const std::string name = Open()->name();
  ASSERT_THAT(Withdraw(name), IsOk());
  drafting_.AnswerCommands(status::Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED, "it is executed"));
  ASSERT_THAT(relay_->Pass(), IsOk());
  EXPECT_EQ(Get(name)->state(), STATE_WITHDRAWN);
  EXPECT_EQ(harness_->Events().back().type(), kDisputeWithdrawn);
}

TEST_P(Commands, AreRetriedWhileDraftingIsUnavailableOrBusyWithTheBucp) {
  const std::string name = Open()->name();
  for (const Reason reason :
       {Reason::ERROR_REASON_PEER_UNAVAILABLE, Reason::ERROR_REASON_CONCURRENT_CHANGE}) {
    drafting_.AnswerCommands(status::Error(reason, "not now"));
    EXPECT_FALSE(relay_->Pass().ok());
    EXPECT_EQ(Get(name)->state(), STATE_AGENCY_MEDIATION);
  }
  drafting_.AnswerCommands(absl::OkStatus());
  ASSERT_THAT(relay_->Pass(), IsOkAndHolds(1));
  EXPECT_THAT(drafting_.commands, ElementsAre(StartsWith("HoldBucpRequest")));
}

INSTANTIATE_TEST_SUITE_P(Every, Commands, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::dispute
