#include "common/flow/flow.h"

#include "idea/drafting/v1/drafting.pb.h"
#include "idea/inventory/v1/filing.pb.h"
#include "idea/review/v1/review.pb.h"
#include "tests/support/matchers.h"
#include "tests/support/readme_chart.h"

namespace idea::flow {
namespace {

using drafting::v1::State;
using idea::testing::FailsWith;
using idea::testing::IsOkAndHolds;
using status::Reason;
using ::testing::AllOf;
using ::testing::Eq;
using ::testing::Field;

constexpr State kDraft = State::STATE_DRAFT;
constexpr State kSent = State::STATE_SENT;
constexpr State kFrozen = State::STATE_IN_REVIEW;
constexpr State kEnded = State::STATE_ENDED;
constexpr State kWithdrawn = State::STATE_WITHDRAWN;

struct Facts {
  bool complete = false;
  bool agreed = false;
};
using Row = Step<State, Facts>;

constexpr Guard<Facts> kComplete = {"complete: yes?", [](const Facts& f) { return f.complete; },
                                    Reason::ERROR_REASON_INCOMPLETE, "fill it in first"};
constexpr Guard<Facts> kAgreed = {"agreed", [](const Facts& f) { return f.agreed; },
                                  Reason::ERROR_REASON_BUCP_ON_HOLD, "agree first"};

constexpr auto kFlow = std::to_array<Row>({
    {"4", kDraft, "Send", kRecipient, &kComplete, kSent, "Sent"},
    {"5", kSent, "Return", kProvider, nullptr, kDraft, "Returned"},
    {"5", kSent, "Edit", kParty, nullptr, kSent, "Edited"},
    {"6", kSent, "Freeze", kParty, &kComplete, kFrozen, "Frozen"},
    {"6", kSent, "Freeze", kProvider, &kAgreed, kFrozen, "Frozen"},
    {"6", kFrozen, "Close", kReview, &kAgreed, kEnded, "Ended"},
    {"6", kFrozen, "Close", kReview, nullptr, kSent, "Unfrozen"},
    {"agreement 7.4", kDraft, "Withdraw", kRecipient, nullptr, kWithdrawn, "Withdrawn"},
});
constexpr std::array kStates = {kDraft, kSent, kFrozen, kEnded, kWithdrawn};
static_assert(NoRowIsShadowed(kFlow));
static_assert(EveryStateIsReachable(kFlow, kDraft, kStates));
static_assert(OnlyTheseStatesAreFinal(kFlow, kStates, {kEnded, kWithdrawn}));

auto Leads(State to, std::string_view tell) {
  return IsOkAndHolds(AllOf(Field(&Row::to, Eq(to)), Field(&Row::tell, Eq(tell))));
}

TEST(Decide, TakesTheRowThatIsTheCallers) {
  EXPECT_THAT(Decide(kFlow, kDraft, "Send", kRecipient, {.complete = true}), Leads(kSent, "Sent"));
  EXPECT_THAT(Decide(kFlow, kSent, "Edit", kProvider, {}), Leads(kSent, "Edited"));
  EXPECT_THAT(Decide(kFlow, kSent, "Edit", kProvider | kCdo, {}), Leads(kSent, "Edited"));
}

TEST(Decide, TakesTheNoBranchIfTheGuardDoesNotHold) {
  EXPECT_THAT(Decide(kFlow, kFrozen, "Close", kReview, {.agreed = true}), Leads(kEnded, "Ended"));
  EXPECT_THAT(Decide(kFlow, kFrozen, "Close", kReview, {.agreed = false}), Leads(kSent, "Unfrozen"));
}

TEST(Decide, TriesEveryGuardOfTheCallersRows) {
  EXPECT_THAT(Decide(kFlow, kSent, "Freeze", kProvider, {.agreed = true}), Leads(kFrozen, "Frozen"));
}

TEST(Decide, RefusesWhatTheStateDoesNotAllowAndSaysWhatItDoes) {
  const auto refused = Decide(kFlow, kSent, "Send", kRecipient, {.complete = true});
  EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_EQ(status::MetadataOf(refused.status(), "state"), "SENT");
  EXPECT_EQ(status::MetadataOf(refused.status(), "allowed"), "Edit, Freeze");
  const auto provider = Decide(kFlow, kSent, "Send", kProvider, {.complete = true});
  EXPECT_EQ(status::MetadataOf(provider.status(), "allowed"), "Return, Edit, Freeze");
  // Only a service closes a frozen one: a department does not learn the name of a call that it cannot make.
  const auto frozen = Decide(kFlow, kFrozen, "Send", kRecipient, {.complete = true});
  EXPECT_EQ(status::MetadataOf(frozen.status(), "allowed"), "");
}

TEST(Decide, AllowsNothingInAFinalState) {
  const auto refused = Decide(kFlow, kEnded, "Send", kRecipient, {.complete = true});
  EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_EQ(status::MetadataOf(refused.status(), "allowed"), "");
}

TEST(Decide, NamesTheOwnerOfTheStepToOthers) {
  for (Roles by : {Roles{0}, kCdo, kProvider | kGovernor}) {
    const auto refused = Decide(kFlow, kDraft, "Send", by, {.complete = true});
    EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
    EXPECT_EQ(status::MetadataOf(refused.status(), "by"), "Data Recipient");
  }
}

TEST(Decide, AnswersWithTheFirstGuardThatFails) {
  const auto refused = Decide(kFlow, kSent, "Freeze", kProvider, {});
  EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INCOMPLETE));
  EXPECT_EQ(std::string(refused.status().message()), "fill it in first");
}

