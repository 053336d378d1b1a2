#include "services/dispute/dispute_access.h"

#include "tests/services/dispute/dispute_fixture.h"

namespace idea::dispute {
namespace {

using common::v1::ContactRole;
using testing::At;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;

constexpr char kDecide[] = "decide";
constexpr char kComment[] = "give written comments and recommendations";

// A dispute between R and P, of Agencies A and B.
class Waits : public ::testing::Test {
 protected:
  Waits() {
    dispute_.add_recipients("entities/r");
    dispute_.add_providers("entities/p");
    for (const char* agency : {"entities/a", "entities/b"}) {
      AddOffice(agency, common::v1::CONTACT_ROLE_AGENCY_CDO);
      AddOffice(agency, common::v1::CONTACT_ROLE_UNDERSECRETARY);
    }
    AddOffice("entities/cdo", common::v1::CONTACT_ROLE_STATEWIDE_CDO);
    AddOffice("entities/governor", common::v1::CONTACT_ROLE_GOVERNORS_OFFICE);
  }
  void AddOffice(const std::string& entity, ContactRole role) {
    v1::Office& office = *dispute_.mutable_explanation()->add_offices();
    office.set_entity(entity);
    office.set_role(role);
  }
  void State(const std::string& entity) { dispute_.add_statements()->set_entity(entity); }
  void Decide(const std::string& entity, v1::Decision decision) {
    v1::DisputeStep& step = *dispute_.add_history();
    step.set_on("DecideDispute");
    step.set_from(STATE_UNDERSECRETARIES_DECIDE);
    step.set_entity(entity);
    step.set_decision(decision);
  }
  std::vector<std::string> At(v1::State state, v1::Process process = v1::PROCESS_AGREEMENT) {
    dispute_.set_state(state);
    dispute_.set_process(process);
    UpdateWaitsFor(dispute_);
    return {dispute_.waits_for().begin(), dispute_.waits_for().end()};
  }

