#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <tuple>

#include "services/dispute/dispute_events.h"
#include "services/dispute/dispute_flow.h"
#include "tests/support/matchers.h"
#include "tests/support/readme_arrows.h"
#include "tests/support/readme_chart.h"

namespace idea::dispute {
namespace {

using ::idea::testing::FailsWith;

constexpr Facts kUnder = {.under_governor = true};
constexpr Facts kAllStated = {.under_governor = true, .offices_stated = true};
constexpr Facts kAgreed = {.under_governor = true, .all_agree = true};
constexpr Facts kNeutralCdo = {.under_governor = true, .cdo_is_neutral = true};
constexpr Facts kMet = {.mediated = true};

struct Arrow {
  const char* name;
  v1::State from;
  std::string_view on;
  flow::Roles by;
  Facts facts;
  v1::State to;
  const char* tell;
};

class ArrowOfTheAgreement : public ::testing::TestWithParam<Arrow> {};

TEST_P(ArrowOfTheAgreement, LeadsToTheStateOfSection61) {
  const auto step =
      Decide(v1::PROCESS_AGREEMENT, GetParam().from, GetParam().on, GetParam().by, GetParam().facts);
  ASSERT_TRUE(step.ok()) << step.status();
  EXPECT_EQ(step->to, GetParam().to);
  EXPECT_EQ(step->tell, GetParam().tell);
}

INSTANTIATE_TEST_SUITE_P(
    Each, ArrowOfTheAgreement,
    ::testing::Values(Arrow{"OfficersMeet", STATE_AGENCY_MEDIATION, "RecordMeeting", kAgencyOfficer, kUnder,
                            STATE_AGENCY_MEDIATION, kMeetingRecorded},
                      Arrow{"AnOfficerProposes", STATE_AGENCY_MEDIATION, "SettleDispute", kAgencyOfficer,
                            kAgreed, STATE_AGENCY_MEDIATION, kSettlementProposed},
                      Arrow{"OneAgrees", STATE_AGENCY_MEDIATION, "ConfirmSettlement", kAgencyOfficer, kUnder,
                            STATE_AGENCY_MEDIATION, kSettlementConfirmed},
                      Arrow{"TheLastAgrees", STATE_AGENCY_MEDIATION, "ConfirmSettlement", flow::kProvider,
                            kAgreed, STATE_RESOLVED, kDisputeSettled},
                      Arrow{"OfficersFail", STATE_AGENCY_MEDIATION, "EscalateDispute", kAgencyOfficer, kUnder,
                            STATE_STATEMENTS, kDisputeEscalated},
                      Arrow{"FirstComments", STATE_STATEMENTS, "SubmitStatement", kAgencyOfficer, kUnder,
                            STATE_STATEMENTS, kStatementSubmitted},
                      Arrow{"LastComments", STATE_STATEMENTS, "SubmitStatement", kAgencyOfficer, kAllStated,
                            STATE_CDO_MEDIATION, kStatementSubmitted},
                      Arrow{"CommentsAmended", STATE_STATEMENTS, "AmendStatement", kAgencyOfficer, kAllStated,
                            STATE_STATEMENTS, kStatementAmended},
                      Arrow{"TheCdoMeets", STATE_CDO_MEDIATION, "RecordMeeting", kCdo, kUnder,
                            STATE_CDO_MEDIATION, kMeetingRecorded},
                      Arrow{"TheCdoSettles", STATE_CDO_MEDIATION, "SettleDispute", kCdo, kNeutralCdo,
                            STATE_RESOLVED, kDisputeSettled},
                      Arrow{"TheCdoSubmitsToTheUndersecretaries", STATE_CDO_MEDIATION, "EscalateDispute",
                            kCdo, kUnder, STATE_UNDERSECRETARIES_DECIDE, kDisputeEscalated},
                      Arrow{"OutsideItEnds", STATE_CDO_MEDIATION, "EscalateDispute", kCdo, kMet,
                            STATE_NOT_APPROVED, kDisputeDecided},
                      Arrow{"UndersecretariesApprove",
                            STATE_UNDERSECRETARIES_DECIDE,
                            "DecideDispute",
                            kUndersecretary,
                            {.under_governor = true, .approve = true, .all_for = true},
                            STATE_APPROVED,
                            kDisputeDecided},
                      Arrow{"UndersecretariesDeny",
                            STATE_UNDERSECRETARIES_DECIDE,
                            "DecideDispute",
                            kUndersecretary,
                            {.under_governor = true, .all_against = true},
                            STATE_NOT_APPROVED,
                            kDisputeDecided},
                      Arrow{"UndersecretariesDiffer",
                            STATE_UNDERSECRETARIES_DECIDE,
                            "DecideDispute",
                            kUndersecretary,
                            {.under_governor = true, .approve = true},
                            STATE_UNDERSECRETARIES_DECIDE,
                            kUndersecretaryDecided},
                      Arrow{"TheCdoStillMeets", STATE_UNDERSECRETARIES_DECIDE, "RecordMeeting", kCdo, kUnder,
                            STATE_UNDERSECRETARIES_DECIDE, kMeetingRecorded},
                      Arrow{"TheCdoStillSettles", STATE_UNDERSECRETARIES_DECIDE, "SettleDispute", kCdo,
                            kNeutralCdo, STATE_RESOLVED, kDisputeSettled},
                      Arrow{"ACdoWhoIsAPartyProposes", STATE_UNDERSECRETARIES_DECIDE, "SettleDispute", kCdo,
                            kUnder, STATE_UNDERSECRETARIES_DECIDE, kSettlementProposed},
                      Arrow{"TheLastStillAgrees", STATE_UNDERSECRETARIES_DECIDE, "ConfirmSettlement",
                            flow::kProvider, kAgreed, STATE_RESOLVED, kDisputeSettled},
                      Arrow{"TheCdoElevates", STATE_UNDERSECRETARIES_DECIDE, "EscalateDispute", kCdo, kUnder,
                            STATE_GOVERNOR_DECIDES, kDisputeEscalated},
                      Arrow{"TheGovernorApproves",
                            STATE_GOVERNOR_DECIDES,
                            "DecideDispute",
                            kGovernor,
                            {.under_governor = true, .approve = true},
                            STATE_APPROVED,
                            kDisputeDecided},
                      Arrow{"TheGovernorDenies", STATE_GOVERNOR_DECIDES, "DecideDispute", kGovernor, kUnder,
                            STATE_NOT_APPROVED, kDisputeDecided}),
    [](const auto& row) { return row.param.name; });

TEST(AgreementFlow, IsWithdrawnAndVoidedFromEveryOpenState) {
  for (const v1::State state : kAgreementStates) {
    if (!IsOpen(state)) continue;
    EXPECT_EQ(Decide(v1::PROCESS_AGREEMENT, state, "WithdrawDispute", kOpener, kUnder)->to, STATE_WITHDRAWN);
    EXPECT_EQ(Decide(v1::PROCESS_AGREEMENT, state, "EndDispute", kDrafting, kUnder)->to, STATE_WITHDRAWN);
    EXPECT_EQ(Decide(v1::PROCESS_AGREEMENT, state, kHoldRefused, kDrafting, kUnder)->to, STATE_VOID);
  }
}

TEST(AgreementFlow, HasNoOtherArrows) {
  const std::set<std::tuple<v1::State, std::string_view>> allowed = {
      {STATE_AGENCY_MEDIATION, "RecordMeeting"},
      {STATE_AGENCY_MEDIATION, "SettleDispute"},
      {STATE_AGENCY_MEDIATION, "ConfirmSettlement"},
      {STATE_AGENCY_MEDIATION, "EscalateDispute"},
      {STATE_STATEMENTS, "SubmitStatement"},
      {STATE_STATEMENTS, "AmendStatement"},
      {STATE_CDO_MEDIATION, "RecordMeeting"},
      {STATE_CDO_MEDIATION, "SettleDispute"},
      {STATE_CDO_MEDIATION, "ConfirmSettlement"},
      {STATE_CDO_MEDIATION, "EscalateDispute"},
      {STATE_UNDERSECRETARIES_DECIDE, "DecideDispute"},
      {STATE_UNDERSECRETARIES_DECIDE, "RecordMeeting"},
      {STATE_UNDERSECRETARIES_DECIDE, "SettleDispute"},
      {STATE_UNDERSECRETARIES_DECIDE, "ConfirmSettlement"},
      {STATE_UNDERSECRETARIES_DECIDE, "EscalateDispute"},
      {STATE_GOVERNOR_DECIDES, "DecideDispute"}};
  for (const v1::State state : kAgreementStates) {
    for (const std::string_view on :
         {"RecordMeeting", "SettleDispute", "EscalateDispute", "SubmitStatement", "AmendStatement",
          "DecideDispute", "ConfirmSettlement", "OpenDispute"}) {
      const auto step = Decide(v1::PROCESS_AGREEMENT, state, on, ~flow::Roles{0}, kAllStated);
      EXPECT_EQ(step.ok(), allowed.contains({state, on})) << v1::State_Name(state) << " " << on;
      if (step.ok()) continue;
      EXPECT_THAT(step, FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
    }
  }
}

TEST(AgreementFlow, AllowsEachStepOnlyToItsRole) {
  struct Owner {
    v1::State from;
    std::string_view on;
    flow::Roles by;
  };
  for (const Owner& owner : {Owner{STATE_AGENCY_MEDIATION, "SettleDispute", kAgencyOfficer},
                             Owner{STATE_STATEMENTS, "SubmitStatement", kAgencyOfficer},
                             Owner{STATE_CDO_MEDIATION, "SettleDispute", kCdo},
                             Owner{STATE_UNDERSECRETARIES_DECIDE, "DecideDispute", kUndersecretary},
                             Owner{STATE_UNDERSECRETARIES_DECIDE, "EscalateDispute", kCdo},
                             Owner{STATE_GOVERNOR_DECIDES, "DecideDispute", kGovernor}}) {
    EXPECT_THAT(Decide(v1::PROCESS_AGREEMENT, owner.from, owner.on, ~owner.by, kAllStated),
                FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP))
        << owner.on;
  }
}

TEST(AgreementFlow, DiffersFromTheGuidebookOnlyInTheseArrows) {
  const auto ours = idea::testing::ArrowsIn(flow::ToMermaid(kAgreementFlow, kAgreementStarts));
  const auto guidebook = idea::testing::ArrowsIn(flow::ToMermaid(kGuidebookFlow, kGuidebookStarts));
  std::vector<std::string> adds, leaves_out;
  std::set_difference(ours.begin(), ours.end(), guidebook.begin(), guidebook.end(), std::back_inserter(adds));
  std::set_difference(guidebook.begin(), guidebook.end(), ours.begin(), ours.end(),
                      std::back_inserter(leaves_out));
  const auto rows = idea::testing::RowsOfReadme("services/dispute/README.md", "Agreement");
  EXPECT_THAT(idea::testing::CodeIn(rows, 1, true), ::testing::UnorderedElementsAreArray(adds));
  EXPECT_THAT(idea::testing::CodeIn(rows, 2, true), ::testing::UnorderedElementsAreArray(leaves_out));
}

TEST(AgreementFlow, IsTheSecondPictureInTheReadme) {
  idea::testing::ExpectReadmeChart("services/dispute/README.md",
                                   flow::ToMermaid(kAgreementFlow, kAgreementStarts), 1);
}

}  // namespace
}  // namespace idea::dispute