TEST(NamesOf, ReadsAsASentence) {
  EXPECT_EQ(NamesOf(0), "");
  EXPECT_EQ(NamesOf(kParty), "Data Recipient or Data Provider");
  EXPECT_EQ(NamesOf(kParty | kCdo), "Data Recipient, Data Provider or Statewide CDO");
}

TEST(NameOf, LeavesTheCommonPrefixOut) {
  EXPECT_EQ(NameOf(State::STATE_IN_REVIEW), "IN_REVIEW");
  EXPECT_EQ(NameOf(State::STATE_UNSPECIFIED), "UNSPECIFIED");
  EXPECT_EQ(NameOf(review::v1::ROUTING_STATE_HELD), "HELD");
  EXPECT_EQ(NameOf(inventory::v1::FILING_STATE_UNFILED), "UNFILED");
}

TEST(NameOf, GivesTheNumberOfAValueWithoutAName) {
  EXPECT_EQ(NameOf(static_cast<State>(99)), "99");
  EXPECT_EQ(NameOf(State::State_INT_MIN_SENTINEL_DO_NOT_USE_), "-2147483648");
}

TEST(ToMermaid, DrawsEachArrowOnce) {
  EXPECT_EQ(ToMermaid(kFlow, kDraft),
            "stateDiagram-v2\n"
            "    [*] --> DRAFT\n"
            "    DRAFT --> SENT: Send [complete, yes?] (guidebook 4)\n"
            "    SENT --> DRAFT: Return (guidebook 5)\n"
            "    SENT --> SENT: Edit (guidebook 5)\n"
            "    SENT --> IN_REVIEW: Freeze [complete, yes?] (guidebook 6)\n"
            "    SENT --> IN_REVIEW: Freeze [agreed] (guidebook 6)\n"
            "    IN_REVIEW --> ENDED: Close [agreed] (guidebook 6)\n"
            "    IN_REVIEW --> SENT: Close (guidebook 6)\n"
            "    DRAFT --> WITHDRAWN: Withdraw (agreement 7.4)\n"
            "    ENDED --> [*]\n"
            "    WITHDRAWN --> [*]\n");
}

TEST(ReadmeChart, FindsTheNthBlock) {
  const std::string readme = "# x\n```mermaid\none\n```\ntext\n```mermaid\ntwo\n```\n";
  const auto block = [&](int nth) {
    const auto range = idea::testing::FindChart(readme, nth);
    return range.begin == std::string::npos ? "none" : readme.substr(range.begin, range.end - range.begin);
  };
  EXPECT_EQ(block(0), "one\n");
  EXPECT_EQ(block(1), "two\n");
  EXPECT_EQ(block(2), "none");
}

// Broken tables: each check returns false at compile time, which stops the build in the static_assert of a
// service.
constexpr Row kGo = {"1", kDraft, "Go", kParty, nullptr, kSent, "Gone"};
constexpr Row kEnd = {"2", kSent, "End", kParty, nullptr, kEnded, "Ended"};

