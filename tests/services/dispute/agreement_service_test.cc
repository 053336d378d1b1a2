#include <atomic>
#include <thread>

#include "tests/services/dispute/dispute_fixture.h"

namespace idea::dispute {
namespace {

using testing::At;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;

// Disputes under agreement section 6.1 between Department X of Agency A and Department V of Agency B.
class ByTheAgreement : public DisputeTest {
 protected:
  static constexpr char kOtherAgency[] = "entities/agency-b";
  static constexpr char kOtherDept[] = "entities/department-v";

  void SetUp() override {
    DisputeTest::SetUp();
    if (IsSkipped()) return;
    ASSERT_THAT(registry_->Import("Agency B,B,,agency,s\nDepartment V,DV,Agency B,department,s\n"), IsOk());
    ASSERT_THAT(registry_->SetAuthority(kOtherDept, registry::v1::GOVERNOR_AUTHORITY_UNDER), IsOk());
    ASSERT_THAT(registry_->AddContact(kOtherDept, "p", {common::v1::CONTACT_ROLE_PROGRAM}), IsOk());
    ASSERT_THAT(
        registry_->AddContact(kOtherAgency, "officer", {common::v1::CONTACT_ROLE_AGENCY_INFORMATION_OFFICER}),
        IsOk());
    for (const char* agency : {kAgency, kOtherAgency})
      ASSERT_THAT(registry_->AddContact(agency, "under", {common::v1::CONTACT_ROLE_UNDERSECRETARY}), IsOk());
    drafting_.Add("bucps/6", {kRecipientDept}, {kOtherDept});
    Serve(v1::PROCESS_AGREEMENT);
  }

