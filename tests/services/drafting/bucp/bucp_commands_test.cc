#include <atomic>
#include <thread>

#include "common/events/relay.h"
#include "idea/dispute/v1/dispute.pb.h"
#include "services/drafting/drafting_events.h"
#include "tests/services/drafting/drafting_fixture.h"

// The commands of other services: opinions, signatures, disputes, filings.
namespace idea::drafting {
namespace {

using enum v1::State;
using status::Reason;
using testing::FailsWith;
using testing::IsOk;

class CommandsOnABucp : public DraftingTest {};

TEST_P(CommandsOnABucp, ExecuteItOnTheFrozenDigestOnly) {
  const v1::Bucp frozen = NewFrozen();
  const std::string other(64, 'b');
  EXPECT_THAT(CompleteSignatures(frozen.name(), frozen.frozen_digest()),
              FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  const auto mismatch = CompleteReviews(frozen.name(), other);
  EXPECT_THAT(mismatch, FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
  EXPECT_EQ(status::MetadataOf(mismatch.status(), "digest"), frozen.frozen_digest());
  EXPECT_EQ(Sign(frozen).state(), STATE_SIGNING);
  EXPECT_THAT(CompleteSignatures(frozen.name(), other), FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
  const auto executed = CompleteSignatures(frozen.name(), frozen.frozen_digest());
  ASSERT_THAT(executed, IsOk());
  EXPECT_EQ(executed->state(), STATE_EXECUTED);
  EXPECT_TRUE(executed->has_execute_time());
  v1::ExecutedAgreement agreement;
  ASSERT_TRUE(LastEvent().data().UnpackTo(&agreement));
  EXPECT_EQ(agreement.digest(), frozen.frozen_digest());
  EXPECT_EQ(agreement.revision(), frozen.frozen_revision());
}

TEST_P(CommandsOnABucp, ExecuteItOnceForConcurrentCalls) {
  const v1::Bucp frozen = Sign(NewFrozen());
  std::atomic<int> executed = 0, refused = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      absl::StatusOr<v1::Bucp> result;
      do {
        result = CompleteSignatures(frozen.name(), frozen.frozen_digest());
      } while (status::ReasonOf(result.status()) == Reason::ERROR_REASON_CONCURRENT_CHANGE);
      if (result.ok()) ++executed;
      if (status::ReasonOf(result.status()) == Reason::ERROR_REASON_STEP_NOT_ALLOWED) ++refused;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(executed, 1);
  EXPECT_EQ(refused, 7);
}

TEST_P(CommandsOnABucp, AreRefusedWhileADisputeHoldsIt) {
  const v1::Bucp frozen = NewFrozen();
  const auto held = Hold(frozen.name());
  ASSERT_THAT(held, IsOk());
  EXPECT_EQ(held->state(), STATE_DISPUTED);
  EXPECT_EQ(held->held_from(), STATE_IN_REVIEW);
  EXPECT_TRUE(held->disputed());
  EXPECT_EQ(LastMoved().digest(), frozen.frozen_digest());
  const auto refused = CompleteReviews(frozen.name(), frozen.frozen_digest());
  EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_BUCP_ON_HOLD));
  EXPECT_EQ(status::MetadataOf(refused.status(), "dispute"), kDispute);
  EXPECT_THAT(Freeze(frozen.name()), FailsWith(Reason::ERROR_REASON_BUCP_ON_HOLD));
  EXPECT_THAT(Update(frozen.name(), CompleteContent(), {"technical"}),
              FailsWith(Reason::ERROR_REASON_BUCP_ON_HOLD));
  EXPECT_THAT(Hold(frozen.name(), "disputes/2"), FailsWith(Reason::ERROR_REASON_BUCP_ON_HOLD));
  EXPECT_THAT(Release(frozen.name(), "disputes/2"), FailsWith(Reason::ERROR_REASON_BUCP_ON_HOLD));
  EXPECT_THAT(Reject(frozen.name(), "disputes/2"), FailsWith(Reason::ERROR_REASON_BUCP_ON_HOLD));
}

// A second dispute can hold the BUCP after the first has ended. Late commands of the first change nothing.
TEST_P(CommandsOnABucp, AreOfTheDisputeThatHoldsIt) {
  const v1::Bucp frozen = NewFrozen(/*with_disputed_fields=*/true);
  ASSERT_THAT(Hold(frozen.name(), "disputes/1"), IsOk());
  EXPECT_THAT(Hold(frozen.name(), "disputes/2"), FailsWith(Reason::ERROR_REASON_BUCP_ON_HOLD));
  ASSERT_THAT(Release(frozen.name(), "disputes/1"), IsOk());
  const auto held = Hold(frozen.name(), "disputes/2");
  ASSERT_THAT(held, IsOk());
  EXPECT_EQ(held->dispute(), "disputes/2");
  EXPECT_EQ(held->held_from(), STATE_IN_REVIEW);
  for (const auto& late : {Release(frozen.name(), "disputes/1"), Release(frozen.name(), "disputes/1", true),
                           Withdrawn(frozen.name(), "disputes/1"), Reject(frozen.name(), "disputes/1")}) {
    EXPECT_THAT(late, FailsWith(Reason::ERROR_REASON_BUCP_ON_HOLD));
    EXPECT_EQ(status::MetadataOf(late.status(), "dispute"), "disputes/2");
  }
  const auto released = Release(frozen.name(), "disputes/2");
  ASSERT_THAT(released, IsOk());
  EXPECT_EQ(released->state(), STATE_IN_REVIEW);
  EXPECT_EQ(released->dispute(), "");
}

// The event names the dispute and the frozen revision, so that dispute and review can close theirs.
TEST_P(CommandsOnABucp, EndTheHoldWhenTheRecipientWithdraws) {
  const v1::Bucp frozen = NewFrozen();
  ASSERT_THAT(Hold(frozen.name()), IsOk());
  auto withdraw = Of<v1::WithdrawBucpRequest>(frozen.name());
  withdraw.set_reason("program ended");
  EXPECT_THAT(AskForBucp<v1::WithdrawBucpResponse>(By(kProviderDept), withdraw),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  const auto withdrawn = AskForBucp<v1::WithdrawBucpResponse>(By(kRecipientDept), withdraw);
  ASSERT_THAT(withdrawn, IsOk());
  EXPECT_EQ(withdrawn->state(), STATE_WITHDRAWN);
  EXPECT_EQ(withdrawn->dispute(), "");
  EXPECT_EQ(LastMoved().dispute(), kDispute);
  EXPECT_EQ(LastMoved().digest(), frozen.frozen_digest());
  EXPECT_EQ(LastMoved().reason(), "program ended");
  // The result of the dispute no longer changes anything.
  EXPECT_THAT(Release(frozen.name()), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_THAT(Reject(frozen.name()), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

TEST_P(CommandsOnABucp, ReleaseItToItsStateWithTheDisputedFields) {
  const v1::Bucp frozen = NewFrozen(true);
  ASSERT_THAT(Hold(frozen.name()), IsOk());
  const auto released = Release(frozen.name());
  ASSERT_THAT(released, IsOk());
  EXPECT_EQ(released->state(), STATE_IN_REVIEW);
  EXPECT_EQ(released->frozen_digest(), frozen.frozen_digest());
  EXPECT_EQ(released->dispute(), "");
  EXPECT_TRUE(released->disputed());
  EXPECT_EQ(LastEvent().type(), kBucpReleased);
  Sign(*released);
  ASSERT_THAT(Hold(frozen.name()), IsOk());
  EXPECT_EQ(Release(frozen.name())->state(), STATE_SIGNING);
  EXPECT_EQ(LastMoved().digest(), frozen.frozen_digest());
}

TEST_P(CommandsOnABucp, ReopenItWithoutTheDisputedFields) {
  const v1::Bucp frozen = NewFrozen();
  ASSERT_THAT(Hold(frozen.name()), IsOk());
  const auto reopened = Release(frozen.name());
  ASSERT_THAT(reopened, IsOk());
  EXPECT_EQ(reopened->state(), STATE_SENT);
  EXPECT_EQ(reopened->frozen_digest(), "");
  EXPECT_EQ(LastEvent().type(), kBucpReopened);
  EXPECT_EQ(LastMoved().digest(), frozen.frozen_digest());
  EXPECT_THAT(Freeze(frozen.name()), FailsWith(Reason::ERROR_REASON_INCOMPLETE));
  const std::vector<std::string> paths = {"administrative.anticipated_risks",
                                          "administrative.possible_alternatives",
                                          "administrative.department_positions"};
  ASSERT_THAT(Update(frozen.name(), DemoContentOf({"disputed.json"}), paths), IsOk());
  EXPECT_THAT(Freeze(frozen.name()), FailsWith(Reason::ERROR_REASON_INCOMPLETE));
  const char* positions = "administrative.department_positions.departments";
  ASSERT_THAT(Update(frozen.name(), DemoContentOf({"disputed-provider.json"}), {positions}, kProviderDept),
              IsOk());
  EXPECT_THAT(Freeze(frozen.name()), IsOk());
}

TEST_P(CommandsOnABucp, ReleaseItAsIfAWithdrawnDisputeHadNotExisted) {
  const v1::Bucp frozen = NewFrozen();
  ASSERT_THAT(Hold(frozen.name()), IsOk());
  const auto released = Withdrawn(frozen.name());
  ASSERT_THAT(released, IsOk());
  EXPECT_EQ(released->state(), STATE_IN_REVIEW);
  EXPECT_EQ(released->frozen_digest(), frozen.frozen_digest());
  EXPECT_FALSE(released->disputed());
  EXPECT_EQ(LastEvent().type(), kBucpReleased);
  Sign(*released);
  ASSERT_THAT(Hold(frozen.name(), "disputes/2"), IsOk());
  EXPECT_EQ(Withdrawn(frozen.name(), "disputes/2")->state(), STATE_SIGNING);
}

TEST_P(CommandsOnABucp, KeepRequiringTheDisputedFieldsOfAnEarlierDispute) {
  const v1::Bucp sent = NewSent();
  ASSERT_THAT(Hold(sent.name()), IsOk());
  ASSERT_THAT(Release(sent.name()), IsOk());
  ASSERT_THAT(Hold(sent.name(), "disputes/2"), IsOk());
  EXPECT_TRUE(Withdrawn(sent.name(), "disputes/2")->disputed());
  EXPECT_THAT(Freeze(sent.name()), FailsWith(Reason::ERROR_REASON_INCOMPLETE));
}

TEST_P(CommandsOnABucp, ReleaseItToEditingRegardlessOfGaps) {
  const v1::Bucp sent = NewSent();
  ASSERT_THAT(Hold(sent.name()), IsOk());
  EXPECT_EQ(LastMoved().digest(), "");
  EXPECT_EQ(Release(sent.name())->state(), STATE_SENT);
  EXPECT_EQ(LastEvent().type(), kBucpReleased);
}

TEST_P(CommandsOnABucp, RejectItFinally) {
  const v1::Bucp frozen = NewFrozen();
  ASSERT_THAT(Hold(frozen.name()), IsOk());
  const auto rejected = Reject(frozen.name());
  ASSERT_THAT(rejected, IsOk());
  EXPECT_EQ(rejected->state(), STATE_NOT_APPROVED);
  EXPECT_EQ(LastMoved().digest(), frozen.frozen_digest());
  EXPECT_EQ(LastMoved().reason(), "not approved");
  EXPECT_THAT(Release(frozen.name()), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

// The database of dispute was restored to a time before the dispute was opened.
TEST_P(CommandsOnABucp, ReleaseItIfTheDisputeWasLost) {
  const v1::Bucp frozen = NewFrozen();
  ASSERT_THAT(Hold(frozen.name()), IsOk());
  const events::Event event = LastEvent();
  std::string asked;
  absl::Status answer;
  const events::Target target = DisputeTarget(
      [&](std::string_view, const rpc::Context&, const google::protobuf::Message& request,
          google::protobuf::Message*) {
        asked = dynamic_cast<const dispute::v1::GetDisputeRequest&>(request).name();
        return answer;
      },
      absl::UTCTimeZone());
  const auto react = [&](const absl::Status& refusal) {
    const absl::Status reacted = database().Write([&](storage::Transaction& db) -> absl::Status {
      events::EventRecorder recorder(env_.clock.Now(), {}, "request", "");
      RETURN_IF_ERROR(target.refused(db, recorder, event, refusal));
      return events::Append(db, recorder.events(), nullptr);
    });
    EXPECT_THAT(reacted, IsOk());
    return AskForBucp<v1::GetBucpResponse>(By(kRecipientDept), Of<v1::GetBucpRequest>(frozen.name()))
        ->state();
  };
  EXPECT_THAT(target.deliver(event), IsOk());
  EXPECT_EQ(asked, kDispute);
  answer = status::Error(Reason::ERROR_REASON_NOT_FOUND, "there is no such dispute");
  EXPECT_THAT(target.deliver(event), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_EQ(react(status::Error(Reason::ERROR_REASON_CALLER_NOT_ALLOWED, "an earlier release")),
            STATE_DISPUTED);
  EXPECT_EQ(react(answer), STATE_IN_REVIEW);
  EXPECT_EQ(LastEvent().type(), kBucpReleased);
  // Another dispute holds it now.
  ASSERT_THAT(Hold(frozen.name(), "disputes/2"), IsOk());
  EXPECT_EQ(react(answer), STATE_DISPUTED);
}

TEST_P(CommandsOnABucp, HoldItOnlyBetweenSendingAndExecution) {
  EXPECT_THAT(Hold(Must(Create(CompleteContent())).name()), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_THAT(Hold(NewExecuted().name()), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

TEST_P(CommandsOnABucp, AreAcceptedOnlyFromTheirServices) {
  const v1::Bucp sent = NewSent();
  auto hold = Of<v1::HoldBucpRequest>(sent.name());
  hold.set_dispute(kDispute);
  EXPECT_THAT(AskForBucp<v1::HoldBucpResponse>(testing::Service("review"), hold),
              FailsWith(Reason::ERROR_REASON_CALLER_NOT_ALLOWED));
  EXPECT_THAT(AskForBucp<v1::HoldBucpResponse>(By(kProviderDept), hold),
              FailsWith(Reason::ERROR_REASON_CALLER_NOT_ALLOWED));
}

TEST_P(CommandsOnABucp, FileAndEndIt) {
  const v1::Bucp executed = NewExecuted();
  auto record = Of<v1::RecordFilingRequest>(executed.name());
  record.set_filing("filings/1");
  const auto filed = AskForBucp<v1::RecordFilingResponse>(testing::Service("inventory"), record);
  ASSERT_THAT(filed, IsOk());
  EXPECT_EQ(filed->state(), STATE_FILED);
  EXPECT_EQ(filed->filing(), "filings/1");
  auto end = Of<v1::EndBucpRequest>(executed.name());
  end.set_filing("filings/1");
  end.set_reason("passed on");
  const auto ended = AskForBucp<v1::EndBucpResponse>(testing::Service("inventory"), end);
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->state(), STATE_ENDED);
}

TEST_P(CommandsOnABucp, SupersedeTheAmendedBucp) {
  const v1::Bucp old = NewExecuted();
  EXPECT_THAT(Amend(old.name(), kProviderDept), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(Amend(NewSent().name()), FailsWith(Reason::ERROR_REASON_NOT_EXECUTED));
  const v1::Bucp amendment = Must(Amend(old.name()));
  EXPECT_EQ(amendment.amends(), old.name());
  EXPECT_EQ(amendment.state(), STATE_DRAFT);
  EXPECT_EQ(Get(old.name())->state(), STATE_EXECUTED);
  ASSERT_THAT(Send(amendment.name()), IsOk());
  const v1::Bucp frozen = Sign(Must(Freeze(amendment.name())));
  ASSERT_THAT(CompleteSignatures(frozen.name(), frozen.frozen_digest()), IsOk());
  EXPECT_EQ(Get(old.name())->state(), STATE_ENDED);
  EXPECT_EQ(Get(amendment.name())->state(), STATE_EXECUTED);
  EXPECT_EQ(LastEvent().type(), kBucpSuperseded);
}

INSTANTIATE_TEST_SUITE_P(Every, CommandsOnABucp, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::drafting