  v1::Dispute dispute_;
};

TEST_F(Waits, NameEveryPartyWithoutAStatementAndTheCdoByTheGuidebook) {
  const std::string state = ": submit a written statement";
  dispute_.add_recipients("entities/r2");
  EXPECT_THAT(At(STATE_STATEMENTS, v1::PROCESS_GUIDEBOOK),
              ElementsAre("entities/r" + state, "entities/r2" + state, "entities/p" + state));
  State("entities/r2");
  EXPECT_THAT(At(STATE_STATEMENTS, v1::PROCESS_GUIDEBOOK),
              ElementsAre("entities/r" + state, "entities/p" + state));
  State("entities/p");
  EXPECT_THAT(At(STATE_STATEMENTS, v1::PROCESS_GUIDEBOOK),
              ElementsAre("entities/r" + state,
                          "entities/cdo (STATEWIDE_CDO): both sides have written: escalate if the others "
                          "need not be awaited"));
}

TEST_F(Waits, NameEveryAgencyWithoutCommentsByTheAgreement) {
  const std::string comment = std::string(" (AGENCY_CDO): ") + kComment;
  EXPECT_THAT(At(STATE_STATEMENTS), ElementsAre("entities/a" + comment, "entities/b" + comment));
  State("entities/a");
  EXPECT_THAT(At(STATE_STATEMENTS), ElementsAre("entities/b" + comment));
}

TEST_F(Waits, NameTheUndersecretariesWithoutADecisionAndThenTheCdo) {
  const std::string decide = std::string(" (UNDERSECRETARY): ") + kDecide;
  EXPECT_THAT(At(STATE_UNDERSECRETARIES_DECIDE), ElementsAre("entities/a" + decide, "entities/b" + decide));
  Decide("entities/b", v1::DECISION_DENY);
  EXPECT_THAT(At(STATE_UNDERSECRETARIES_DECIDE), ElementsAre("entities/a" + decide));
  Decide("entities/a", v1::DECISION_APPROVE);
  EXPECT_THAT(At(STATE_UNDERSECRETARIES_DECIDE),
              ElementsAre("entities/cdo (STATEWIDE_CDO): the Undersecretaries differ: settle, or escalate to "
                          "the Governor's Office"));
}

TEST_F(Waits, NameTheOfficeOfTheState) {
  EXPECT_THAT(At(STATE_AGENCY_MEDIATION),
              ElementsAre("entities/a (AGENCY_CDO): mediate, then settle or escalate",
                          "entities/b (AGENCY_CDO): mediate, then settle or escalate"));
  EXPECT_THAT(At(STATE_CDO_MEDIATION),
              ElementsAre("entities/cdo (STATEWIDE_CDO): hold mediation meetings, then settle or escalate "
                          "with a recommendation"));
  EXPECT_THAT(At(STATE_GOVERNOR_DECIDES),
              ElementsAre("entities/governor (GOVERNORS_OFFICE): decide on the Statewide CDO's "
                          "recommendation"));
  for (const v1::State over : kFinals) EXPECT_THAT(At(over), IsEmpty()) << v1::State_Name(over);
}

TEST_F(Waits, MatchTheFullNameOfTheEntity) {
  At(STATE_CDO_MEDIATION);
  EXPECT_TRUE(WaitsFor(dispute_, "entities/cdo"));
  EXPECT_FALSE(WaitsFor(dispute_, "entities/cd"));
  EXPECT_FALSE(WaitsFor(dispute_, "entities/governor"));
  State("entities/p");
  At(STATE_STATEMENTS, v1::PROCESS_GUIDEBOOK);
  EXPECT_TRUE(WaitsFor(dispute_, "entities/r"));
  EXPECT_FALSE(WaitsFor(dispute_, "entities/p"));
}

class ListedWaits : public DisputeTest {
 protected:
  // The disputes on the first page that wait for `office`, or all for "".
  std::vector<v1::Dispute> For(const testing::TestCaller& who, const std::string& office) {
    v1::ListDisputesRequest request;
    request.set_waits_for(office);
    const auto page = harness_->Ask<v1::ListDisputesResponse>(who, request);
    EXPECT_THAT(page, IsOk());
    if (!page.ok()) return {};
    return {page->disputes().begin(), page->disputes().end()};
  }
  std::vector<std::string> NamesFor(const testing::TestCaller& who, const std::string& office) {
    std::vector<std::string> names;
    for (const v1::Dispute& dispute : For(who, office)) names.push_back(dispute.name());
    return names;
  }
};

TEST_P(ListedWaits, FollowTheDisputeFromOfficeToOffice) {
  const std::string name = Open()->name();
  drafting_.Add("bucps/2", {kRecipientDept}, {kProviderDept});
  ASSERT_THAT(Withdraw(Open(kProviderDept, v1::CATEGORY_PROVIDER_OBJECTS, "bucps/2")->name()), IsOk());
  EXPECT_THAT(NamesFor(Officer(kAgency), kAgency), ElementsAre(name));
  EXPECT_THAT(NamesFor(Cdo(), testing::kCdoEntity), IsEmpty());
  ASSERT_THAT(Escalate(name, Officer(kAgency)), IsOk());
  ASSERT_THAT(Submit(name, kProviderDept), IsOk());
  EXPECT_THAT(NamesFor(At(kRecipientDept), kRecipientDept), ElementsAre(name));
  EXPECT_THAT(NamesFor(At(kProviderDept), kProviderDept), IsEmpty());
  ASSERT_THAT(Submit(name, kRecipientDept), IsOk());
  EXPECT_THAT(NamesFor(Cdo(), testing::kCdoEntity), ElementsAre(name));
  ASSERT_THAT(Escalate(name, Cdo()), IsOk());
  EXPECT_THAT(NamesFor(At(testing::kGovernorEntity), testing::kGovernorEntity), ElementsAre(name));
  EXPECT_THAT(NamesFor(At("entities/stranger"), testing::kGovernorEntity), IsEmpty());
  ASSERT_THAT(Decide(name, v1::DECISION_APPROVE), IsOk());
  EXPECT_THAT(NamesFor(At(testing::kGovernorEntity), testing::kGovernorEntity), IsEmpty());
}

TEST_P(ListedWaits, AreShownWithEveryOpenDispute) {
  ASSERT_THAT(Open(), IsOk());
  const auto listed = For(Cdo(), "");
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_THAT(listed[0].waits_for(),
              ElementsAre(std::string(kAgency) + " (AGENCY_CDO): mediate, then settle or escalate"));
  EXPECT_FALSE(listed[0].has_explanation());
  EXPECT_THAT(listed[0].history(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Every, ListedWaits, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::dispute
