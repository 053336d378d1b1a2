#include "services/inventory/filing/filing_flow.h"

#include <set>
#include <string>
#include <tuple>

#include "services/inventory/inventory_events.h"
#include "tests/support/matchers.h"
#include "tests/support/readme_chart.h"

namespace idea::inventory {
namespace {

using ::idea::testing::FailsWith;
using status::Reason;

constexpr State kUnfiled = State::FILING_STATE_UNFILED;
constexpr State kFiled = State::FILING_STATE_FILED;
constexpr State kEnded = State::FILING_STATE_ENDED;
constexpr FilingFacts kSame = {.same_digest = true, .over = true};
constexpr FilingFacts kOther = {};

struct Arrow {
  const char* name;
  State from;
  std::string_view on;
  flow::Roles by;
  State to;
  std::string_view tell;
};

class ArrowOfAFiling : public ::testing::TestWithParam<Arrow> {};

TEST_P(ArrowOfAFiling, LeadsToItsState) {
  const auto step = flow::Decide(kFilingFlow, GetParam().from, GetParam().on, GetParam().by, kSame);
  ASSERT_TRUE(step.ok()) << step.status();
  EXPECT_EQ(step->to, GetParam().to);
  EXPECT_EQ(step->tell, GetParam().tell);
}

TEST_P(ArrowOfAFiling, IsRefusedToOtherRoles) {
  const auto step = flow::Decide(kFilingFlow, GetParam().from, GetParam().on, ~GetParam().by, kSame);
  EXPECT_THAT(step, FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_EQ(status::MetadataOf(step.status(), "by"), flow::NamesOf(GetParam().by));
}

constexpr Arrow kArrows[] = {
    {"RecipientsFile", kUnfiled, "FileBucp", flow::kRecipient, kFiled, event::kBucpFiled},
    {"RecipientsFileWhatHasEnded", kEnded, "FileBucp", flow::kRecipient, kEnded, event::kBucpFiled},
    {"ProvidersEndTheUnfiled", kUnfiled, "TerminateFiling", flow::kProvider, kEnded,
     event::kAgreementTerminated},
    {"ProvidersEndTheFiled", kFiled, "TerminateFiling", flow::kProvider, kEnded, event::kAgreementTerminated},
    {"TheFirstRecipientEndsTheUnfiled", kUnfiled, kCloseout, flow::kLeadRecipient, kEnded,
     event::kAgreementTerminated},
    {"TheFirstRecipientEndsTheFiled", kFiled, kCloseout, flow::kLeadRecipient, kEnded,
     event::kAgreementTerminated},
    {"LastDaysEndTheUnfiled", kUnfiled, "its last day ends", flow::kInventory, kEnded,
     event::kAgreementExpired},
    {"LastDaysEndTheFiled", kFiled, "its last day ends", flow::kInventory, kEnded, event::kAgreementExpired},
    {"AmendmentsEndTheUnfiled", kUnfiled, "RecordExecution", flow::kDrafting, kEnded,
     event::kFilingSuperseded},
    {"AmendmentsEndTheFiled", kFiled, "RecordExecution", flow::kDrafting, kEnded, event::kFilingSuperseded},
    {"ImportedAmendmentsEndTheFiled", kFiled, "ImportFilings", flow::kCdo, kEnded, event::kFilingSuperseded},
};
INSTANTIATE_TEST_SUITE_P(Each, ArrowOfAFiling, ::testing::ValuesIn(kArrows),
                         [](const auto& row) { return row.param.name; });

// For example filing twice, or ending an ended agreement.
TEST(FilingFlow, RefusesOtherSteps) {
  std::set<std::tuple<State, std::string_view>> allowed;
  for (const Arrow& arrow : kArrows) allowed.insert({arrow.from, arrow.on});
  int forbidden = 0;
  for (const State state : kFilingStates) {
    for (const std::string_view on :
         {std::string_view("FileBucp"), std::string_view("TerminateFiling"), kCloseout,
          std::string_view("RecordExecution"), std::string_view("ImportFilings")}) {
      if (allowed.contains({state, on})) continue;
      ++forbidden;
      EXPECT_THAT(flow::Decide(kFilingFlow, state, on, ~flow::Roles{0}, kSame),
                  FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED))
          << v1::FilingState_Name(state) << " " << on;
    }
  }
  EXPECT_EQ(forbidden, 6);
}

TEST(FilingFlow, LetsEachSideEndOnItsGrounds) {
  EXPECT_THAT(flow::Decide(kFilingFlow, kUnfiled, "FileBucp", flow::kProvider, kSame),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(flow::Decide(kFilingFlow, kFiled, kCloseout, flow::kProvider | flow::kRecipient, kSame),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(flow::Decide(kFilingFlow, kFiled, "TerminateFiling", flow::kLeadRecipient, kSame),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
}

TEST(FilingFlow, FilesOnlyTheSignedDigest) {
  EXPECT_THAT(flow::Decide(kFilingFlow, kUnfiled, "FileBucp", flow::kRecipient, kOther),
              FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
}

TEST(FilingFlow, IsThePictureInTheReadme) {
  idea::testing::ExpectReadmeChart("services/inventory/README.md",
                                   flow::ToMermaid(kFilingFlow, kFilingStarts));
}

}  // namespace
}  // namespace idea::inventory
