#include "services/dispute/deidentification_flow.h"

#include <set>
#include <string_view>
#include <tuple>

#include "tests/support/matchers.h"
#include "tests/support/readme_chart.h"

namespace idea::dispute::deidentification {
namespace {

using ::idea::testing::FailsWith;
using State = v1::DeidentificationState;

constexpr Facts kNothing = {};
constexpr Facts kObjection = {.objection = true};
constexpr Facts kAllAccept = {.all_accept = true};
constexpr std::string_view kAnswer = "AnswerDeidentification";
constexpr std::string_view kWithdraw = "WithdrawDeidentification";

TEST(DeidentificationFlow, DependsOnTheLastAnswers) {
  for (const State from : {DEIDENTIFICATION_STATE_SUBMITTED, DEIDENTIFICATION_STATE_UNANSWERED,
                           DEIDENTIFICATION_STATE_OBJECTED}) {
    const auto to = [&](const Facts& facts) {
      return flow::Decide(kFlow, from, kAnswer, flow::kProvider, facts)->to;
    };
    EXPECT_EQ(to(kObjection), DEIDENTIFICATION_STATE_OBJECTED);
    EXPECT_EQ(to(kAllAccept), DEIDENTIFICATION_STATE_AGREED);
    // After an objection is withdrawn, the others keep their five days.
    EXPECT_EQ(to(kNothing),
              from == DEIDENTIFICATION_STATE_OBJECTED ? DEIDENTIFICATION_STATE_SUBMITTED : from);
  }
}

TEST(DeidentificationFlow, ContinuesAutomaticallyWhenTheTimeIsUp) {
  const auto to = [](State from, std::string_view on, flow::Roles by) {
    return flow::Decide(kFlow, from, on, by, kObjection)->to;
  };
  EXPECT_EQ(to(DEIDENTIFICATION_STATE_SUBMITTED, kClockRan, kItself), DEIDENTIFICATION_STATE_UNANSWERED);
  EXPECT_EQ(to(DEIDENTIFICATION_STATE_OBJECTED, kClockRan, kItself), DEIDENTIFICATION_STATE_DISPUTED);
  EXPECT_EQ(to(DEIDENTIFICATION_STATE_OBJECTED, kBucpEnded, kItself), DEIDENTIFICATION_STATE_CLOSED);
  EXPECT_EQ(to(DEIDENTIFICATION_STATE_DISPUTED, kHoldRefused, flow::kDrafting),
            DEIDENTIFICATION_STATE_OBJECTED);
}

TEST(DeidentificationFlow, HasNoOtherArrows) {
  const std::set<std::tuple<State, std::string_view>> allowed = {
      {DEIDENTIFICATION_STATE_SUBMITTED, kAnswer},    {DEIDENTIFICATION_STATE_SUBMITTED, kWithdraw},
      {DEIDENTIFICATION_STATE_SUBMITTED, kClockRan},  {DEIDENTIFICATION_STATE_UNANSWERED, kAnswer},
      {DEIDENTIFICATION_STATE_UNANSWERED, kWithdraw}, {DEIDENTIFICATION_STATE_OBJECTED, kAnswer},
      {DEIDENTIFICATION_STATE_OBJECTED, kWithdraw},   {DEIDENTIFICATION_STATE_OBJECTED, kClockRan},
      {DEIDENTIFICATION_STATE_OBJECTED, kBucpEnded},  {DEIDENTIFICATION_STATE_DISPUTED, kHoldRefused}};
  for (const State state : kStates) {
    for (const std::string_view on : {kAnswer, kWithdraw, kClockRan, kBucpEnded, kHoldRefused}) {
      const auto step = flow::Decide(kFlow, state, on, ~flow::Roles{0}, kNothing);
      EXPECT_EQ(step.ok(), allowed.contains({state, on})) << flow::NameOf(state) << " " << on;
    }
  }
}

TEST(DeidentificationFlow, LetsProvidersAnswerAndTheSubmitterWithdraw) {
  EXPECT_THAT(flow::Decide(kFlow, DEIDENTIFICATION_STATE_SUBMITTED, kAnswer, ~flow::kProvider, kNothing),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(flow::Decide(kFlow, DEIDENTIFICATION_STATE_OBJECTED, kWithdraw, ~kSubmitter, kNothing),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
}

TEST(DeidentificationFlow, IsTheThirdPictureInTheReadme) {
  idea::testing::ExpectReadmeChart("services/dispute/README.md",
                                   flow::ToMermaid(kFlow, DEIDENTIFICATION_STATE_SUBMITTED), 2);
}

}  // namespace
}  // namespace idea::dispute::deidentification
