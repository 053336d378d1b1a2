#include "services/drafting/bucp/bucp_flow.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "idea/dispute/v1/dispute.pb.h"
#include "idea/inventory/v1/exchange.pb.h"
#include "idea/inventory/v1/filing.pb.h"
#include "idea/inventory/v1/review_date.pb.h"
#include "services/drafting/drafting_events.h"
#include "tests/support/matchers.h"
#include "tests/support/readme_arrows.h"
#include "tests/support/readme_chart.h"

namespace idea::drafting {
namespace {

using enum v1::State;
using ::idea::testing::FailsWith;
using status::Reason;
using ::testing::ElementsAre;

constexpr BucpFacts kNothing = {};
constexpr BucpFacts kSendable = {.sendable = true};
constexpr BucpFacts kComplete = {.sendable = true, .complete = true};
constexpr BucpFacts kFreeze = {.same_freeze = true};
constexpr BucpFacts kTooLate = {.same_freeze = true, .same_dispute = true, .amends_nothing_in_force = true};
constexpr flow::Roles kEverybody = ~flow::Roles{0};

// Held in that state by the dispute that calls.
constexpr BucpFacts Held(v1::State from, bool complete) {
  return {.complete = complete, .same_dispute = true, .held_from = from};
}

// Facts for which every guard passes.
constexpr BucpFacts kAll = {.sendable = true,
                            .complete = true,
                            .same_freeze = true,
                            .same_dispute = true,
                            .held_from = STATE_IN_REVIEW};

struct Arrow {
  const char* name;
  v1::State from;
  std::string_view on;
  flow::Roles by;
  BucpFacts facts;
  v1::State to;
  const char* tell;
};

class ArrowOfABucp : public ::testing::TestWithParam<Arrow> {};

TEST_P(ArrowOfABucp, LeadsToItsState) {
  const auto step = flow::Decide(kBucpFlow, GetParam().from, GetParam().on, GetParam().by, GetParam().facts);
  ASSERT_TRUE(step.ok()) << step.status();
  EXPECT_EQ(step->to, GetParam().to);
  EXPECT_EQ(step->tell, GetParam().tell);
}

constexpr Arrow kArrows[] = {
    {"RecipientsDraft", STATE_DRAFT, "UpdateBucp", flow::kRecipient, kNothing, STATE_DRAFT, kBucpUpdated},
    {"TheFirstRecipientSends", STATE_DRAFT, "SendBucp", flow::kLeadRecipient, kSendable, STATE_SENT,
     kBucpSent},
    {"WhomItLetsSendSends", STATE_DRAFT, "SendBucp", flow::kSender, kSendable, STATE_SENT, kBucpSent},
    {"RecipientsShare", STATE_DRAFT, "ShareBucp", flow::kRecipient, kNothing, STATE_DRAFT, kBucpShared},
    {"TheFirstRecipientLetsAnotherSend", STATE_DRAFT, "SetBucpSender", flow::kLeadRecipient, kNothing,
     STATE_DRAFT, kBucpSenderSet},
    {"DraftsAreWithdrawn", STATE_DRAFT, "WithdrawBucp", flow::kLeadRecipient, kNothing, STATE_WITHDRAWN,
     kBucpWithdrawn},
    {"RecipientsEditWhatWasSent", STATE_SENT, "UpdateBucp", flow::kRecipient, kNothing, STATE_SENT,
     kBucpUpdated},
    {"ProvidersEditWhatWasSent", STATE_SENT, "UpdateBucp", flow::kProvider, kNothing, STATE_SENT,
     kBucpUpdated},
    {"ProvidersReturn", STATE_SENT, "ReturnBucp", flow::kProvider, kNothing, STATE_DRAFT, kBucpReturned},
    {"ACompleteOneIsFrozen", STATE_SENT, "FreezeBucp", flow::kProvider, kComplete, STATE_IN_REVIEW,
     kBucpFrozen},
    {"DisputesHoldWhatWasSent", STATE_SENT, "HoldBucp", flow::kDispute, kNothing, STATE_DISPUTED, kBucpHeld},
    {"SentOnesAreWithdrawn", STATE_SENT, "WithdrawBucp", flow::kLeadRecipient, kNothing, STATE_WITHDRAWN,
     kBucpWithdrawn},
    {"OpinionsAreComplete", STATE_IN_REVIEW, "CompleteReviews", flow::kReview, kFreeze, STATE_SIGNING,
     kBucpReviewed},
    {"ReviewIsUnfrozen", STATE_IN_REVIEW, "UnfreezeBucp", flow::kRecipient, kFreeze, STATE_SENT,
     kBucpUnfrozen},
    {"DisputesHoldTheReview", STATE_IN_REVIEW, "HoldBucp", flow::kDispute, kNothing, STATE_DISPUTED,
     kBucpHeld},
    {"ReviewedOnesAreWithdrawn", STATE_IN_REVIEW, "WithdrawBucp", flow::kLeadRecipient, kNothing,
     STATE_WITHDRAWN, kBucpWithdrawn},
    {"SignaturesAreComplete", STATE_SIGNING, "CompleteSignatures", flow::kReview, kFreeze, STATE_EXECUTED,
     kBucpExecuted},
    {"SigningIsUnfrozen", STATE_SIGNING, "UnfreezeBucp", flow::kProvider, kFreeze, STATE_SENT, kBucpUnfrozen},
    {"DisputesHoldTheSigning", STATE_SIGNING, "HoldBucp", flow::kDispute, kNothing, STATE_DISPUTED,
     kBucpHeld},
    {"SignedOnesAreWithdrawn", STATE_SIGNING, "WithdrawBucp", flow::kLeadRecipient, kNothing, STATE_WITHDRAWN,
     kBucpWithdrawn},
    {"DisputedOnesAreWithdrawn", STATE_DISPUTED, "WithdrawBucp", flow::kLeadRecipient, kNothing,
     STATE_WITHDRAWN, kBucpWithdrawn},
    {"ReleasedToEditing", STATE_DISPUTED, "ReleaseBucp", flow::kDispute, Held(STATE_SENT, false), STATE_SENT,
     kBucpReleased},
    {"ReleasedToReview", STATE_DISPUTED, "ReleaseBucp", flow::kDispute, Held(STATE_IN_REVIEW, true),
     STATE_IN_REVIEW, kBucpReleased},
    {"ReleasedToSigning", STATE_DISPUTED, "ReleaseBucp", flow::kDispute, Held(STATE_SIGNING, true),
     STATE_SIGNING, kBucpReleased},
    {"ReopenedFromReview", STATE_DISPUTED, "ReleaseBucp", flow::kDispute, Held(STATE_IN_REVIEW, false),
     STATE_SENT, kBucpReopened},
    {"ReopenedFromSigning", STATE_DISPUTED, "ReleaseBucp", flow::kDispute, Held(STATE_SIGNING, false),
     STATE_SENT, kBucpReopened},
    {"Rejected", STATE_DISPUTED, "RejectBucp", flow::kDispute, Held(STATE_SIGNING, true), STATE_NOT_APPROVED,
     kBucpRejected},
    {"Filed", STATE_EXECUTED, "RecordFiling", flow::kInventory, kNothing, STATE_FILED, kBucpFiled},
    {"EndedUnfiled", STATE_EXECUTED, "EndBucp", flow::kInventory, kNothing, STATE_ENDED, kBucpEnded},
    {"SupersededUnfiled", STATE_EXECUTED, "SupersedeBucp", flow::kDrafting, kNothing, STATE_ENDED,
     kBucpSuperseded},
    {"EndedFiled", STATE_FILED, "EndBucp", flow::kInventory, kNothing, STATE_ENDED, kBucpEnded},
    {"SupersededFiled", STATE_FILED, "SupersedeBucp", flow::kDrafting, kNothing, STATE_ENDED,
     kBucpSuperseded},
    {"FiledAfterItsEnd", STATE_ENDED, "RecordFiling", flow::kInventory, kNothing, STATE_ENDED, kBucpFiled},
    {"DraftedForNothing", STATE_DRAFT, "CloseAmendment", flow::kDrafting, kNothing, STATE_NOT_APPROVED,
     kBucpNotApproved},
    {"SentForNothing", STATE_SENT, "CloseAmendment", flow::kDrafting, kNothing, STATE_NOT_APPROVED,
     kBucpNotApproved},
    {"ReviewedForNothing", STATE_IN_REVIEW, "CloseAmendment", flow::kDrafting, kNothing, STATE_NOT_APPROVED,
     kBucpNotApproved},
    {"PartlySignedForNothing", STATE_SIGNING, "CloseAmendment", flow::kDrafting, kNothing, STATE_NOT_APPROVED,
     kBucpNotApproved},
    {"ExecutedForNothing", STATE_EXECUTED, "CloseAmendment", flow::kDrafting, kNothing, STATE_NOT_APPROVED,
     kBucpNotApproved},
    {"SignedTooLate", STATE_SIGNING, "CompleteSignatures", flow::kReview, kTooLate, STATE_NOT_APPROVED,
     kBucpNotApproved},
    {"ReleasedTooLate", STATE_DISPUTED, "ReleaseBucp", flow::kDispute, kTooLate, STATE_NOT_APPROVED,
     kBucpNotApproved},
};
INSTANTIATE_TEST_SUITE_P(Each, ArrowOfABucp, ::testing::ValuesIn(kArrows),
                         [](const auto& row) { return row.param.name; });

// Everything that the table does not allow: each state with each call without a row, by every role.
TEST(BucpFlow, AllowsOnlyItsTransitions) {
  std::map<std::tuple<v1::State, std::string_view>, int> allowed;
  for (const Arrow& arrow : kArrows) ++allowed[{arrow.from, arrow.on}];
  EXPECT_EQ(allowed.size(), 32);
  for (const v1::State state : kBucpStates) {
    for (const Arrow& arrow : kArrows) {
      const auto step = flow::Decide(kBucpFlow, state, arrow.on, kEverybody, kAll);
      if (allowed.contains({state, arrow.on})) {
        EXPECT_TRUE(step.ok()) << v1::State_Name(state) << " " << arrow.on;
      } else {
        EXPECT_THAT(step, FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED))
            << v1::State_Name(state) << " " << arrow.on;
      }
    }
  }
}

// Likely mistakes, by name.
TEST(BucpFlow, RefusesLikelyMistakes) {
  const std::tuple<const char*, v1::State, std::string_view> forbidden[] = {
      {"no edit while in review", STATE_IN_REVIEW, "UpdateBucp"},
      {"no edit while signing", STATE_SIGNING, "UpdateBucp"},
      {"no edit of what a dispute holds", STATE_DISPUTED, "UpdateBucp"},
      {"no edit of an agreement in force", STATE_EXECUTED, "UpdateBucp"},
      {"no freeze before it was sent", STATE_DRAFT, "FreezeBucp"},
      {"no freeze of what a dispute holds", STATE_DISPUTED, "FreezeBucp"},
      {"no execution without opinions", STATE_IN_REVIEW, "CompleteSignatures"},
      {"no execution while a dispute holds it", STATE_DISPUTED, "CompleteSignatures"},
      {"no withdrawal of an agreement in force", STATE_EXECUTED, "WithdrawBucp"},
      {"no dispute about a draft", STATE_DRAFT, "HoldBucp"},
      {"no dispute about an agreement in force", STATE_EXECUTED, "HoldBucp"},
      {"no filing before execution", STATE_SIGNING, "RecordFiling"},
      {"no second filing", STATE_FILED, "RecordFiling"},
      {"no way back from the end", STATE_ENDED, "UnfreezeBucp"},
      {"no release of what was rejected", STATE_NOT_APPROVED, "ReleaseBucp"},
  };
  for (const auto& [rule, state, on] : forbidden) {
    EXPECT_THAT(flow::Decide(kBucpFlow, state, on, kEverybody, kAll),
                FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED))
        << rule;
  }
}