  std::string OpenIt() {
    const auto opened = Open(kOtherDept, v1::CATEGORY_PROVIDER_OBJECTS, "bucps/6");
    EXPECT_THAT(opened, IsOk());
    return opened.ok() ? opened->name() : "";
  }
  absl::StatusOr<v1::Dispute> Comment(const std::string& name, const std::string& agency) {
    v1::SubmitStatementRequest request;
    request.set_name(name);
    request.set_text("comments");
    return Do<v1::SubmitStatementResponse>(Officer(agency), request);
  }
  absl::StatusOr<v1::Dispute> DecideAs(const testing::TestCaller& who, const std::string& name,
                                       v1::Decision decision) {
    v1::DecideDisputeRequest request;
    request.set_name(name);
    request.set_decision(decision);
    request.set_reasons("reasons of " + who.certificate);
    return Do<v1::DecideDisputeResponse>(who, request);
  }
  std::string OpenAtUndersecretaries() {
    const std::string name = OpenIt();
    EXPECT_THAT(Escalate(name, Officer(kAgency)), IsOk());
    EXPECT_THAT(Comment(name, kAgency), IsOk());
    EXPECT_THAT(Comment(name, kOtherAgency), IsOk());
    const auto at = Escalate(name, Cdo());
    EXPECT_THAT(at, IsOk());
    EXPECT_EQ(at->state(), STATE_UNDERSECRETARIES_DECIDE);
    return name;
  }
  static testing::TestCaller Under(const std::string& agency) { return At(agency, "under"); }
};

TEST_P(ByTheAgreement, LeadsFromTheUndersecretariesToTheGovernorsOffice) {
  const std::string name = OpenIt();
  EXPECT_EQ(Get(name)->state(), STATE_AGENCY_MEDIATION);
  EXPECT_THAT(Get(name)->agencies(), ElementsAre(kAgency, kOtherAgency));
  ASSERT_THAT(Escalate(name, Officer(kOtherAgency)), IsOk());
  EXPECT_THAT(Submit(name, kRecipientDept), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_EQ(Comment(name, kAgency)->state(), STATE_STATEMENTS);
  EXPECT_THAT(Comment(name, kAgency), FailsWith(Reason::ERROR_REASON_ALREADY_DONE));
  EXPECT_EQ(Comment(name, kOtherAgency)->state(), STATE_CDO_MEDIATION);
  ASSERT_THAT(Escalate(name, Cdo()), IsOk());
  EXPECT_EQ(DecideAs(Under(kAgency), name, v1::DECISION_APPROVE)->state(), STATE_UNDERSECRETARIES_DECIDE);
  const auto differing = DecideAs(Under(kOtherAgency), name, v1::DECISION_DENY);
  ASSERT_THAT(differing, IsOk());
  EXPECT_EQ(differing->state(), STATE_UNDERSECRETARIES_DECIDE);
  EXPECT_EQ(differing->outcome(), "");
  EXPECT_THAT(Decide(name, v1::DECISION_APPROVE), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  ASSERT_THAT(Escalate(name, Cdo()), IsOk());
  const auto decided = Decide(name, v1::DECISION_APPROVE);
  ASSERT_THAT(decided, IsOk());
  EXPECT_EQ(decided->state(), STATE_APPROVED);
  EXPECT_EQ(decided->outcome(), "the program depends on it");
  ASSERT_EQ(decided->history_size(), 9);
  EXPECT_EQ(decided->history(5).decision(), v1::DECISION_APPROVE);
  EXPECT_EQ(decided->history(5).entity(), kAgency);
  EXPECT_EQ(decided->history(5).citation(), "agreement 6.1(1)(b)");
  EXPECT_EQ(decided->history(7).text(), "share less");
}

TEST_P(ByTheAgreement, EndsWhenTheUndersecretariesDecideAlike) {
  for (const v1::Decision decision : {v1::DECISION_DENY, v1::DECISION_APPROVE}) {
    const std::string name = OpenAtUndersecretaries();
    ASSERT_THAT(DecideAs(Under(kAgency), name, decision), IsOk());
    const auto decided = DecideAs(Under(kOtherAgency), name, decision);
    ASSERT_THAT(decided, IsOk());
    EXPECT_EQ(decided->state(), decision == v1::DECISION_APPROVE ? STATE_APPROVED : STATE_NOT_APPROVED);
    EXPECT_EQ(decided->outcome(), "reasons of entity/agency-b");
    EXPECT_THAT(Escalate(name, Cdo()), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  }
}

TEST_P(ByTheAgreement, LetsAnUndersecretaryChangeTheDecision) {
  const std::string name = OpenAtUndersecretaries();
  ASSERT_THAT(DecideAs(Under(kAgency), name, v1::DECISION_DENY), IsOk());
  ASSERT_THAT(DecideAs(Under(kOtherAgency), name, v1::DECISION_APPROVE), IsOk());
  EXPECT_EQ(DecideAs(Under(kAgency), name, v1::DECISION_APPROVE)->state(), STATE_APPROVED);
}

TEST_P(ByTheAgreement, IsDecidedOnceByConcurrentUndersecretaries) {
  for (int round = 0; round < 5; ++round) {
    const std::string name = OpenAtUndersecretaries();
    const auto decide = [&](const char* agency) {
      absl::StatusOr<v1::Dispute> done;
      do {
        done = DecideAs(Under(agency), name, v1::DECISION_DENY);
      } while (status::ReasonOf(done.status()) == Reason::ERROR_REASON_CONCURRENT_CHANGE);
      EXPECT_THAT(done, IsOk());
    };
    std::thread one(decide, kAgency), other(decide, kOtherAgency);
    one.join();
    other.join();
    EXPECT_EQ(Get(name)->state(), STATE_NOT_APPROVED);
    EXPECT_EQ(Get(name)->history_size(), 7);
  }
}

// The Undersecretaries' decision is as final as that of the Governor's Office.
TEST_P(ByTheAgreement, IsNotOpenedAgainAfterTheUndersecretariesDecidedForSharing) {
  const std::string name = OpenAtUndersecretaries();
  ASSERT_THAT(DecideAs(Under(kAgency), name, v1::DECISION_APPROVE), IsOk());
  ASSERT_THAT(DecideAs(Under(kOtherAgency), name, v1::DECISION_APPROVE), IsOk());
  const auto refused = Open(kOtherDept, v1::CATEGORY_PROVIDER_OBJECTS, "bucps/6");
  EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_FINALLY_DECIDED));
  EXPECT_EQ(status::MetadataOf(refused.status(), "dispute"), name);
  // Also under another process.
  Serve(v1::PROCESS_GUIDEBOOK);
  EXPECT_THAT(Open(kOtherDept, v1::CATEGORY_PROVIDER_OBJECTS, "bucps/6"),
              FailsWith(Reason::ERROR_REASON_FINALLY_DECIDED));
}

// Each side has its own officer. One proposes, and the other confirms.
TEST_P(ByTheAgreement, IsSettledByTheOfficersOfBothSides) {
  const std::string name = OpenIt();
  const auto proposed = Settle(name, Officer(kAgency));
  ASSERT_THAT(proposed, IsOk());
  EXPECT_EQ(proposed->state(), STATE_AGENCY_MEDIATION);
  EXPECT_THAT(proposed->settlement().awaits(), ElementsAre(kOtherDept));
  EXPECT_THAT(Confirm(name, Officer(kAgency)), FailsWith(Reason::ERROR_REASON_ALREADY_DONE));
  const auto settled = Confirm(name, Officer(kOtherAgency));
  ASSERT_THAT(settled, IsOk());
  EXPECT_EQ(settled->state(), STATE_RESOLVED);
  EXPECT_EQ(settled->outcome(), "monthly, without names");
}

// With providers of two agencies, the officer of one does not confirm for the department of the other.
TEST_P(ByTheAgreement, IsNotSettledByOneOfSeveralAgenciesOfASide) {
  drafting_.Add("bucps/7", {kBoard}, {kProviderDept, kOtherDept});
  const std::string name = Open(kProviderDept, v1::CATEGORY_PROVIDER_OBJECTS, "bucps/7")->name();
  ASSERT_THAT(Settle(name, Officer(kAgency)), IsOk());
  // The recipient is outside the Governor's authority and has no mediating officer. It confirms directly.
  EXPECT_THAT(Get(name)->settlement().awaits(), ElementsAre(kBoard, kOtherDept));
  ASSERT_THAT(Confirm(name, Coordinator(kBoard)), IsOk());
  EXPECT_EQ(Get(name)->state(), STATE_AGENCY_MEDIATION);
  EXPECT_EQ(Confirm(name, Officer(kOtherAgency))->state(), STATE_RESOLVED);
}

TEST_P(ByTheAgreement, IsStillSettledByTheCdo) {
  EXPECT_EQ(Settle(OpenAtUndersecretaries(), Cdo())->state(), STATE_RESOLVED);
}

TEST_P(ByTheAgreement, DependsOnlyOnTheProvidersStanding) {
  drafting_.Add("bucps/7", {kBoard}, {kOtherDept});
  EXPECT_EQ(Open(kOtherDept, v1::CATEGORY_PROVIDER_OBJECTS, "bucps/7")->track(),
            v1::TRACK_ALL_UNDER_GOVERNOR);
  drafting_.Add("bucps/8", {kOtherDept}, {kBoard});
  const auto outside = Open(kBoard, v1::CATEGORY_PROVIDER_OBJECTS, "bucps/8");
  ASSERT_THAT(outside, IsOk());
  EXPECT_EQ(outside->state(), STATE_CDO_MEDIATION);
  EXPECT_THAT(Escalate(outside->name(), Cdo()), FailsWith(Reason::ERROR_REASON_MEETING_MISSING));
  ASSERT_THAT(Meet(outside->name()), IsOk());
  EXPECT_EQ(Escalate(outside->name(), Cdo())->state(), STATE_NOT_APPROVED);
}

TEST_P(ByTheAgreement, IsNotOpenedWithoutAnUndersecretary) {
  ASSERT_THAT(registry_->SetAuthority(kBoard, registry::v1::GOVERNOR_AUTHORITY_UNDER), IsOk());
  drafting_.Add("bucps/9", {kOtherDept}, {kBoard});
  const auto refused = Open(kBoard, v1::CATEGORY_PROVIDER_OBJECTS, "bucps/9");
  EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_OFFICE_HOLDER_MISSING));
  EXPECT_EQ(status::MetadataOf(refused.status(), "entity"), kBoard);
  EXPECT_EQ(status::MetadataOf(refused.status(), "roles"), "CONTACT_ROLE_UNDERSECRETARY");
}

TEST_P(ByTheAgreement, KeepsTheProcessItWasOpenedUnder) {
  const std::string name = OpenIt();
  Serve(v1::PROCESS_GUIDEBOOK);
  ASSERT_THAT(Escalate(name, Officer(kAgency)), IsOk());
  EXPECT_THAT(Submit(name, kRecipientDept), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_EQ(Get(name)->process(), v1::PROCESS_AGREEMENT);
  ASSERT_THAT(Withdraw(name, kOtherDept), IsOk());
  EXPECT_EQ(Open(kOtherDept, v1::CATEGORY_PROVIDER_OBJECTS, "bucps/6")->process(), v1::PROCESS_GUIDEBOOK);
}

// The registry's entries of the day of opening count, not today's.
TEST_P(ByTheAgreement, KeepsTheTrackAndOfficesOfTheDay) {
  const std::string name = OpenIt();
  ASSERT_THAT(registry_->SetAuthority(kOtherDept, registry::v1::GOVERNOR_AUTHORITY_OUTSIDE), IsOk());
  ASSERT_THAT(registry_->AddContact(kOtherAgency, "newcomer", {common::v1::CONTACT_ROLE_AGENCY_CDO}), IsOk());
  v1::ExplainTrackRequest request;
  request.set_name(name);
  const auto explained = harness_->Ask<v1::ExplainTrackResponse>(At(kRecipientDept), request);
  ASSERT_THAT(explained, IsOk());
  EXPECT_EQ(explained->explanation().track(), v1::TRACK_ALL_UNDER_GOVERNOR);
  EXPECT_THAT(explained->explanation().reasons(),
              Contains(HasSubstr("entities/department-v is under the Governor's authority")));
  EXPECT_THAT(Settle(name, At(kOtherAgency, "newcomer")), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(Settle(name, Officer(kOtherAgency)), IsOk());
}

INSTANTIATE_TEST_SUITE_P(Every, ByTheAgreement, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::dispute
