#include "services/review/routing_flow.h"

#include <set>
#include <string>
#include <tuple>

#include "services/review/review_events.h"
#include "tests/support/matchers.h"
#include "tests/support/readme_arrows.h"
#include "tests/support/readme_chart.h"

namespace idea::review {
namespace {

using ::idea::testing::FailsWith;
using ::idea::testing::IsOk;
using status::Reason;

constexpr State kOpinions = State::ROUTING_STATE_OPINIONS;
constexpr State kSponsors = State::ROUTING_STATE_SPONSORS;
constexpr State kCoordinators = State::ROUTING_STATE_COORDINATORS;
constexpr State kComplete = State::ROUTING_STATE_COMPLETE;
constexpr State kHeld = State::ROUTING_STATE_HELD;
constexpr State kReturned = State::ROUTING_STATE_RETURNED;
constexpr State kClosed = State::ROUTING_STATE_CLOSED;

constexpr RoutingFacts kNothing = {};
constexpr RoutingFacts kLast = {.last = true};
constexpr RoutingFacts kSponsor = {.capacity = v1::CAPACITY_EXECUTIVE_SPONSOR};
constexpr RoutingFacts kLastSponsor = {.last = true, .capacity = v1::CAPACITY_EXECUTIVE_SPONSOR};
constexpr RoutingFacts kAgency = {.capacity = v1::CAPACITY_EDUCATION_AGENCY};
constexpr RoutingFacts kLastAgency = {.last = true, .capacity = v1::CAPACITY_EDUCATION_AGENCY};
constexpr RoutingFacts kSigned = {.has_signatures = true};
constexpr RoutingFacts kCoordinator = {.capacity = v1::CAPACITY_DATA_COORDINATOR};
constexpr RoutingFacts kLastCoordinator = {.last = true, .capacity = v1::CAPACITY_DATA_COORDINATOR};
constexpr RoutingFacts From(State state) { return {.held_from = state}; }

struct Arrow {
  const char* name;
  State from;
  std::string_view on;
  flow::Roles by;
  RoutingFacts facts;
  State to;
  const char* tell;
};

class ArrowOfARouting : public ::testing::TestWithParam<Arrow> {};

TEST_P(ArrowOfARouting, LeadsToTheStateOfTheChart) {
  const auto step =
      flow::Decide(kRoutingFlow, GetParam().from, GetParam().on, GetParam().by, GetParam().facts);
  ASSERT_TRUE(step.ok()) << step.status();
  EXPECT_EQ(step->to, GetParam().to);
  EXPECT_EQ(step->tell, GetParam().tell);
}

constexpr Arrow kArrows[] = {
    {"AnOpinion", kOpinions, "RegisterOpinion", flow::kRecipient, kNothing, kOpinions, kOpinionRegistered},
    {"TheLastOpinion", kOpinions, "RegisterOpinion", flow::kProvider, kLast, kSponsors, kOpinionsCompleted},
    {"ASponsor", kSponsors, "SignBucp", flow::kRecipient, kSponsor, kSponsors, kBucpSigned},
    {"TheLastSponsor", kSponsors, "SignBucp", flow::kProvider, kLastSponsor, kCoordinators, kSponsorsSigned},
    {"ACoordinator", kCoordinators, "SignBucp", flow::kRecipient, kCoordinator, kCoordinators, kBucpSigned},
    {"TheLastCoordinator", kCoordinators, "SignBucp", flow::kProvider, kLastCoordinator, kComplete,
     kRoutingCompleted},
    {"AllCarriedOver", kOpinions, "CarryOver", flow::kDrafting, kLast, kSponsors, kOpinionsCompleted},
    {"TheEducationAgency", kSponsors, "SignBucp", flow::kParty, kAgency, kSponsors, kBucpSigned},
    {"TheEducationAgencyLast", kSponsors, "SignBucp", flow::kParty, kLastAgency, kCoordinators,
     kSponsorsSigned},
    {"AmendedAtTheOpinions", kOpinions, "AmendOpinion", flow::kParty, kNothing, kOpinions, kOpinionAmended},
    {"AmendedBeforeTheFirstSignature", kSponsors, "AmendOpinion", flow::kParty, kNothing, kSponsors,
     kOpinionAmended},
    {"ReconciledAtTheOpinions", kOpinions, "ReconcileConcern", flow::kParty, kNothing, kOpinions,
     kConcernReconciled},
    {"ReconciledAtTheSponsors", kSponsors, "ReconcileConcern", flow::kParty, kNothing, kSponsors,
     kConcernReconciled},
    {"ReconciledAtTheCoordinators", kCoordinators, "ReconcileConcern", flow::kParty, kNothing, kCoordinators,
     kConcernReconciled},
    {"AgainAtTheOpinions", kOpinions, "RefuseCarryOver", flow::kParty, kNothing, kOpinions,
     kCarryOverRefused},
    {"AgainBeforeTheFirstSignature", kSponsors, "RefuseCarryOver", flow::kParty, kNothing, kOpinions,
     kCarryOverRefused},
    {"BackFromTheOpinions", kOpinions, "RequestChanges", flow::kParty, kNothing, kReturned,
     kChangesRequested},
    {"BackFromTheSponsors", kSponsors, "RequestChanges", flow::kParty, kNothing, kReturned,
     kChangesRequested},
    {"BackFromTheCoordinators", kCoordinators, "RequestChanges", flow::kParty, kNothing, kReturned,
     kChangesRequested},
    {"HeldWhenReturned", kReturned, "HoldRouting", flow::kDrafting, kNothing, kHeld, kRoutingHeld},
    {"BackToReturned", kHeld, "ReleaseRouting", flow::kDrafting, From(kReturned), kReturned,
     kRoutingReleased},
    {"ClosedWhenReturned", kReturned, "CloseRouting", flow::kDrafting, kNothing, kClosed, kRoutingClosed},
    {"HeldAtTheOpinions", kOpinions, "HoldRouting", flow::kDrafting, kNothing, kHeld, kRoutingHeld},
    {"HeldAtTheSponsors", kSponsors, "HoldRouting", flow::kDrafting, kNothing, kHeld, kRoutingHeld},
    {"HeldAtTheCoordinators", kCoordinators, "HoldRouting", flow::kDrafting, kNothing, kHeld, kRoutingHeld},
    {"HeldWhenComplete", kComplete, "HoldRouting", flow::kDrafting, kNothing, kHeld, kRoutingHeld},
    {"BackToTheOpinions", kHeld, "ReleaseRouting", flow::kDrafting, From(kOpinions), kOpinions,
     kRoutingReleased},
    {"BackToTheSponsors", kHeld, "ReleaseRouting", flow::kDrafting, From(kSponsors), kSponsors,
     kRoutingReleased},
    {"BackToTheCoordinators", kHeld, "ReleaseRouting", flow::kDrafting, From(kCoordinators), kCoordinators,
     kRoutingReleased},
    {"BackToComplete", kHeld, "ReleaseRouting", flow::kDrafting, From(kComplete), kComplete,
     kRoutingReleased},
    {"ClosedAtTheOpinions", kOpinions, "CloseRouting", flow::kDrafting, kNothing, kClosed, kRoutingClosed},
    {"ClosedAtTheSponsors", kSponsors, "CloseRouting", flow::kDrafting, kNothing, kClosed, kRoutingClosed},
    {"ClosedAtTheCoordinators", kCoordinators, "CloseRouting", flow::kDrafting, kNothing, kClosed,
     kRoutingClosed},
    {"ClosedWhenComplete", kComplete, "CloseRouting", flow::kDrafting, kNothing, kClosed, kRoutingClosed},
    {"ClosedWhileHeld", kHeld, "CloseRouting", flow::kDrafting, kNothing, kClosed, kRoutingClosed},
};
INSTANTIATE_TEST_SUITE_P(Each, ArrowOfARouting, ::testing::ValuesIn(kArrows),
                         [](const auto& row) { return row.param.name; });

TEST(RoutingFlow, HasNoOtherArrows) {
  std::set<std::tuple<State, std::string_view>> allowed;
  for (const Arrow& arrow : kArrows) allowed.insert({arrow.from, arrow.on});
  for (const State state : kRoutingStates) {
    for (const Arrow& arrow : kArrows) {
      if (allowed.contains({state, arrow.on})) continue;
      EXPECT_THAT(flow::Decide(kRoutingFlow, state, arrow.on, ~flow::Roles{0}, arrow.facts),
                  FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED))
          << v1::RoutingState_Name(state) << " " << arrow.on;
    }
  }
}

TEST(RoutingFlow, DoesNotAllowWhatTheTemplateDoesNot) {
  const std::tuple<const char*, State, std::string_view, RoutingFacts> forbidden[] = {
      {"no signature before the opinions", kOpinions, "SignBucp", kLastSponsor},
      {"no coordinator before the sponsors", kSponsors, "SignBucp", kCoordinator},
      {"no last coordinator before the sponsors", kSponsors, "SignBucp", kLastCoordinator},
      {"no sponsor after the sponsors", kCoordinators, "SignBucp", kLastSponsor},
      {"no opinion once sponsors sign", kSponsors, "RegisterOpinion", kLast},
      {"no opinion while held", kHeld, "RegisterOpinion", kLast},
      {"no signature while held", kHeld, "SignBucp", kLastCoordinator},
      {"no signature on what is complete", kComplete, "SignBucp", kLastCoordinator},
      {"no signature on what is closed", kClosed, "SignBucp", kLastSponsor},
      {"no opinion on what is closed", kClosed, "RegisterOpinion", kNothing},
      {"no coordinator's part for the education agency", kCoordinators, "SignBucp", kLastAgency},
      {"no carry-over with an opinion missing", kOpinions, "CarryOver", kNothing},
      {"no amendment once signed", kSponsors, "AmendOpinion", kSigned},
      {"no amendment at the coordinators", kCoordinators, "AmendOpinion", kNothing},
      {"no amendment while held", kHeld, "AmendOpinion", kNothing},
      {"no amendment of what is closed", kClosed, "AmendOpinion", kNothing},
      {"no refusal of an opinion once signed", kSponsors, "RefuseCarryOver", kSigned},
      {"no refusal of an opinion at the coordinators", kCoordinators, "RefuseCarryOver", kNothing},
      {"no changes once complete", kComplete, "RequestChanges", kNothing},
      {"no changes while held", kHeld, "RequestChanges", kNothing},
      {"no signature on what was returned", kReturned, "SignBucp", kLastSponsor},
      {"no reconciling of what is closed", kClosed, "ReconcileConcern", kNothing},
      {"no release of what is not held", kSponsors, "ReleaseRouting", From(kSponsors)},
      {"no release to nowhere", kHeld, "ReleaseRouting", kNothing},
      {"no second hold", kHeld, "HoldRouting", kNothing},
      {"no way back from the end", kClosed, "ReleaseRouting", From(kOpinions)},
  };
  for (const auto& [rule, state, on, facts] : forbidden) {
    EXPECT_THAT(flow::Decide(kRoutingFlow, state, on, ~flow::Roles{0}, facts),
                FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED))
        << rule;
  }
}

