#include <atomic>
#include <thread>

#include "services/dispute/dispute_events.h"
#include "services/dispute/dispute_service.h"
#include "tests/services/dispute/dispute_fixture.h"
#include "tests/support/refusals.h"

namespace idea::dispute {
namespace {

using testing::At;
using ::testing::ElementsAre;
using testing::FailsWith;
using testing::IsOk;

class OpenDispute : public DisputeTest {};

TEST_P(OpenDispute, IsSettledWhenBothPartiesAgreeToTheOfficersProposal) {
  const std::string name = Open()->name();
  const auto proposed = Settle(name, Officer(kAgency));
  ASSERT_THAT(proposed, IsOk());
  EXPECT_EQ(proposed->state(), STATE_AGENCY_MEDIATION);
  EXPECT_EQ(proposed->outcome(), "");
  EXPECT_THAT(proposed->settlement().awaits(), ElementsAre(kRecipientDept, kProviderDept));
  EXPECT_THAT(proposed->settlement().confirmations(), ElementsAre());
  EXPECT_EQ(Get(name)->ShortDebugString(), proposed->ShortDebugString());
  EXPECT_THAT(Confirm(name, Officer(kAgency)), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  const auto half = Confirm(name, Coordinator(kRecipientDept));
  ASSERT_THAT(half, IsOk());
  EXPECT_EQ(half->state(), STATE_AGENCY_MEDIATION);
  EXPECT_THAT(half->settlement().awaits(), ElementsAre(kProviderDept));
  EXPECT_THAT(half->waits_for(0), ::testing::StartsWith(std::string(kProviderDept) + ": agree"));
  EXPECT_THAT(Confirm(name, Coordinator(kRecipientDept)), FailsWith(Reason::ERROR_REASON_ALREADY_DONE));
  // The data officers of the departments have no role: that of the agency mediates.
  EXPECT_THAT(Confirm(name, Officer(kProviderDept)), FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  EXPECT_THAT(Confirm(name, Coordinator(kBoard)), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  const auto settled = Confirm(name, Coordinator(kProviderDept));
  ASSERT_THAT(settled, IsOk());
  EXPECT_EQ(settled->state(), STATE_RESOLVED);
  EXPECT_EQ(settled->outcome(), "monthly, without names");
  EXPECT_EQ(settled->settlement().confirmations(1).person(), "coordinator");
  EXPECT_EQ(settled->etag(), "4");
  EXPECT_EQ(Get(name)->ShortDebugString(), settled->ShortDebugString());
  EXPECT_THAT(Confirm(name, Coordinator(kProviderDept)), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

TEST_P(OpenDispute, IgnoresConfirmationsOfAReplacedSettlement) {
  const std::string name = Open()->name();
  EXPECT_THAT(Confirm(name, Coordinator(kRecipientDept), 1),
              FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  ASSERT_THAT(Settle(name, Officer(kAgency)), IsOk());
  ASSERT_THAT(Confirm(name, Coordinator(kRecipientDept)), IsOk());
  const auto again = Settle(name, Officer(kAgency));
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->settlement().number(), 2);
  EXPECT_THAT(again->settlement().awaits(), ElementsAre(kRecipientDept, kProviderDept));
  EXPECT_THAT(Confirm(name, Coordinator(kProviderDept), 1), FailsWith(Reason::ERROR_REASON_STALE_ETAG));
  // A settlement of one state does not count in the next, and numbers continue.
  ASSERT_THAT(Escalate(name, Officer(kAgency)), IsOk());
  EXPECT_FALSE(Get(name)->has_settlement());
  EXPECT_THAT(Confirm(name, Coordinator(kProviderDept), 2), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

TEST_P(OpenDispute, IsNotSettledByOthers) {
  const std::string name = Open()->name();
  EXPECT_THAT(Settle(name, Officer(kBoard)), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Settle(name, At(kRecipientDept, "p")), FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  EXPECT_THAT(Settle(name, Officer(kProviderDept)), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(Settle(name, Cdo()), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(Decide(name, v1::DECISION_APPROVE), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_EQ(Get(name)->etag(), "1");
}

TEST_P(OpenDispute, EscalatesToTheGovernorsOffice) {
  const std::string name = Open()->name();
  auto dispute = Escalate(name, Officer(kAgency));
  ASSERT_THAT(dispute, IsOk());
  EXPECT_EQ(dispute->state(), STATE_STATEMENTS);
  EXPECT_EQ(Submit(name, kProviderDept)->state(), STATE_STATEMENTS);
  dispute = Submit(name, kRecipientDept);
  ASSERT_THAT(dispute, IsOk());
  EXPECT_EQ(dispute->state(), STATE_CDO_MEDIATION);
  dispute = Escalate(name, Cdo());
  ASSERT_THAT(dispute, IsOk());
  EXPECT_EQ(dispute->state(), STATE_GOVERNOR_DECIDES);
  EXPECT_EQ(dispute->recommendation(), "share less");
  dispute = Decide(name, v1::DECISION_APPROVE);
  ASSERT_THAT(dispute, IsOk());
  EXPECT_EQ(dispute->state(), STATE_APPROVED);
  EXPECT_EQ(dispute->outcome(), "the program depends on it");
  EXPECT_THAT(Decide(name, v1::DECISION_DENY), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_THAT(Withdraw(name), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

TEST_P(OpenDispute, IsDeniedByTheGovernorsOffice) {
  const std::string name = OpenAtCdo().name();
  ASSERT_THAT(Escalate(name, Cdo()), IsOk());
  EXPECT_EQ(Decide(name, v1::DECISION_DENY)->state(), STATE_NOT_APPROVED);
}

TEST_P(OpenDispute, IsSettledByTheCdo) {
  const std::string name = OpenAtCdo().name();
  EXPECT_THAT(Settle(name, Officer(kAgency)), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_EQ(Settle(name, Cdo())->state(), STATE_RESOLVED);
}

TEST_P(OpenDispute, EndsWithoutApprovalIfTheGovernorMayNotDecide) {
  const std::string name = OpenWithBoard().name();
  ASSERT_THAT(Submit(name, kBoard), IsOk());
  ASSERT_THAT(Submit(name, kRecipientDept), IsOk());
  EXPECT_THAT(Escalate(name, Cdo()), FailsWith(Reason::ERROR_REASON_MEETING_MISSING));
  EXPECT_EQ(Get(name)->state(), STATE_CDO_MEDIATION);
  ASSERT_THAT(Meet(name), IsOk());
  const auto ended = Escalate(name, Cdo());
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->state(), STATE_NOT_APPROVED);
  EXPECT_THAT(ended->outcome(), ::testing::HasSubstr("not approved"));
  EXPECT_EQ(ended->recommendation(), "share less");
}

TEST_P(OpenDispute, EndsWithoutAMeetingOnlyWithAReason) {
  const std::string name = OpenWithBoard().name();
  ASSERT_THAT(Submit(name, kBoard), IsOk());
  ASSERT_THAT(Submit(name, kRecipientDept), IsOk());
  const auto ended = Escalate(name, Cdo(), "the board declined two dates");
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->state(), STATE_NOT_APPROVED);
  EXPECT_EQ(ended->history().rbegin()->text(),
            "share less\nNo meeting was held: the board declined two dates");
}

TEST_P(OpenDispute, IsOverWhenTheBucpIsWithdrawn) {
  const std::string name = Open()->name();
  v1::EndDisputeRequest by_a_party;
  by_a_party.set_name(name);
  EXPECT_THAT(Do<v1::EndDisputeResponse>(At(kRecipientDept, "p"), by_a_party),
              FailsWith(Reason::ERROR_REASON_CALLER_NOT_ALLOWED));
  const auto ended = End(name);
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->state(), STATE_WITHDRAWN);
  EXPECT_EQ(ended->outcome(), "The Data Recipient withdrew the BUCP: program ended");
  EXPECT_EQ(harness_->Events().back().type(), kDisputeEnded);
  EXPECT_THAT(harness_->Events().back().audience(), ::testing::Contains(kProviderDept));
  // The dispute ended before drafting reported it. The end does not change.
  EXPECT_THAT(End(name), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

// A decision for sharing binds in every state of the BUCP, but only in its category.
TEST_P(OpenDispute, IsNotOpenedAgainAfterADecisionForSharing) {
  const std::string decided = OpenAtCdo().name();
  ASSERT_THAT(Escalate(decided, Cdo()), IsOk());
  // Until it is decided, the open dispute prevents another one.
  EXPECT_THAT(Open(), FailsWith(Reason::ERROR_REASON_DISPUTE_OPEN));
  ASSERT_THAT(Decide(decided, v1::DECISION_APPROVE), IsOk());
  for (const drafting::v1::State state :
       {drafting::v1::STATE_SENT, drafting::v1::STATE_IN_REVIEW, drafting::v1::STATE_SIGNING,
        drafting::v1::STATE_EXECUTED, drafting::v1::STATE_FILED}) {
    drafting_.bucp(kBucp).set_state(state);
    const auto refused = Open();
    EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_FINALLY_DECIDED)) << drafting::v1::State_Name(state);
    EXPECT_EQ(status::MetadataOf(refused.status(), "dispute"), decided);
  }
  // The release of the decided dispute has not arrived yet.
  drafting_.bucp(kBucp).set_state(drafting::v1::STATE_DISPUTED);
  drafting_.bucp(kBucp).set_held_from(drafting::v1::STATE_SIGNING);
  EXPECT_THAT(Open(), FailsWith(Reason::ERROR_REASON_FINALLY_DECIDED));
  for (const v1::Category other : {v1::CATEGORY_DEIDENTIFICATION, v1::CATEGORY_COSTS}) {
    const auto opened = Open(kProviderDept, other);
    ASSERT_THAT(opened, IsOk());
    ASSERT_THAT(Withdraw(opened->name()), IsOk());
  }
  // An amendment is a separate BUCP.
  drafting_.Add("bucps/2", {kRecipientDept}, {kProviderDept}).set_amends(kBucp);
  EXPECT_THAT(Open(kProviderDept, v1::CATEGORY_PROVIDER_OBJECTS, "bucps/2"), IsOk());
}

TEST_P(OpenDispute, IsOpenedAgainAfterAnEndWithoutADecision) {
  ASSERT_THAT(Withdraw(Open()->name()), IsOk());
  ASSERT_THAT(SettleByAll(Open()->name()), IsOk());
  EXPECT_THAT(Open(), IsOk());
}

// A call that opens a dispute at the same moment finds the other one open or decided.
TEST_P(OpenDispute, IsNotOpenedConcurrentlyWithTheDecision) {
  const std::string name = OpenAtCdo().name();
  ASSERT_THAT(Escalate(name, Cdo()), IsOk());
  std::atomic<bool> decided = false;
  std::thread opener([&] {
    for (bool last = false; !last;) {
      last = decided;
      const auto opened = Open();
      const Reason reason = status::ReasonOf(opened.status());
      EXPECT_TRUE(reason == Reason::ERROR_REASON_DISPUTE_OPEN ||
                  reason == Reason::ERROR_REASON_FINALLY_DECIDED)
          << opened.status();
    }
  });
  EXPECT_THAT(Decide(name, v1::DECISION_APPROVE), IsOk());
  decided = true;
  opener.join();
}

// Before every act in a dispute, review checks for which entity the person acts on the BUCP.
TEST_P(OpenDispute, RefusesAPersonWhoActsForAnotherParty) {
  const std::string name = Open()->name();
  ASSERT_THAT(Escalate(name, Officer(kAgency)), IsOk());
  EXPECT_THAT(drafting_.claims, ElementsAre("p for entities/department-y on bucps/1",
                                            "officer for entities/agency-a on bucps/1"));
  const auto clash = status::Error(Reason::ERROR_REASON_SAME_PERSON, "acts for another");
  drafting_.AnswerClaims(clash);
  EXPECT_THAT(Submit(name, kRecipientDept), FailsWith(Reason::ERROR_REASON_SAME_PERSON));
  EXPECT_THAT(Withdraw(name), FailsWith(Reason::ERROR_REASON_SAME_PERSON));
  drafting_.Add("bucps/2", {kRecipientDept}, {kBoard});
  EXPECT_THAT(Open(kBoard, v1::CATEGORY_PROVIDER_OBJECTS, "bucps/2"),
              FailsWith(Reason::ERROR_REASON_SAME_PERSON));
  // A caller without a role does not act, so that nothing is claimed.
  const size_t claimed = drafting_.claims.size();
  EXPECT_THAT(Submit(name, kBoard), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_EQ(drafting_.claims.size(), claimed);
  drafting_.AnswerClaims(status::Error(Reason::ERROR_REASON_PEER_UNAVAILABLE, "review does not answer"));
  EXPECT_THAT(Submit(name, kRecipientDept), FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
  EXPECT_EQ(Get(name)->statements_size(), 0);
}

// The claim of a refused act is released. An act that took place is recorded through the log.
TEST_P(OpenDispute, BindsAPersonOnlyByActsThatTookPlace) {
  const std::string name = Open()->name();
  ASSERT_EQ(drafting_.acts.size(), 1u) << "an act that took place is not released";
  EXPECT_THAT(Open(), FailsWith(Reason::ERROR_REASON_DISPUTE_OPEN));
  EXPECT_THAT(Submit(name, kRecipientDept), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_EQ(drafting_.claims.size(), 3u);
  EXPECT_EQ(drafting_.acts.size(), 1u);
  EXPECT_THAT(drafting_.recorded, ::testing::IsEmpty());
  events::Relay relay({.service = "dispute"}, ReviewTarget(peers_), database(), notifier_, env_.clock);
  ASSERT_THAT(relay.Pass(), testing::IsOkAndHolds(1));
  EXPECT_THAT(drafting_.recorded, ElementsAre("p for entities/department-y on bucps/1"));
}

TEST_P(OpenDispute, LetsAPartyAmendItsStatementUntilTheStateChanges) {
  const std::string name = OpenWithBoard().name();
  v1::AmendStatementRequest request;
  request.set_name(name);
  request.set_text("our side, better said");
  const auto amend = [&](const char* entity) {
    return Do<v1::AmendStatementResponse>(At(entity, "p"), request);
  };
  EXPECT_THAT(amend(kBoard), FailsWith(Reason::ERROR_REASON_STATEMENTS_MISSING));
  ASSERT_THAT(Submit(name, kBoard), IsOk());
  EXPECT_THAT(amend(kRecipientDept), FailsWith(Reason::ERROR_REASON_STATEMENTS_MISSING));
  env_.clock.Advance(clock::kSecond);
  const auto amended = amend(kBoard);
  ASSERT_THAT(amended, IsOk());
  EXPECT_EQ(amended->statements(0).text(), "our side, better said");
  EXPECT_EQ(clock::FromProto(amended->statements(0).amend_time()), env_.clock.Now());
  EXPECT_EQ(amended->state(), STATE_STATEMENTS);
  ASSERT_THAT(Submit(name, kRecipientDept), IsOk());
  EXPECT_THAT(amend(kBoard), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_THAT(amend("entities/stranger"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

TEST_P(OpenDispute, KeepsTheMeetingsOfEachMediator) {
  const std::string name = Open()->name();
  v1::RecordMeetingRequest request;
  request.set_name(name);
  v1::Meeting& meeting = *request.mutable_meeting();
  meeting.add_attendees("data coordinators");
  meeting.set_summary("the aid code is open");
  const auto meet = [&](int day, const testing::TestCaller& who) {
    meeting.mutable_date()->set_year(2025);
    meeting.mutable_date()->set_month(12);
    meeting.mutable_date()->set_day(day);
    return Do<v1::RecordMeetingResponse>(who, request);
  };
  EXPECT_THAT(meet(30, Cdo()), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  // It is midnight UTC. In California it is still the last day of December.
  EXPECT_THAT(meet(31, Officer(kAgency)), IsOk());
  const auto met = meet(30, Officer(kAgency));
  ASSERT_THAT(met, IsOk());
  ASSERT_EQ(met->meetings_size(), 2);
  EXPECT_EQ(met->meetings(1).entity(), kAgency);
  EXPECT_EQ(met->meetings(1).person(), "officer");
  EXPECT_EQ(met->meetings(1).state(), STATE_AGENCY_MEDIATION);
  EXPECT_EQ(Get(name)->ShortDebugString(), met->ShortDebugString());
  meeting.mutable_date()->set_year(2026);
  meeting.mutable_date()->set_month(1);
  meeting.mutable_date()->set_day(1);
  EXPECT_THAT(Do<v1::RecordMeetingResponse>(Officer(kAgency), request),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  meeting.mutable_date()->set_month(13);
  EXPECT_THAT(Do<v1::RecordMeetingResponse>(Officer(kAgency), request),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  meeting.clear_attendees();
  EXPECT_THAT(meet(30, Officer(kAgency)), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(OpenDispute, LimitsItsTextToWhatAClientCanReadAndCanStillEnd) {
  const std::string name = Open()->name();
  v1::RecordMeetingRequest request;
  request.set_name(name);
  v1::Meeting& meeting = *request.mutable_meeting();
  for (int i = 0; i < 100; ++i) meeting.add_attendees(std::string(200, 'x'));
  std::string summary;
  for (int i = 0; i < 20'000; ++i) summary += "\u20ac";
  meeting.set_summary(summary);
  meeting.mutable_date()->set_year(2025);
  meeting.mutable_date()->set_month(12);
  meeting.mutable_date()->set_day(30);
  absl::StatusOr<v1::Dispute> met;
  int meetings = 0;
  do {
    met = Do<v1::RecordMeetingResponse>(Officer(kAgency), request);
  } while (met.ok() && ++meetings < 1000);
  EXPECT_GT(meetings, 10);
  ASSERT_THAT(met, FailsWith(Reason::ERROR_REASON_LIMIT_REACHED));
  EXPECT_EQ(status::MetadataOf(met.status(), "items"), "bytes of a dispute");
  EXPECT_LT(Get(name)->ByteSizeLong(), 3U << 20);
  EXPECT_THAT(Escalate(name, Officer(kAgency)), IsOk());
  EXPECT_THAT(Submit(name, kRecipientDept), IsOk());
  EXPECT_THAT(Submit(name, kProviderDept), IsOk());
  EXPECT_THAT(Escalate(name, Cdo()), IsOk());
  EXPECT_THAT(Decide(name, v1::DECISION_APPROVE), IsOk());
}

TEST_P(OpenDispute, GuaranteesEachDepartmentSpaceForItsStatement) {
  std::vector<std::string> recipients = {kRecipientDept};
  for (int i = 0; i < 24; ++i) {
    recipients.push_back("entities/board-" + std::to_string(100 + i));
    ASSERT_THAT(registry_->Import("Board " + std::to_string(100 + i) + ",,,board,s\n"), IsOk());
    ASSERT_THAT(registry_->SetAuthority(recipients.back(), registry::v1::GOVERNOR_AUTHORITY_OUTSIDE), IsOk());
  }
  drafting_.Add("bucps/many", recipients, {kProviderDept});
  const auto dispute = Open(kProviderDept, v1::CATEGORY_PROVIDER_OBJECTS, "bucps/many");
  ASSERT_THAT(dispute, IsOk());
  v1::SubmitStatementRequest request;
  request.set_name(dispute->name());
  for (int i = 0; i < 20'000; ++i) request.mutable_text()->append("\u20ac");
  const auto refused = Do<v1::SubmitStatementResponse>(At(kProviderDept, "p"), request);
  ASSERT_THAT(refused, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_EQ(testing::FieldsOf(refused.status()), std::vector<std::string>{"text"});
  request.set_text(std::string(20'000, 'x'));
  EXPECT_THAT(Do<v1::SubmitStatementResponse>(At(kProviderDept, "p"), request), IsOk());
}

INSTANTIATE_TEST_SUITE_P(Every, OpenDispute, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::dispute