TEST(BucpFlow, LimitsEachStepToItsRoles) {
  const std::tuple<v1::State, std::string_view, flow::Roles> owners[] = {
      {STATE_DRAFT, "UpdateBucp", flow::kRecipient},
      {STATE_DRAFT, "SendBucp", flow::kLeadRecipient | flow::kSender},
      {STATE_DRAFT, "ShareBucp", flow::kRecipient},
      {STATE_DRAFT, "SetBucpSender", flow::kLeadRecipient},
      {STATE_SENT, "UpdateBucp", flow::kParty},
      {STATE_SENT, "ReturnBucp", flow::kProvider},
      {STATE_SENT, "FreezeBucp", flow::kParty},
      {STATE_SENT, "HoldBucp", flow::kDispute},
      {STATE_SENT, "WithdrawBucp", flow::kLeadRecipient},
      {STATE_DISPUTED, "WithdrawBucp", flow::kLeadRecipient},
      {STATE_IN_REVIEW, "CompleteReviews", flow::kReview},
      {STATE_SIGNING, "CompleteSignatures", flow::kReview},
      {STATE_SIGNING, "UnfreezeBucp", flow::kParty | flow::kReview},
      {STATE_DISPUTED, "ReleaseBucp", flow::kDispute},
      {STATE_DISPUTED, "RejectBucp", flow::kDispute},
      {STATE_EXECUTED, "RecordFiling", flow::kInventory},
      {STATE_FILED, "EndBucp", flow::kInventory},
      {STATE_FILED, "SupersedeBucp", flow::kDrafting},
  };
  for (const auto& [state, on, by] : owners) {
    const auto step = flow::Decide(kBucpFlow, state, on, ~by, kAll);
    EXPECT_THAT(step, FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP)) << on;
    EXPECT_EQ(status::MetadataOf(step.status(), "by"), flow::NamesOf(by));
  }
}