template <class... Rows>
constexpr auto Table(Rows... rows) {
  return std::array<Row, sizeof...(Rows)>{rows...};
}

constexpr Row WithGuard(Row row, OnlyIf<Facts> guard) {
  row.only_if = guard;
  return row;
}
constexpr Row By(Row row, Roles by) {
  row.by = by;
  return row;
}

TEST(BrokenTables, ARowAfterAnUnguardedOneIsFound) {
  constexpr bool ok = NoRowIsShadowed(Table(kGo, WithGuard(kGo, &kAgreed)));
  EXPECT_FALSE(ok);
}

TEST(BrokenTables, ARowWithTheSameGuardIsFound) {
  constexpr bool ok =
      NoRowIsShadowed(Table(WithGuard(kGo, &kAgreed), WithGuard(By(kGo, kProvider), &kAgreed)));
  EXPECT_FALSE(ok);
}

TEST(BrokenTables, ARowWhoseCallersAreAllTakenByTwoOthersIsFound) {
  constexpr bool ok = NoRowIsShadowed(Table(By(kGo, kRecipient), By(kGo, kProvider), kGo));
  EXPECT_FALSE(ok);
}

TEST(BrokenTables, ARowOfNobodyIsFound) {
  constexpr bool ok = NoRowIsShadowed(Table(By(kGo, 0)));
  EXPECT_FALSE(ok);
}

TEST(BrokenTables, AStateNobodyReachesIsFound) {
  constexpr bool ok = EveryStateIsReachable(Table(kGo), kDraft, {kDraft, kSent, kEnded});
  EXPECT_FALSE(ok);
}

TEST(BrokenTables, AStateReachedOnlyFromAnUnreachableOneIsFound) {
  constexpr Row loop = {"3", kEnded, "Loop", kParty, nullptr, kEnded, "Looped"};
  constexpr bool ok = EveryStateIsReachable(Table(loop, kGo), kDraft, {kDraft, kSent, kEnded});
  EXPECT_FALSE(ok);
}

TEST(BrokenTables, AWrongStartIsFound) {
  constexpr bool ok = EveryStateIsReachable(Table(kGo, kEnd), kSent, {kDraft, kSent, kEnded});
  EXPECT_FALSE(ok);
}

TEST(BrokenTables, ADeadEndIsFound) {
  constexpr bool ok = OnlyTheseStatesAreFinal(Table(kGo), {kDraft, kSent}, {});
  EXPECT_FALSE(ok);
}

TEST(SoundTables, KnowWhichArrowsAGuardDecides) {
  constexpr auto table = Table(By(kGo, kRecipient), WithGuard(By(kGo, kProvider), &kAgreed), kEnd);
  EXPECT_TRUE(IsGuarded(table, kGo.from, kGo.on)) << "one of two rows has a guard";
  EXPECT_FALSE(IsGuarded(table, kEnd.from, kEnd.on));
  EXPECT_FALSE(IsGuarded(table, kEnd.from, "Unknown"));
}

TEST(BrokenTables, ADeadEndThatOnlyLoopsIsFound) {
  constexpr Row edit = {"3", kSent, "Edit", kParty, nullptr, kSent, "Edited"};
  constexpr bool ok = OnlyTheseStatesAreFinal(Table(kGo, edit), {kDraft, kSent}, {});
  EXPECT_FALSE(ok);
}

TEST(BrokenTables, AnExitFromAFinalStateIsFound) {
  constexpr Row back = {"3", kEnded, "Reopen", kParty, nullptr, kDraft, "Reopened"};
  constexpr bool ok = OnlyTheseStatesAreFinal(Table(kGo, kEnd, back), {kDraft, kSent, kEnded}, {kEnded});
  EXPECT_FALSE(ok);
}

TEST(SoundTables, MayHaveSeveralStartsAndRowsOfDifferentCallers) {
  constexpr auto table =
      Table(By(kGo, kRecipient), WithGuard(By(kGo, kProvider), &kAgreed), By(kGo, kProvider), kEnd);
  constexpr bool ok = NoRowIsShadowed(table) &&
                      EveryStateIsReachable(table, {kDraft, kSent}, {kDraft, kSent, kEnded}) &&
                      OnlyTheseStatesAreFinal(table, {kDraft, kSent, kEnded}, {kEnded});
  EXPECT_TRUE(ok);
}

}  // namespace
}  // namespace idea::flow