TEST(RoutingFlow, AllowsEachStepOnlyToItsRole) {
  const std::tuple<State, std::string_view, flow::Roles> owners[] = {
      {kOpinions, "RegisterOpinion", flow::kParty}, {kSponsors, "SignBucp", flow::kParty},
      {kCoordinators, "SignBucp", flow::kParty},    {kOpinions, "HoldRouting", flow::kDrafting},
      {kHeld, "ReleaseRouting", flow::kDrafting},   {kOpinions, "CloseRouting", flow::kDrafting},
  };
  for (const auto& [state, on, by] : owners) {
    const auto step = flow::Decide(kRoutingFlow, state, on, ~by, kLastSponsor);
    EXPECT_THAT(step, FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP)) << on;
    EXPECT_EQ(status::MetadataOf(step.status(), "by"), flow::NamesOf(by));
  }
}

TEST(RoutingFlow, ChecksTheFactsOfEveryStep) {
  EXPECT_THAT(CheckStep({.same_digest = true}, "d"), IsOk());
  const absl::Status mismatch = CheckStep({}, "d");
  EXPECT_THAT(mismatch, FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
  EXPECT_EQ(status::MetadataOf(mismatch, "digest"), "d");
  EXPECT_THAT(CheckStep({.same_digest = true, .already_done = true, .same_person = true}, "d"),
              FailsWith(Reason::ERROR_REASON_ALREADY_DONE));
  EXPECT_THAT(CheckStep({.same_digest = true, .same_person = true}, "d"),
              FailsWith(Reason::ERROR_REASON_SAME_PERSON));
}

TEST(RoutingFlow, IsTheTemplatesChecklistArrowByArrow) {
  const auto rows = idea::testing::RowsOfReadme("services/review/README.md", "Row of the checklist");
  EXPECT_THAT(
      idea::testing::PrintedIn(rows),
      ::testing::ElementsAre("rows 3-5: legal, privacy and security review",
                             "row 6: Executive Sponsor review", "row 7: Data Coordinator final review"));
  EXPECT_THAT(idea::testing::CodeIn(rows, 1, true),
              ::testing::UnorderedElementsAreArray(
                  idea::testing::ArrowsIn(flow::ToMermaid(kRoutingFlow, kRoutingStarts))));
}

TEST(RoutingFlow, IsThePictureInTheReadme) {
  idea::testing::ExpectReadmeChart("services/review/README.md",
                                   flow::ToMermaid(kRoutingFlow, kRoutingStarts));
}

}  // namespace
}  // namespace idea::review