TEST(BucpFlow, NamesTheMissingCondition) {
  const std::tuple<v1::State, std::string_view, BucpFacts, Reason> missing[] = {
      {STATE_DRAFT, "SendBucp", kNothing, Reason::ERROR_REASON_INCOMPLETE},
      {STATE_SENT, "FreezeBucp", kSendable, Reason::ERROR_REASON_INCOMPLETE},
      {STATE_IN_REVIEW, "CompleteReviews", kComplete, Reason::ERROR_REASON_FREEZE_MISMATCH},
      {STATE_SIGNING, "CompleteSignatures", kComplete, Reason::ERROR_REASON_FREEZE_MISMATCH},
      {STATE_IN_REVIEW, "UnfreezeBucp", kComplete, Reason::ERROR_REASON_FREEZE_MISMATCH},
      {STATE_SIGNING, "UnfreezeBucp", kComplete, Reason::ERROR_REASON_FREEZE_MISMATCH},
      {STATE_DISPUTED, "ReleaseBucp", kComplete, Reason::ERROR_REASON_STEP_NOT_ALLOWED},
      {STATE_DISPUTED, "RejectBucp", kComplete, Reason::ERROR_REASON_STEP_NOT_ALLOWED},
  };
  for (const auto& [state, on, facts, reason] : missing) {
    EXPECT_THAT(flow::Decide(kBucpFlow, state, on, kEverybody, facts), FailsWith(reason)) << on;
  }
}

