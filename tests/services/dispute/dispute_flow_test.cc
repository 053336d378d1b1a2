#include "services/dispute/dispute_flow.h"

#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tests/support/matchers.h"
#include "tests/support/readme_chart.h"

namespace idea::dispute {
namespace {

using ::idea::testing::FailsWith;

constexpr Facts kNothing = {};
constexpr Facts kAllUnder = {.all_under_governor = true};
constexpr Facts kRecipientOnly = {.recipient_stated = true};
constexpr Facts kProviderOnly = {.provider_stated = true};
constexpr Facts kBoth = {.recipient_stated = true, .provider_stated = true};
constexpr Facts kApprove = {.all_under_governor = true, .approve = true};

struct Arrow {
  const char* name;
  v1::State from;
  std::string_view on;
  flow::Parts by;
  Facts facts;
  v1::State to;
  const char* tell;
};

class ArrowOfTheGuidebook : public ::testing::TestWithParam<Arrow> {};

TEST_P(ArrowOfTheGuidebook, LeadsWhereTheChartSays) {
  const auto step = flow::Decide(kFlow, GetParam().from, GetParam().on, GetParam().by, GetParam().facts);
  ASSERT_TRUE(step.ok()) << step.status();
  EXPECT_EQ(step->to, GetParam().to);
  EXPECT_EQ(step->tell, GetParam().tell);
}

INSTANTIATE_TEST_SUITE_P(
    Each, ArrowOfTheGuidebook,
    ::testing::Values(Arrow{"AgenciesSettle", STATE_AGENCY_MEDIATION, "SettleDispute", kAgencyOfficer,
                            kAllUnder, STATE_RESOLVED, "DisputeSettled"},
                      Arrow{"AgenciesFail", STATE_AGENCY_MEDIATION, "EscalateDispute", kAgencyOfficer,
                            kAllUnder, STATE_STATEMENTS, "DisputeEscalated"},
                      Arrow{"FirstStatementOfARecipient", STATE_STATEMENTS, "SubmitStatement",
                            flow::kRecipient, kRecipientOnly, STATE_STATEMENTS, "StatementSubmitted"},
                      Arrow{"FirstStatementOfAProvider", STATE_STATEMENTS, "SubmitStatement", flow::kProvider,
                            kProviderOnly, STATE_STATEMENTS, "StatementSubmitted"},
                      Arrow{"BothStatements", STATE_STATEMENTS, "SubmitStatement", flow::kProvider, kBoth,
                            STATE_CDO_MEDIATION, "StatementSubmitted"},
                      Arrow{"TheCdoSettles", STATE_CDO_MEDIATION, "SettleDispute", kCdo, kNothing,
                            STATE_RESOLVED, "DisputeSettled"},
                      Arrow{"TheCdoRecommends", STATE_CDO_MEDIATION, "EscalateDispute", kCdo, kAllUnder,
                            STATE_GOVERNOR_DECIDES, "DisputeEscalated"},
                      Arrow{"OutsideItEnds", STATE_CDO_MEDIATION, "EscalateDispute", kCdo, kNothing,
                            STATE_NOT_APPROVED, "DisputeDecided"},
                      Arrow{"TheGovernorApproves", STATE_GOVERNOR_DECIDES, "DecideDispute", kGovernor,
                            kApprove, STATE_APPROVED, "DisputeDecided"},
                      Arrow{"TheGovernorDenies", STATE_GOVERNOR_DECIDES, "DecideDispute", kGovernor,
                            kAllUnder, STATE_NOT_APPROVED, "DisputeDecided"},
                      Arrow{"WithdrawnAtTheAgencies", STATE_AGENCY_MEDIATION, "WithdrawDispute", kOpener,
                            kAllUnder, STATE_WITHDRAWN, "DisputeWithdrawn"},
                      Arrow{"WithdrawnAtTheStatements", STATE_STATEMENTS, "WithdrawDispute", kOpener,
                            kNothing, STATE_WITHDRAWN, "DisputeWithdrawn"},
                      Arrow{"WithdrawnAtTheCdo", STATE_CDO_MEDIATION, "WithdrawDispute", kOpener, kNothing,
                            STATE_WITHDRAWN, "DisputeWithdrawn"},
                      Arrow{"WithdrawnAtTheGovernor", STATE_GOVERNOR_DECIDES, "WithdrawDispute", kOpener,
                            kAllUnder, STATE_WITHDRAWN, "DisputeWithdrawn"},
                      Arrow{"TooLateAtTheAgencies", STATE_AGENCY_MEDIATION, kHoldRefused, kDrafting,
                            kAllUnder, STATE_VOID, "DisputeVoided"},
                      Arrow{"TooLateAtTheStatements", STATE_STATEMENTS, kHoldRefused, kDrafting, kNothing,
                            STATE_VOID, "DisputeVoided"},
                      Arrow{"TooLateAtTheCdo", STATE_CDO_MEDIATION, kHoldRefused, kDrafting, kNothing,
                            STATE_VOID, "DisputeVoided"},
                      Arrow{"TooLateAtTheGovernor", STATE_GOVERNOR_DECIDES, kHoldRefused, kDrafting, kNothing,
                            STATE_VOID, "DisputeVoided"}),
    [](const auto& row) { return row.param.name; });

constexpr std::string_view kEvents[] = {"SettleDispute", "EscalateDispute", "SubmitStatement",
                                        "DecideDispute", "WithdrawDispute", kHoldRefused};

// Everything that the table does not allow, from outside: each state with each event that no row has.
TEST(DisputeFlow, HasNoOtherArrows) {
  const std::set<std::tuple<v1::State, std::string_view>> allowed = {
      {STATE_AGENCY_MEDIATION, "SettleDispute"},
      {STATE_AGENCY_MEDIATION, "EscalateDispute"},
      {STATE_AGENCY_MEDIATION, "WithdrawDispute"},
      {STATE_AGENCY_MEDIATION, kHoldRefused},
      {STATE_STATEMENTS, "SubmitStatement"},
      {STATE_STATEMENTS, "WithdrawDispute"},
      {STATE_STATEMENTS, kHoldRefused},
      {STATE_CDO_MEDIATION, "SettleDispute"},
      {STATE_CDO_MEDIATION, "EscalateDispute"},
      {STATE_CDO_MEDIATION, "WithdrawDispute"},
      {STATE_CDO_MEDIATION, kHoldRefused},
      {STATE_GOVERNOR_DECIDES, "DecideDispute"},
      {STATE_GOVERNOR_DECIDES, "WithdrawDispute"},
      {STATE_GOVERNOR_DECIDES, kHoldRefused}};
  constexpr flow::Parts kEverybody = ~flow::Parts{0};
  for (const v1::State state : kStates) {
    for (const std::string_view on : kEvents) {
      const auto step = flow::Decide(kFlow, state, on, kEverybody, kBoth);
      if (allowed.contains({state, on})) {
        EXPECT_TRUE(step.ok()) << v1::State_Name(state) << " " << on;
      } else {
        EXPECT_THAT(step, FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED))
            << v1::State_Name(state) << " " << on;
      }
    }
  }
}

struct NotTheirs {
  const char* name;
  v1::State from;
  std::string_view on;
  // Everybody but these may not.
  flow::Parts by;
};

class StepOfSomebodyElse : public ::testing::TestWithParam<NotTheirs> {};

TEST_P(StepOfSomebodyElse, IsRefusedWithWhoseItIs) {
  const auto step = flow::Decide(kFlow, GetParam().from, GetParam().on, ~GetParam().by, kBoth);
  EXPECT_THAT(step, FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_EQ(status::MetadataOf(step.status(), "by"), flow::NamesOf(GetParam().by));
}

INSTANTIATE_TEST_SUITE_P(
    Each, StepOfSomebodyElse,
    ::testing::Values(NotTheirs{"OnlyOfficersSettleAtTheAgencies", STATE_AGENCY_MEDIATION, "SettleDispute",
                                kAgencyOfficer},
                      NotTheirs{"OnlyOfficersEscalateAtTheAgencies", STATE_AGENCY_MEDIATION,
                                "EscalateDispute", kAgencyOfficer},
                      NotTheirs{"OnlyPartiesState", STATE_STATEMENTS, "SubmitStatement", kParty},
                      NotTheirs{"OnlyTheCdoSettles", STATE_CDO_MEDIATION, "SettleDispute", kCdo},
                      NotTheirs{"OnlyTheCdoEscalates", STATE_CDO_MEDIATION, "EscalateDispute", kCdo},
                      NotTheirs{"OnlyTheGovernorDecides", STATE_GOVERNOR_DECIDES, "DecideDispute", kGovernor},
                      NotTheirs{"OnlyTheOpenerWithdraws", STATE_CDO_MEDIATION, "WithdrawDispute", kOpener},
                      NotTheirs{"OnlyDraftingVoids", STATE_STATEMENTS, kHoldRefused, kDrafting}),
    [](const auto& row) { return row.param.name; });

TEST(DisputeFlow, BeginsWithTheAgenciesOnlyIfAllAreUnderTheGovernor) {
  EXPECT_EQ(FirstState(true), STATE_AGENCY_MEDIATION);
  EXPECT_EQ(FirstState(false), STATE_STATEMENTS);
}

TEST(DisputeFlow, HoldsTheBucpUntilTheEnd) {
  for (const v1::State state : kStates) {
    const bool final_state = std::find(kFinals.begin(), kFinals.end(), state) != kFinals.end();
    EXPECT_EQ(IsOpen(state), !final_state) << v1::State_Name(state);
  }
}

TEST(DisputeFlow, HasEveryArrowOfTheGuidebook) {
  std::vector<std::string> arrows;
  for (const Step& step : kFlow) arrows.emplace_back(step.guide);
  EXPECT_THAT(arrows, ::testing::ElementsAre("2 yes", "2 no", "3 both", "3 one", "4 yes", "5 yes", "5 no",
                                             "5 end", "5 end", "withdrawn", "withdrawn", "withdrawn",
                                             "withdrawn", "too late", "too late", "too late", "too late"));
}

TEST(DisputeFlow, IsThePictureInTheReadme) {
  idea::testing::ExpectReadmeChart("services/dispute/README.md", flow::ToMermaid(kFlow, kStarts));
}

}  // namespace
}  // namespace idea::dispute
