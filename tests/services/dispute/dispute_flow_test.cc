#include "services/dispute/dispute_flow.h"

#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "services/dispute/dispute_events.h"
#include "tests/support/matchers.h"
#include "tests/support/readme_arrows.h"
#include "tests/support/readme_chart.h"

namespace idea::dispute {
namespace {

using ::idea::testing::FailsWith;
using ::testing::ElementsAre;

constexpr Facts kNothing = {};
constexpr Facts kUnder = {.under_governor = true};
constexpr Facts kBoth = {.both_sides_stated = true};
constexpr Facts kEvery = {.both_sides_stated = true, .parties_stated = true, .mediated = true};
constexpr Facts kAgreed = {.all_agree = true};
constexpr Facts kNeutralCdo = {.cdo_is_neutral = true};
constexpr Facts kMet = {.mediated = true};
constexpr Facts kApprove = {.under_governor = true, .approve = true};

struct Arrow {
  const char* name;
  v1::State from;
  std::string_view on;
  flow::Roles by;
  Facts facts;
  v1::State to;
  const char* tell;
};

class ArrowOfTheGuidebook : public ::testing::TestWithParam<Arrow> {};

TEST_P(ArrowOfTheGuidebook, LeadsToTheStateOfTheChart) {
  const auto step =
      flow::Decide(kGuidebookFlow, GetParam().from, GetParam().on, GetParam().by, GetParam().facts);
  ASSERT_TRUE(step.ok()) << step.status();
  EXPECT_EQ(step->to, GetParam().to);
  EXPECT_EQ(step->tell, GetParam().tell);
}

INSTANTIATE_TEST_SUITE_P(
    Each, ArrowOfTheGuidebook,
    ::testing::Values(Arrow{"AnAgencyProposes", STATE_AGENCY_MEDIATION, "SettleDispute", kAgencyOfficer,
                            kAgreed, STATE_AGENCY_MEDIATION, kSettlementProposed},
                      Arrow{"OneAgrees", STATE_AGENCY_MEDIATION, "ConfirmSettlement", kAgencyOfficer, kUnder,
                            STATE_AGENCY_MEDIATION, kSettlementConfirmed},
                      Arrow{"TheLastAgrees", STATE_AGENCY_MEDIATION, "ConfirmSettlement", flow::kProvider,
                            kAgreed, STATE_RESOLVED, kDisputeSettled},
                      Arrow{"AgenciesFail", STATE_AGENCY_MEDIATION, "EscalateDispute", kAgencyOfficer, kUnder,
                            STATE_STATEMENTS, kDisputeEscalated},
                      Arrow{"StatementOfOneSide", STATE_STATEMENTS, "SubmitStatement", flow::kRecipient,
                            kNothing, STATE_STATEMENTS, kStatementSubmitted},
                      Arrow{"StatementOfBothSidesAndNotOfAll", STATE_STATEMENTS, "SubmitStatement",
                            flow::kProvider, kBoth, STATE_STATEMENTS, kStatementSubmitted},
                      Arrow{"LastStatement", STATE_STATEMENTS, "SubmitStatement", flow::kProvider, kEvery,
                            STATE_CDO_MEDIATION, kStatementSubmitted},
                      Arrow{"TakenUpWithoutTheRest", STATE_STATEMENTS, "EscalateDispute", kCdo, kBoth,
                            STATE_CDO_MEDIATION, kDisputeEscalated},
                      Arrow{"TheCdoSettles", STATE_CDO_MEDIATION, "SettleDispute", kCdo, kNeutralCdo,
                            STATE_RESOLVED, kDisputeSettled},
                      Arrow{"ACdoWhoIsAPartyProposes", STATE_CDO_MEDIATION, "SettleDispute", kCdo, kNothing,
                            STATE_CDO_MEDIATION, kSettlementProposed},
                      Arrow{"OneAgreesAtTheCdo", STATE_CDO_MEDIATION, "ConfirmSettlement", flow::kRecipient,
                            kNothing, STATE_CDO_MEDIATION, kSettlementConfirmed},
                      Arrow{"TheLastAgreesAtTheCdo", STATE_CDO_MEDIATION, "ConfirmSettlement",
                            flow::kProvider, kAgreed, STATE_RESOLVED, kDisputeSettled},
                      Arrow{"TheCdoRecommends", STATE_CDO_MEDIATION, "EscalateDispute", kCdo, kUnder,
                            STATE_GOVERNOR_DECIDES, kDisputeEscalated},
                      Arrow{"OutsideItEnds", STATE_CDO_MEDIATION, "EscalateDispute", kCdo, kMet,
                            STATE_NOT_APPROVED, kDisputeDecided},
                      Arrow{"TheGovernorApproves", STATE_GOVERNOR_DECIDES, "DecideDispute", kGovernor,
                            kApprove, STATE_APPROVED, kDisputeDecided},
                      Arrow{"TheGovernorDenies", STATE_GOVERNOR_DECIDES, "DecideDispute", kGovernor, kUnder,
                            STATE_NOT_APPROVED, kDisputeDecided},
                      Arrow{"WithdrawnAtTheAgencies", STATE_AGENCY_MEDIATION, "WithdrawDispute", kOpener,
                            kUnder, STATE_WITHDRAWN, kDisputeWithdrawn},
                      Arrow{"WithdrawnAtTheStatements", STATE_STATEMENTS, "WithdrawDispute", kOpener,
                            kNothing, STATE_WITHDRAWN, kDisputeWithdrawn},
                      Arrow{"WithdrawnAtTheCdo", STATE_CDO_MEDIATION, "WithdrawDispute", kOpener, kNothing,
                            STATE_WITHDRAWN, kDisputeWithdrawn},
                      Arrow{"WithdrawnAtTheGovernor", STATE_GOVERNOR_DECIDES, "WithdrawDispute", kOpener,
                            kUnder, STATE_WITHDRAWN, kDisputeWithdrawn},
                      Arrow{"TheBucpIsWithdrawnAtTheAgencies", STATE_AGENCY_MEDIATION, "EndDispute",
                            kDrafting, kUnder, STATE_WITHDRAWN, kDisputeEnded},
                      Arrow{"TheBucpIsWithdrawnAtTheStatements", STATE_STATEMENTS, "EndDispute", kDrafting,
                            kNothing, STATE_WITHDRAWN, kDisputeEnded},
                      Arrow{"TheBucpIsWithdrawnAtTheCdo", STATE_CDO_MEDIATION, "EndDispute", kDrafting,
                            kNothing, STATE_WITHDRAWN, kDisputeEnded},
                      Arrow{"TheBucpIsWithdrawnAtTheGovernor", STATE_GOVERNOR_DECIDES, "EndDispute",
                            kDrafting, kUnder, STATE_WITHDRAWN, kDisputeEnded},
                      Arrow{"AllAreUnderTheGovernor", STATE_AWAITING_STANDING, kStandingsRecorded,
                            flow::kDispute, kUnder, STATE_AGENCY_MEDIATION, kDisputeTrackChosen},
                      Arrow{"OneIsOutside", STATE_AWAITING_STANDING, kStandingsRecorded, flow::kDispute,
                            kNothing, STATE_STATEMENTS, kDisputeTrackChosen},
                      Arrow{"TooLateAtTheAgencies", STATE_AGENCY_MEDIATION, kHoldRefused, kDrafting, kUnder,
                            STATE_VOID, kDisputeVoided},
                      Arrow{"TooLateAtTheStatements", STATE_STATEMENTS, kHoldRefused, kDrafting, kNothing,
                            STATE_VOID, kDisputeVoided},
                      Arrow{"TooLateAtTheCdo", STATE_CDO_MEDIATION, kHoldRefused, kDrafting, kNothing,
                            STATE_VOID, kDisputeVoided},
                      Arrow{"TooLateAtTheGovernor", STATE_GOVERNOR_DECIDES, kHoldRefused, kDrafting, kNothing,
                            STATE_VOID, kDisputeVoided}),
    [](const auto& row) { return row.param.name; });

constexpr std::string_view kEvents[] = {"SettleDispute",   "EscalateDispute",   "SubmitStatement",
                                        "AmendStatement",  "RecordMeeting",     "DecideDispute",
                                        "WithdrawDispute", "ConfirmSettlement", "EndDispute",
                                        kHoldRefused,      kStandingsRecorded};
using Allowed = std::set<std::tuple<v1::State, std::string_view>>;

// Each state with each event, all roles and all facts: only the arrows in the list exist.
template <class Flow, class States>
void ExpectOnly(const Flow& flow, const States& states, const Allowed& allowed) {
  for (const v1::State state : states) {
    for (const std::string_view on : kEvents) {
      const auto step = flow::Decide(flow, state, on, ~flow::Roles{0}, kEvery);
      if (allowed.contains({state, on})) {
        EXPECT_TRUE(step.ok()) << v1::State_Name(state) << " " << on;
      } else {
        EXPECT_THAT(step, FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED))
            << v1::State_Name(state) << " " << on;
      }
    }
  }
}

// Each state with each event that no row has.
TEST(DisputeFlow, HasNoOtherArrows) {
  const Allowed allowed = {{STATE_AWAITING_STANDING, kStandingsRecorded},
                           {STATE_AWAITING_STANDING, "WithdrawDispute"},
                           {STATE_AWAITING_STANDING, "EndDispute"},
                           {STATE_AWAITING_STANDING, kHoldRefused},
                           {STATE_AGENCY_MEDIATION, "RecordMeeting"},
                           {STATE_STATEMENTS, "AmendStatement"},
                           {STATE_CDO_MEDIATION, "RecordMeeting"},
                           {STATE_AGENCY_MEDIATION, "SettleDispute"},
                           {STATE_AGENCY_MEDIATION, "EscalateDispute"},
                           {STATE_AGENCY_MEDIATION, "WithdrawDispute"},
                           {STATE_AGENCY_MEDIATION, "EndDispute"},
                           {STATE_AGENCY_MEDIATION, "ConfirmSettlement"},
                           {STATE_AGENCY_MEDIATION, kHoldRefused},
                           {STATE_STATEMENTS, "SubmitStatement"},
                           {STATE_STATEMENTS, "EscalateDispute"},
                           {STATE_STATEMENTS, "WithdrawDispute"},
                           {STATE_STATEMENTS, "EndDispute"},
                           {STATE_STATEMENTS, kHoldRefused},
                           {STATE_CDO_MEDIATION, "SettleDispute"},
                           {STATE_CDO_MEDIATION, "EscalateDispute"},
                           {STATE_CDO_MEDIATION, "WithdrawDispute"},
                           {STATE_CDO_MEDIATION, "EndDispute"},
                           {STATE_CDO_MEDIATION, "ConfirmSettlement"},
                           {STATE_CDO_MEDIATION, kHoldRefused},
                           {STATE_GOVERNOR_DECIDES, "DecideDispute"},
                           {STATE_GOVERNOR_DECIDES, "WithdrawDispute"},
                           {STATE_GOVERNOR_DECIDES, "EndDispute"},
                           {STATE_GOVERNOR_DECIDES, kHoldRefused}};
  ExpectOnly(kGuidebookFlow, kGuidebookStates, allowed);
}

struct NotTheirs {
  const char* name;
  v1::State from;
  std::string_view on;
  // All other roles may not take the step.
  flow::Roles by;
};

class StepOfSomebodyElse : public ::testing::TestWithParam<NotTheirs> {};

TEST_P(StepOfSomebodyElse, IsRefusedWithTheRolesThatMayTakeIt) {
  const auto step = flow::Decide(kGuidebookFlow, GetParam().from, GetParam().on, ~GetParam().by, kEvery);
  EXPECT_THAT(step, FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_EQ(status::MetadataOf(step.status(), "by"), flow::NamesOf(GetParam().by));
}

INSTANTIATE_TEST_SUITE_P(
    Each, StepOfSomebodyElse,
    ::testing::Values(
        NotTheirs{"OnlyOfficersSettleAtTheAgencies", STATE_AGENCY_MEDIATION, "SettleDispute", kAgencyOfficer},
        NotTheirs{"OnlyOfficersEscalateAtTheAgencies", STATE_AGENCY_MEDIATION, "EscalateDispute",
                  kAgencyOfficer},
        NotTheirs{"OnlyPartiesState", STATE_STATEMENTS, "SubmitStatement", kParty},
        NotTheirs{"OnlyTheCdoNeedNotWait", STATE_STATEMENTS, "EscalateDispute", kCdo},
        NotTheirs{"OnlyTheCdoSettles", STATE_CDO_MEDIATION, "SettleDispute", kCdo},
        NotTheirs{"OnlyTheCdoEscalates", STATE_CDO_MEDIATION, "EscalateDispute", kCdo},
        NotTheirs{"OnlyTheGovernorDecides", STATE_GOVERNOR_DECIDES, "DecideDispute", kGovernor},
        NotTheirs{"OnlyTheOpenerWithdraws", STATE_CDO_MEDIATION, "WithdrawDispute", kOpener},
        NotTheirs{"OnlyOfficersAndPartiesAgree", STATE_AGENCY_MEDIATION, "ConfirmSettlement", kConfirmer},
        NotTheirs{"OnlyPartiesAgreeAtTheCdo", STATE_CDO_MEDIATION, "ConfirmSettlement", kParty},
        NotTheirs{"OnlyDraftingEnds", STATE_CDO_MEDIATION, "EndDispute", kDrafting},
        NotTheirs{"OnlyDraftingVoids", STATE_STATEMENTS, kHoldRefused, kDrafting}),
    [](const auto& row) { return row.param.name; });

// The CDO's statement that mediation failed is not enough to end a BUCP.
TEST(DisputeFlow, EndsNothingWithoutAMeetingOrAReason) {
  for (const v1::Process process : {v1::PROCESS_GUIDEBOOK, v1::PROCESS_AGREEMENT}) {
    EXPECT_THAT(Decide(process, STATE_CDO_MEDIATION, "EscalateDispute", kCdo, kNothing),
                FailsWith(Reason::ERROR_REASON_MEETING_MISSING));
    // If an office decides after it, the recommendation is enough.
    EXPECT_TRUE(Decide(process, STATE_CDO_MEDIATION, "EscalateDispute", kCdo, kUnder).ok());
  }
}

TEST(DisputeFlow, BeginsWithTheAgenciesOnlyIfAllAreUnderTheGovernor) {
  EXPECT_EQ(FirstState(v1::PROCESS_GUIDEBOOK, true), STATE_AGENCY_MEDIATION);
  EXPECT_EQ(FirstState(v1::PROCESS_GUIDEBOOK, false), STATE_STATEMENTS);
  EXPECT_EQ(FirstState(v1::PROCESS_AGREEMENT, true), STATE_AGENCY_MEDIATION);
  EXPECT_EQ(FirstState(v1::PROCESS_AGREEMENT, false), STATE_CDO_MEDIATION);
}

TEST(DisputeFlow, HoldsTheBucpUntilTheEnd) {
  for (const v1::State state : kAgreementStates) {
    const bool final_state = std::find(kFinals.begin(), kFinals.end(), state) != kFinals.end();
    EXPECT_EQ(IsOpen(state), !final_state) << v1::State_Name(state);
  }
}

TEST(DisputeFlow, HasEveryArrowOfTheGuidebook) {
  std::vector<std::string> arrows;
  for (const Step& step : kGuidebookFlow) arrows.emplace_back(step.guide);
  EXPECT_THAT(arrows,
              ElementsAre("1 yes", "1 no", "withdrawn", "BUCP withdrawn", "too late", "2", "2", "2 yes", "2",
                          "2 no", "3 all", "3 one", "3", "3 both", "4", "4 yes", "4", "4 yes", "4", "5 no",
                          "5 yes", "5 end", "5 end", "withdrawn", "withdrawn", "withdrawn", "withdrawn",
                          "BUCP withdrawn", "BUCP withdrawn", "BUCP withdrawn", "BUCP withdrawn", "too late",
                          "too late", "too late", "too late"));
}

// The arrows of the printed chart, "IDEA: Dispute Resolution Process" of June 24, 2021, from top to bottom.
// Arrows of both columns are listed once.
TEST(DisputeFlow, IsThePrintedChartArrowByArrow) {
  const auto rows = idea::testing::RowsOfReadme("services/dispute/README.md", "Arrow of the chart");
  EXPECT_THAT(
      idea::testing::PrintedIn(rows),
      ElementsAre("all entities under the Governor? Yes: agency officers mediate",
                  "all entities under the Governor? No: both write comments",
                  "agency officers mediate: resolved?", "resolved by the agencies? Yes: finalize and file",
                  "resolved by the agencies? No: both write comments",
                  "both write comments: submit to the Chief Data Officer",
                  "submit to the Chief Data Officer: mediation meetings", "mediation meetings: resolved?",
                  "resolved in the meetings? Yes: finalize and file",
                  "resolved in the meetings? No, all under the Governor: recommendation to the "
                  "Governor's Office",
                  "resolved in the meetings? No, one outside: not approved"));
  EXPECT_THAT(idea::testing::CodeIn(rows, 1, true),
              ::testing::UnorderedElementsAreArray(
                  idea::testing::ArrowsIn(flow::ToMermaid(kGuidebookFlow, kGuidebookStarts))));
}

TEST(DisputeFlow, IsThePictureInTheReadme) {
  idea::testing::ExpectReadmeChart("services/dispute/README.md",
                                   flow::ToMermaid(kGuidebookFlow, kGuidebookStarts));
}

}  // namespace
}  // namespace idea::dispute