// The arrows of the printed chart, "IDEA: Flowchart for Managing Data Sharing Agreements" of June 3, 2025,
// from top to bottom.
TEST(BucpFlow, CoversThePrintedFlowchartArrowByArrow) {
  const auto rows = idea::testing::RowsOfReadme("services/drafting/README.md", "Arrow of the flowchart");
  EXPECT_THAT(
      idea::testing::PrintedIn(rows),
      ElementsAre("public records request? Yes: exchange, IDEA not needed",
                  "public records request? No: internal use?", "internal use? Yes: exchange, IDEA not needed",
                  "internal use? No: both signatories?", "both signatories? No: the resources are welcome",
                  "both signatories? Yes: draft initial BUCP",
                  "draft initial BUCP: submit draft to the Data Provider", "submit draft: work together",
                  "work together: is there a dispute?", "is there a dispute? Yes: dispute resolution process",
                  "is there a dispute? No: submit completed BUCP via inventory form",
                  "submit completed BUCP: exchange and manage the data",
                  "exchange and manage: statutory, regulatory or contract change?",
                  "change? No: continue sharing", "change? Yes: still permissible?",
                  "still permissible? No: notice of termination",
                  "still permissible? Yes: amend and file again"));
  EXPECT_THAT(
      idea::testing::CodeIn(rows, 1, true),
      ::testing::UnorderedElementsAreArray(idea::testing::ArrowsIn(flow::ToMermaid(kBucpFlow, kBucpStarts))));
}

const google::protobuf::ServiceDescriptor* FindService(const std::string& name) {
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
}

TEST(BucpFlow, NamesMethodsThatExist) {
  const google::protobuf::ServiceDescriptor* services[] = {
      FindService("idea.drafting.v1.DraftingService"), FindService("idea.dispute.v1.DisputeService"),
      FindService("idea.inventory.v1.InventoryService"), FindService("idea.inventory.v1.ExchangeService"),
      FindService("idea.inventory.v1.ReviewDateService")};
  const auto rows = idea::testing::RowsOfReadme("services/drafting/README.md", "Arrow of the flowchart");
  for (const std::string& name : idea::testing::CodeIn(rows, 1, false)) {
    v1::Applicability outcome;
    const bool is_method = std::any_of(std::begin(services), std::end(services), [&](const auto* service) {
      return service->FindMethodByName(name) != nullptr;
    });
    EXPECT_TRUE(is_method || v1::Applicability_Parse(name, &outcome)) << name;
  }
}

TEST(BucpFlow, IsThePictureInTheReadme) {
  idea::testing::ExpectReadmeChart("services/drafting/README.md", flow::ToMermaid(kBucpFlow, kBucpStarts));
}

}  // namespace
}  // namespace idea::drafting
