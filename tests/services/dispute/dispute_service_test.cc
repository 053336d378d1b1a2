#include "services/dispute/dispute_service.h"

#include <atomic>
#include <thread>

#include "services/dispute/dispute_events.h"
#include "tests/services/dispute/dispute_fixture.h"
#include "tests/support/refusals.h"

namespace idea::dispute {
namespace {

using testing::At;
using ::testing::ElementsAre;
using testing::FailsWith;
using testing::IsOk;
using ::testing::UnorderedElementsAre;

class Dispute : public DisputeTest {
 protected:
  // A dispute that waits for statements, because the board is outside the Governor's authority.
  v1::Dispute OpenWithBoard() {
    drafting_.Add("bucps/2", {kRecipientDept}, {kBoard});
    const auto opened = Open(kBoard, v1::CATEGORY_PROVIDER_OBJECTS, "bucps/2");
    EXPECT_THAT(opened, IsOk());
    return opened.ok() ? *opened : v1::Dispute();
  }
  // A dispute that the Statewide CDO mediates.
  v1::Dispute OpenAtCdo() {
    const std::string name = Open()->name();
    EXPECT_THAT(Escalate(name, Officer(kAgency)), IsOk());
    EXPECT_THAT(Submit(name, kRecipientDept), IsOk());
    const auto last = Submit(name, kProviderDept);
    EXPECT_THAT(last, IsOk());
    return last.ok() ? *last : v1::Dispute();
  }
};

TEST_P(Dispute, BeginsWithTheAgenciesIfAllAreUnderTheGovernor) {
  const auto dispute = Open();
  ASSERT_THAT(dispute, IsOk());
  EXPECT_EQ(dispute->state(), STATE_AGENCY_MEDIATION);
  EXPECT_EQ(dispute->track(), v1::TRACK_ALL_UNDER_GOVERNOR);
  EXPECT_EQ(dispute->title(), "Food aid");
  EXPECT_EQ(dispute->opened_by(), kProviderDept);
  EXPECT_THAT(dispute->recipients(), ElementsAre(kRecipientDept));
  EXPECT_THAT(dispute->providers(), ElementsAre(kProviderDept));
  EXPECT_THAT(dispute->agencies(), ElementsAre(kAgency));
  EXPECT_EQ(dispute->etag(), "1");
  EXPECT_EQ(Get(dispute->name())->ShortDebugString(), dispute->ShortDebugString());
}

TEST_P(Dispute, BeginsWithStatementsIfOneIsOutside) {
  const v1::Dispute dispute = OpenWithBoard();
  EXPECT_EQ(dispute.state(), STATE_STATEMENTS);
  EXPECT_EQ(dispute.track(), v1::TRACK_OUTSIDE_GOVERNOR);
  EXPECT_THAT(dispute.agencies(), ElementsAre());
}

TEST_P(Dispute, BeginsImmediatelyIfAnUnknownStandingDoesNotMatter) {
  drafting_.Add("bucps/3", {"entities/stranger"}, {kBoard});
  const auto opened = Open(kBoard, v1::CATEGORY_PROVIDER_OBJECTS, "bucps/3");
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->state(), STATE_STATEMENTS);
}

TEST_P(Dispute, IsOpenedByAProviderOrOnMethodAndCostsByAnyParty) {
  EXPECT_THAT(Open(kRecipientDept), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(Open("entities/stranger"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Open(kAgency), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Open(kProviderDept, v1::CATEGORY_COSTS, "bucps/none"),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  const auto opened = Open(kRecipientDept, v1::CATEGORY_DEIDENTIFICATION);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->opened_by(), kRecipientDept);
}

TEST_P(Dispute, IsOpenedOncePerBucp) {
  const auto first = Open();
  ASSERT_THAT(first, IsOk());
  const auto second = Open(kRecipientDept, v1::CATEGORY_COSTS);
  EXPECT_THAT(second, FailsWith(Reason::ERROR_REASON_DISPUTE_OPEN));
  EXPECT_EQ(status::MetadataOf(second.status(), "dispute"), first->name());
  ASSERT_THAT(Withdraw(first->name()), IsOk());
  EXPECT_THAT(Open(), IsOk());
}

TEST_P(Dispute, IsOpenedOnceByConcurrentObjections) {
  std::atomic<int> opened = 0, refused = 0;
  std::vector<std::thread> objectors;
  for (int i = 0; i < 8; ++i) {
    objectors.emplace_back([&] {
      const auto dispute = Open();
      if (dispute.ok()) ++opened;
      if (status::ReasonOf(dispute.status()) == Reason::ERROR_REASON_DISPUTE_OPEN) ++refused;
    });
  }
  for (std::thread& objector : objectors) objector.join();
  EXPECT_EQ(opened, 1);
  EXPECT_EQ(refused, 7);
}

TEST_P(Dispute, ReachesTheCdoAfterConcurrentStatements) {
  const std::string name = OpenWithBoard().name();
  const auto submit = [&](const char* entity) {
    absl::StatusOr<v1::Dispute> done;
    do {
      done = Submit(name, entity);
    } while (status::ReasonOf(done.status()) == Reason::ERROR_REASON_CONCURRENT_CHANGE);
    EXPECT_THAT(done, IsOk());
  };
  std::thread recipient(submit, kRecipientDept), provider(submit, kBoard);
  recipient.join();
  provider.join();
  EXPECT_EQ(Get(name)->state(), STATE_CDO_MEDIATION);
}

TEST_P(Dispute, HidesADraftThatOnlyItsRecipientsSee) {
  drafting_.bucp(kBucp).set_state(drafting::v1::STATE_DRAFT);
  drafting_.bucp(kBucp).clear_first_shown_revision();
  EXPECT_THAT(Open(), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  v1::ExplainTrackRequest explain;
  explain.set_name(kBucp);
  EXPECT_THAT(harness_->Ask<v1::ExplainTrackResponse>(testing::At(kProviderDept), explain),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(harness_->Ask<v1::ExplainTrackResponse>(testing::At(kRecipientDept), explain), IsOk());
}

TEST_P(Dispute, NeedsABucpThatCanBeHeld) {
  using namespace drafting::v1;  // NOLINT: the states of a BUCP, by their own names
  for (const drafting::v1::State state : {drafting::v1::STATE_DRAFT, STATE_EXECUTED, STATE_FILED, STATE_ENDED,
                                          drafting::v1::STATE_WITHDRAWN, drafting::v1::STATE_NOT_APPROVED}) {
    drafting_.bucp(kBucp).set_state(state);
    EXPECT_THAT(Open(), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED)) << drafting::v1::State_Name(state);
  }
  for (const drafting::v1::State state : {STATE_SENT, STATE_IN_REVIEW, STATE_SIGNING}) {
    drafting_.bucp(kBucp).set_state(state);
    const auto opened = Open();
    ASSERT_THAT(opened, IsOk()) << drafting::v1::State_Name(state);
    ASSERT_THAT(Withdraw(opened->name()), IsOk());
  }
  // The release of an ended dispute has not arrived yet.
  drafting_.bucp(kBucp).set_state(STATE_DISPUTED);
  drafting_.bucp(kBucp).set_held_from(STATE_SIGNING);
  EXPECT_THAT(Open(), IsOk());
}

// One officer mediates for both departments, and confirms for neither.
TEST_P(Dispute, IsSettledWhenBothPartiesAgreeToTheOfficersProposal) {
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

TEST_P(Dispute, IgnoresConfirmationsOfAReplacedSettlement) {
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

TEST_P(Dispute, IsNotSettledByOthers) {
  const std::string name = Open()->name();
  EXPECT_THAT(Settle(name, Officer(kBoard)), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Settle(name, At(kRecipientDept, "p")), FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  EXPECT_THAT(Settle(name, Officer(kProviderDept)), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(Settle(name, Cdo()), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(Decide(name, v1::DECISION_APPROVE), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_EQ(Get(name)->etag(), "1");
}

TEST_P(Dispute, EscalatesToTheGovernorsOffice) {
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

TEST_P(Dispute, IsDeniedByTheGovernorsOffice) {
  const std::string name = OpenAtCdo().name();
  ASSERT_THAT(Escalate(name, Cdo()), IsOk());
  EXPECT_EQ(Decide(name, v1::DECISION_DENY)->state(), STATE_NOT_APPROVED);
}

TEST_P(Dispute, IsSettledByTheCdo) {
  const std::string name = OpenAtCdo().name();
  EXPECT_THAT(Settle(name, Officer(kAgency)), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_EQ(Settle(name, Cdo())->state(), STATE_RESOLVED);
}

TEST_P(Dispute, EndsWithoutApprovalIfTheGovernorMayNotDecide) {
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

TEST_P(Dispute, EndsWithoutAMeetingOnlyWithAReason) {
  const std::string name = OpenWithBoard().name();
  ASSERT_THAT(Submit(name, kBoard), IsOk());
  ASSERT_THAT(Submit(name, kRecipientDept), IsOk());
  const auto ended = Escalate(name, Cdo(), "the board declined two dates");
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->state(), STATE_NOT_APPROVED);
  EXPECT_EQ(ended->history().rbegin()->text(),
            "share less\nNo meeting was held: the board declined two dates");
}

TEST_P(Dispute, IsOverWhenTheBucpIsWithdrawn) {
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
TEST_P(Dispute, IsNotOpenedAgainAfterADecisionForSharing) {
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

TEST_P(Dispute, IsOpenedAgainAfterAnEndWithoutADecision) {
  ASSERT_THAT(Withdraw(Open()->name()), IsOk());
  ASSERT_THAT(SettleByAll(Open()->name()), IsOk());
  EXPECT_THAT(Open(), IsOk());
}

// A call that opens a dispute at the same moment finds the other one open or decided.
TEST_P(Dispute, IsNotOpenedConcurrentlyWithTheDecision) {
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
TEST_P(Dispute, RefusesAPersonWhoActsForAnotherParty) {
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
TEST_P(Dispute, BindsAPersonOnlyByActsThatTookPlace) {
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

TEST_P(Dispute, LetsAPartyAmendItsStatementUntilTheStateChanges) {
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

TEST_P(Dispute, KeepsTheMeetingsOfEachMediator) {
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

TEST_P(Dispute, LimitsItsTextToWhatAClientCanReadAndCanStillEnd) {
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

TEST_P(Dispute, GuaranteesEachDepartmentSpaceForItsStatement) {
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

TEST_P(Dispute, OnCostsHasAmountsAndFrequency) {
  v1::OpenDisputeRequest request;
  request.set_bucp(kBucp);
  request.set_objection("who pays?");
  const auto open = [&](v1::Category category) {
    request.set_category(category);
    return Do<v1::OpenDisputeResponse>(At(kRecipientDept, "p"), request);
  };
  EXPECT_THAT(open(v1::CATEGORY_COSTS), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  *request.mutable_costs() = SomeCosts();
  EXPECT_THAT(open(v1::CATEGORY_DEIDENTIFICATION), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  request.mutable_costs()->set_interagency_agreement("set by the server only");
  request.mutable_costs()->set_budget_impact("two positions");
  const auto opened = open(v1::CATEGORY_COSTS);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->costs().items(0).amount_cents(), 1'250'000);
  EXPECT_EQ(opened->costs().budget_impact(), "two positions");
  EXPECT_EQ(opened->costs().interagency_agreement(), "");
  v1::SettleDisputeRequest settle;
  settle.set_name(opened->name());
  settle.set_outcome("half each");
  settle.set_interagency_agreement("IA 26-017");
  ASSERT_THAT(Do<v1::SettleDisputeResponse>(Officer(kAgency), settle), IsOk());
  ASSERT_THAT(Confirm(opened->name(), Coordinator(kProviderDept)), IsOk());
  const auto settled = Confirm(opened->name(), Coordinator(kRecipientDept));
  ASSERT_THAT(settled, IsOk());
  EXPECT_EQ(settled->costs().interagency_agreement(), "IA 26-017");
  EXPECT_EQ(Get(opened->name())->ShortDebugString(), settled->ShortDebugString());
  settle.set_name(Open()->name());
  EXPECT_THAT(Do<v1::SettleDisputeResponse>(Officer(kAgency), settle),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  for (const int64_t cents : {int64_t{0}, int64_t{-1}}) {
    request.mutable_costs()->mutable_items(0)->set_amount_cents(cents);
    EXPECT_THAT(open(v1::CATEGORY_COSTS), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  }
}

TEST_P(Dispute, OnAnExecutedAgreementLeavesItInForce) {
  for (const drafting::v1::State state : {drafting::v1::STATE_EXECUTED, drafting::v1::STATE_FILED}) {
    drafting_.bucp(kBucp).set_state(state);
    for (const v1::Category category : {v1::CATEGORY_DEIDENTIFICATION, v1::CATEGORY_COSTS}) {
      const auto opened = Open(kRecipientDept, category);
      ASSERT_THAT(opened, IsOk());
      EXPECT_FALSE(opened->holds());
      ASSERT_THAT(Withdraw(opened->name(), kRecipientDept), IsOk());
    }
  }
}

TEST_P(Dispute, KeepsEveryStepWithItsReasonsAndItsAge) {
  const std::string name = OpenAtCdo().name();
  env_.clock.Advance(3 * clock::kSecond);
  ASSERT_THAT(Escalate(name, Cdo()), IsOk());
  const auto dispute = Get(name);
  ASSERT_THAT(dispute, IsOk());
  std::vector<std::string> steps;
  for (const v1::DisputeStep& step : dispute->history()) steps.push_back(step.on());
  EXPECT_THAT(steps, ElementsAre("OpenDispute", "EscalateDispute", "SubmitStatement", "SubmitStatement",
                                 "EscalateDispute"));
  EXPECT_EQ(dispute->history(0).text(), "too wide");
  EXPECT_EQ(dispute->history(0).citation(), "agreement 5.2");
  EXPECT_EQ(dispute->history(1).entity(), kAgency);
  EXPECT_EQ(dispute->history(1).person(), "officer");
  EXPECT_EQ(dispute->history(4).text(), "share less");
  EXPECT_EQ(clock::FromProto(dispute->level_time()), env_.clock.Now());
}

TEST_P(Dispute, IsExplainedBeforeItIsOpened) {
  drafting_.Add("bucps/2", {kRecipientDept, "entities/stranger"}, {kProviderDept});
  v1::ExplainTrackRequest request;
  request.set_name("bucps/2");
  for (const testing::TestCaller& who : {At(kProviderDept), At(testing::kCdoEntity)}) {
    const auto explained = harness_->Ask<v1::ExplainTrackResponse>(who, request);
    ASSERT_THAT(explained, IsOk());
    EXPECT_EQ(explained->explanation().track(), v1::TRACK_UNSPECIFIED);
    ASSERT_EQ(explained->explanation().missing_size(), 1);
    EXPECT_EQ(explained->explanation().missing(0).entity(), "entities/stranger");
  }
  const auto refusal = [&](const std::string& name, const testing::TestCaller& who) {
    request.set_name(name);
    return harness_->Ask<v1::ExplainTrackResponse>(who, request).status();
  };
  EXPECT_THAT(refusal("bucps/2", At(kBoard)), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(refusal("bucps/none", At(kProviderDept)), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(refusal("disputes/none", At(kProviderDept)), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(refusal("filings/1", At(kProviderDept)), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(refusal(Open()->name(), At(kBoard)), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

// The Statewide CDO's office is the recipient. It submits a statement as a party and mediates as an office.
TEST_P(Dispute, LetsAnOfficeThatIsAPartyActAsBoth) {
  ASSERT_THAT(registry_->SetAuthority(testing::kCdoEntity, registry::v1::GOVERNOR_AUTHORITY_UNDER), IsOk());
  ASSERT_THAT(registry_->AddContact(testing::kCdoEntity, "p", {common::v1::CONTACT_ROLE_PROGRAM}), IsOk());
  drafting_.Add("bucps/2", {testing::kCdoEntity}, {kBoard});
  const auto opened = Open(kBoard, v1::CATEGORY_PROVIDER_OBJECTS, "bucps/2");
  ASSERT_THAT(opened, IsOk());
  ASSERT_THAT(Submit(opened->name(), kBoard), IsOk());
  EXPECT_EQ(Submit(opened->name(), testing::kCdoEntity)->state(), STATE_CDO_MEDIATION);
  EXPECT_THAT(Settle(opened->name(), At(testing::kCdoEntity, "p")),
              FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  // The office cannot settle alone, because it is a party.
  EXPECT_EQ(Settle(opened->name(), Cdo())->state(), STATE_CDO_MEDIATION);
  ASSERT_THAT(
      registry_->AddContact(testing::kCdoEntity, "coordinator", {common::v1::CONTACT_ROLE_DATA_COORDINATOR}),
      IsOk());
  EXPECT_EQ(Confirm(opened->name(), Coordinator(testing::kCdoEntity))->state(), STATE_CDO_MEDIATION);
  EXPECT_EQ(Confirm(opened->name(), Coordinator(kBoard))->state(), STATE_RESOLVED);
}

TEST_P(Dispute, KeepsOneStatementOfEachParty) {
  const std::string name = OpenWithBoard().name();
  const auto first = Submit(name, kBoard);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(Submit(name, kBoard), FailsWith(Reason::ERROR_REASON_ALREADY_DONE));
  EXPECT_THAT(Submit(name, "entities/stranger"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  env_.clock.Advance(clock::kSecond);
  ASSERT_THAT(Submit(name, kRecipientDept), IsOk());
  const auto dispute = Get(name);
  ASSERT_THAT(dispute, IsOk());
  ASSERT_EQ(dispute->statements_size(), 2);
  EXPECT_EQ(dispute->statements(0).entity(), kBoard);
  EXPECT_EQ(dispute->statements(0).person(), "p");
  EXPECT_EQ(dispute->statements(0).text(), "our side");
  EXPECT_EQ(clock::FromProto(dispute->statements(1).submit_time()), env_.clock.Now());
}

TEST_P(Dispute, AwaitsEveryDepartmentUnlessTheCdoContinuesWithout) {
  for (const bool wait : {true, false}) {
    const std::string bucp = wait ? "bucps/2" : "bucps/3";
    drafting_.Add(bucp, {kRecipientDept, kProviderDept}, {kBoard});
    const std::string name = Open(kBoard, v1::CATEGORY_PROVIDER_OBJECTS, bucp)->name();
    EXPECT_EQ(Submit(name, kRecipientDept)->state(), STATE_STATEMENTS);
    const auto early = Escalate(name, Cdo());
    EXPECT_THAT(early, FailsWith(Reason::ERROR_REASON_STATEMENTS_MISSING));
    EXPECT_EQ(status::MetadataOf(early.status(), "entity"), kBoard);
    EXPECT_EQ(Submit(name, kBoard)->state(), STATE_STATEMENTS);
    EXPECT_THAT(Escalate(name, At(kRecipientDept, "officer")), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
    const auto heard = wait ? Submit(name, kProviderDept) : Escalate(name, Cdo());
    ASSERT_THAT(heard, IsOk());
    EXPECT_EQ(heard->state(), STATE_CDO_MEDIATION);
    EXPECT_EQ(heard->statements_size(), wait ? 3 : 2);
    EXPECT_EQ(heard->history().rbegin()->on(), wait ? "SubmitStatement" : "EscalateDispute");
    EXPECT_THAT(Submit(name, kProviderDept), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  }
}

TEST_P(Dispute, OfADepartmentWithItselfNeedsOneStatement) {
  drafting_.Add("bucps/2", {kBoard}, {kBoard});
  const auto opened = Open(kBoard, v1::CATEGORY_PROVIDER_OBJECTS, "bucps/2");
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(Submit(opened->name(), kBoard)->state(), STATE_CDO_MEDIATION);
}

TEST_P(Dispute, IsWithdrawnOnlyByItsOpener) {
  const std::string name = Open()->name();
  EXPECT_THAT(Withdraw(name, kRecipientDept), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(Withdraw(name, kBoard), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  const auto withdrawn = Withdraw(name);
  ASSERT_THAT(withdrawn, IsOk());
  EXPECT_EQ(withdrawn->state(), STATE_WITHDRAWN);
  EXPECT_EQ(withdrawn->outcome(), "answered");
}

TEST_P(Dispute, IsSeenByPartiesAgenciesAndTheOfficesOnly) {
  const std::string name = Open()->name();
  for (const testing::TestCaller& who : {At(kRecipientDept), At(kProviderDept), At(kAgency),
                                         At(testing::kCdoEntity), At(testing::kGovernorEntity)}) {
    EXPECT_THAT(Get(name, who), IsOk()) << who.certificate;
  }
  // The Governor's Office has no role if it cannot decide.
  EXPECT_THAT(Get(OpenWithBoard().name(), At(testing::kGovernorEntity)),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Get(name, At(kBoard)), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Get("disputes/none", At(kBoard)), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

TEST_P(Dispute, ListsAreNewestFirstAndOnlyOfTheCaller) {
  const std::string older = Open()->name();
  env_.clock.Advance(clock::kSecond);
  const std::string newer = OpenWithBoard().name();
  const auto list = [&](const testing::TestCaller& who, const std::string& filter) {
    std::vector<std::string> names;
    v1::ListDisputesRequest request;
    request.set_filter(filter);
    request.set_page_size(1);
    do {
      const auto page = harness_->Ask<v1::ListDisputesResponse>(who, request);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) break;
      for (const v1::Dispute& dispute : page->disputes()) names.push_back(dispute.name());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return names;
  };
  EXPECT_THAT(list(Cdo(), ""), ElementsAre(newer, older));
  EXPECT_THAT(list(At(testing::kGovernorEntity), ""), ElementsAre(older));
  EXPECT_THAT(list(At(kRecipientDept), ""), ElementsAre(newer, older));
  EXPECT_THAT(list(At(kProviderDept), ""), ElementsAre(older));
  EXPECT_THAT(list(At(kBoard), ""), ElementsAre(newer));
  EXPECT_THAT(list(At("entities/stranger"), ""), ElementsAre());
  EXPECT_THAT(list(Cdo(), "state = STATE_STATEMENTS"), ElementsAre(newer));
  EXPECT_THAT(list(Cdo(), "bucp = \"bucps/1\" AND category = CATEGORY_PROVIDER_OBJECTS"), ElementsAre(older));
}

TEST_P(Dispute, SendsItsEventsToEveryoneWithARole) {
  const std::string name = OpenAtCdo().name();
  ASSERT_THAT(Escalate(name, Cdo()), IsOk());
  ASSERT_THAT(Decide(name, v1::DECISION_DENY), IsOk());
  std::vector<std::string> types;
  for (const events::Event& event : harness_->Events()) {
    types.push_back(event.type());
    EXPECT_EQ(event.subject(), name);
    EXPECT_EQ(event.bucp(), kBucp);
  }
  EXPECT_THAT(types, ElementsAre(kDisputeOpened, kDisputeEscalated, kStatementSubmitted, kStatementSubmitted,
                                 kDisputeEscalated, kDisputeDecided));
  EXPECT_THAT(harness_->Events().front().audience(),
              UnorderedElementsAre(kRecipientDept, kProviderDept, kAgency, testing::kCdoEntity));
  EXPECT_THAT(harness_->Events().back().audience(),
              UnorderedElementsAre(kRecipientDept, kProviderDept, kAgency, testing::kCdoEntity,
                                   testing::kGovernorEntity));
  EXPECT_EQ(harness_->Events().back().citation(), "guidebook dispute step 5");
}

INSTANTIATE_TEST_SUITE_P(Every, Dispute, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::dispute
