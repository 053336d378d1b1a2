#include "services/dispute/dispute_service.h"

#include <atomic>
#include <thread>

#include "services/dispute/dispute_events.h"
#include "tests/services/dispute/dispute_fixture.h"
#include "tests/support/refusals.h"

namespace idea::dispute {
namespace {

using testing::At;
using ::testing::ElementsAre;
using testing::FailsWith;
using testing::IsOk;
using ::testing::UnorderedElementsAre;

class Dispute : public DisputeTest {};

TEST_P(Dispute, BeginsWithTheAgenciesIfAllAreUnderTheGovernor) {
  const auto dispute = Open();
  ASSERT_THAT(dispute, IsOk());
  EXPECT_EQ(dispute->state(), STATE_AGENCY_MEDIATION);
  EXPECT_EQ(dispute->track(), v1::TRACK_ALL_UNDER_GOVERNOR);
  EXPECT_EQ(dispute->title(), "Food aid");
  EXPECT_EQ(dispute->opened_by(), kProviderDept);
  EXPECT_THAT(dispute->recipients(), ElementsAre(kRecipientDept));
  EXPECT_THAT(dispute->providers(), ElementsAre(kProviderDept));
  EXPECT_THAT(dispute->agencies(), ElementsAre(kAgency));
  EXPECT_EQ(dispute->etag(), "1");
  EXPECT_EQ(Get(dispute->name())->ShortDebugString(), dispute->ShortDebugString());
}

TEST_P(Dispute, BeginsWithStatementsIfOneIsOutside) {
  const v1::Dispute dispute = OpenWithBoard();
  EXPECT_EQ(dispute.state(), STATE_STATEMENTS);
  EXPECT_EQ(dispute.track(), v1::TRACK_OUTSIDE_GOVERNOR);
  EXPECT_THAT(dispute.agencies(), ElementsAre());
}

TEST_P(Dispute, BeginsImmediatelyIfAnUnknownStandingDoesNotMatter) {
  drafting_.Add("bucps/3", {"entities/stranger"}, {kBoard});
  const auto opened = Open(kBoard, v1::CATEGORY_PROVIDER_OBJECTS, "bucps/3");
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->state(), STATE_STATEMENTS);
}

TEST_P(Dispute, IsOpenedByAProviderOrOnMethodAndCostsByAnyParty) {
  EXPECT_THAT(Open(kRecipientDept), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(Open("entities/stranger"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Open(kAgency), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Open(kProviderDept, v1::CATEGORY_COSTS, "bucps/none"),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  const auto opened = Open(kRecipientDept, v1::CATEGORY_DEIDENTIFICATION);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->opened_by(), kRecipientDept);
}

TEST_P(Dispute, IsOpenedOncePerBucp) {
  const auto first = Open();
  ASSERT_THAT(first, IsOk());
  const auto second = Open(kRecipientDept, v1::CATEGORY_COSTS);
  EXPECT_THAT(second, FailsWith(Reason::ERROR_REASON_DISPUTE_OPEN));
  EXPECT_EQ(status::MetadataOf(second.status(), "dispute"), first->name());
  ASSERT_THAT(Withdraw(first->name()), IsOk());
  EXPECT_THAT(Open(), IsOk());
}

TEST_P(Dispute, IsOpenedOnceByConcurrentObjections) {
  std::atomic<int> opened = 0, refused = 0;
  std::vector<std::thread> objectors;
  for (int i = 0; i < 8; ++i) {
    objectors.emplace_back([&] {
      const auto dispute = Open();
      if (dispute.ok()) ++opened;
      if (status::ReasonOf(dispute.status()) == Reason::ERROR_REASON_DISPUTE_OPEN) ++refused;
    });
  }
  for (std::thread& objector : objectors) objector.join();
  EXPECT_EQ(opened, 1);
  EXPECT_EQ(refused, 7);
}

TEST_P(Dispute, ReachesTheCdoAfterConcurrentStatements) {
  const std::string name = OpenWithBoard().name();
  const auto submit = [&](const char* entity) {
    absl::StatusOr<v1::Dispute> done;
    do {
      done = Submit(name, entity);
    } while (status::ReasonOf(done.status()) == Reason::ERROR_REASON_CONCURRENT_CHANGE);
    EXPECT_THAT(done, IsOk());
  };
  std::thread recipient(submit, kRecipientDept), provider(submit, kBoard);
  recipient.join();
  provider.join();
  EXPECT_EQ(Get(name)->state(), STATE_CDO_MEDIATION);
}

TEST_P(Dispute, HidesADraftThatOnlyItsRecipientsSee) {
  drafting_.bucp(kBucp).set_state(drafting::v1::STATE_DRAFT);
  drafting_.bucp(kBucp).clear_first_shown_revision();
  EXPECT_THAT(Open(), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  v1::ExplainTrackRequest explain;
  explain.set_name(kBucp);
  EXPECT_THAT(harness_->Ask<v1::ExplainTrackResponse>(testing::At(kProviderDept), explain),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(harness_->Ask<v1::ExplainTrackResponse>(testing::At(kRecipientDept), explain), IsOk());
}

TEST_P(Dispute, NeedsABucpThatCanBeHeld) {
  using namespace drafting::v1;  // NOLINT: the states of a BUCP, by their own names
  for (const drafting::v1::State state : {drafting::v1::STATE_DRAFT, STATE_EXECUTED, STATE_FILED, STATE_ENDED,
                                          drafting::v1::STATE_WITHDRAWN, drafting::v1::STATE_NOT_APPROVED}) {
    drafting_.bucp(kBucp).set_state(state);
    EXPECT_THAT(Open(), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED)) << drafting::v1::State_Name(state);
  }
  for (const drafting::v1::State state : {STATE_SENT, STATE_IN_REVIEW, STATE_SIGNING}) {
    drafting_.bucp(kBucp).set_state(state);
    const auto opened = Open();
    ASSERT_THAT(opened, IsOk()) << drafting::v1::State_Name(state);
    ASSERT_THAT(Withdraw(opened->name()), IsOk());
  }
  // The release of an ended dispute has not arrived yet.
  drafting_.bucp(kBucp).set_state(STATE_DISPUTED);
  drafting_.bucp(kBucp).set_held_from(STATE_SIGNING);
  EXPECT_THAT(Open(), IsOk());
}

// One officer mediates for both departments, and confirms for neither.
TEST_P(Dispute, OnCostsHasAmountsAndFrequency) {
  v1::OpenDisputeRequest request;
  request.set_bucp(kBucp);
  request.set_objection("who pays?");
  const auto open = [&](v1::Category category) {
    request.set_category(category);
    return Do<v1::OpenDisputeResponse>(At(kRecipientDept, "p"), request);
  };
  EXPECT_THAT(open(v1::CATEGORY_COSTS), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  *request.mutable_costs() = SomeCosts();
  EXPECT_THAT(open(v1::CATEGORY_DEIDENTIFICATION), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  request.mutable_costs()->set_interagency_agreement("set by the server only");
  request.mutable_costs()->set_budget_impact("two positions");
  const auto opened = open(v1::CATEGORY_COSTS);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->costs().items(0).amount_cents(), 1'250'000);
  EXPECT_EQ(opened->costs().budget_impact(), "two positions");
  EXPECT_EQ(opened->costs().interagency_agreement(), "");
  v1::SettleDisputeRequest settle;
  settle.set_name(opened->name());
  settle.set_outcome("half each");
  settle.set_interagency_agreement("IA 26-017");
  ASSERT_THAT(Do<v1::SettleDisputeResponse>(Officer(kAgency), settle), IsOk());
  ASSERT_THAT(Confirm(opened->name(), Coordinator(kProviderDept)), IsOk());
  const auto settled = Confirm(opened->name(), Coordinator(kRecipientDept));
  ASSERT_THAT(settled, IsOk());
  EXPECT_EQ(settled->costs().interagency_agreement(), "IA 26-017");
  EXPECT_EQ(Get(opened->name())->ShortDebugString(), settled->ShortDebugString());
  settle.set_name(Open()->name());
  EXPECT_THAT(Do<v1::SettleDisputeResponse>(Officer(kAgency), settle),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  for (const int64_t cents : {int64_t{0}, int64_t{-1}}) {
    request.mutable_costs()->mutable_items(0)->set_amount_cents(cents);
    EXPECT_THAT(open(v1::CATEGORY_COSTS), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  }
}

TEST_P(Dispute, OnAnExecutedAgreementLeavesItInForce) {
  for (const drafting::v1::State state : {drafting::v1::STATE_EXECUTED, drafting::v1::STATE_FILED}) {
    drafting_.bucp(kBucp).set_state(state);
    for (const v1::Category category : {v1::CATEGORY_DEIDENTIFICATION, v1::CATEGORY_COSTS}) {
      const auto opened = Open(kRecipientDept, category);
      ASSERT_THAT(opened, IsOk());
      EXPECT_FALSE(opened->holds());
      ASSERT_THAT(Withdraw(opened->name(), kRecipientDept), IsOk());
    }
  }
}

TEST_P(Dispute, KeepsEveryStepWithItsReasonsAndItsAge) {
  const std::string name = OpenAtCdo().name();
  env_.clock.Advance(3 * clock::kSecond);
  ASSERT_THAT(Escalate(name, Cdo()), IsOk());
  const auto dispute = Get(name);
  ASSERT_THAT(dispute, IsOk());
  std::vector<std::string> steps;
  for (const v1::DisputeStep& step : dispute->history()) steps.push_back(step.on());
  EXPECT_THAT(steps, ElementsAre("OpenDispute", "EscalateDispute", "SubmitStatement", "SubmitStatement",
                                 "EscalateDispute"));
  EXPECT_EQ(dispute->history(0).text(), "too wide");
  EXPECT_EQ(dispute->history(0).citation(), "agreement 5.2");
  EXPECT_EQ(dispute->history(1).entity(), kAgency);
  EXPECT_EQ(dispute->history(1).person(), "officer");
  EXPECT_EQ(dispute->history(4).text(), "share less");
  EXPECT_EQ(clock::FromProto(dispute->level_time()), env_.clock.Now());
}

TEST_P(Dispute, IsExplainedBeforeItIsOpened) {
  drafting_.Add("bucps/2", {kRecipientDept, "entities/stranger"}, {kProviderDept});
  v1::ExplainTrackRequest request;
  request.set_name("bucps/2");
  for (const testing::TestCaller& who : {At(kProviderDept), At(testing::kCdoEntity)}) {
    const auto explained = harness_->Ask<v1::ExplainTrackResponse>(who, request);
    ASSERT_THAT(explained, IsOk());
    EXPECT_EQ(explained->explanation().track(), v1::TRACK_UNSPECIFIED);
    ASSERT_EQ(explained->explanation().missing_size(), 1);
    EXPECT_EQ(explained->explanation().missing(0).entity(), "entities/stranger");
  }
  const auto refusal = [&](const std::string& name, const testing::TestCaller& who) {
    request.set_name(name);
    return harness_->Ask<v1::ExplainTrackResponse>(who, request).status();
  };
  EXPECT_THAT(refusal("bucps/2", At(kBoard)), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(refusal("bucps/none", At(kProviderDept)), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(refusal("disputes/none", At(kProviderDept)), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(refusal("filings/1", At(kProviderDept)), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(refusal(Open()->name(), At(kBoard)), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

// The Statewide CDO's office is the recipient. It submits a statement as a party and mediates as an office.
TEST_P(Dispute, LetsAnOfficeThatIsAPartyActAsBoth) {
  ASSERT_THAT(registry_->SetAuthority(testing::kCdoEntity, registry::v1::GOVERNOR_AUTHORITY_UNDER), IsOk());
  ASSERT_THAT(registry_->AddContact(testing::kCdoEntity, "p", {common::v1::CONTACT_ROLE_PROGRAM}), IsOk());
  drafting_.Add("bucps/2", {testing::kCdoEntity}, {kBoard});
  const auto opened = Open(kBoard, v1::CATEGORY_PROVIDER_OBJECTS, "bucps/2");
  ASSERT_THAT(opened, IsOk());
  ASSERT_THAT(Submit(opened->name(), kBoard), IsOk());
  EXPECT_EQ(Submit(opened->name(), testing::kCdoEntity)->state(), STATE_CDO_MEDIATION);
  EXPECT_THAT(Settle(opened->name(), At(testing::kCdoEntity, "p")),
              FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  // The office cannot settle alone, because it is a party.
  EXPECT_EQ(Settle(opened->name(), Cdo())->state(), STATE_CDO_MEDIATION);
  ASSERT_THAT(
      registry_->AddContact(testing::kCdoEntity, "coordinator", {common::v1::CONTACT_ROLE_DATA_COORDINATOR}),
      IsOk());
  EXPECT_EQ(Confirm(opened->name(), Coordinator(testing::kCdoEntity))->state(), STATE_CDO_MEDIATION);
  EXPECT_EQ(Confirm(opened->name(), Coordinator(kBoard))->state(), STATE_RESOLVED);
}

TEST_P(Dispute, KeepsOneStatementOfEachParty) {
  const std::string name = OpenWithBoard().name();
  const auto first = Submit(name, kBoard);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(Submit(name, kBoard), FailsWith(Reason::ERROR_REASON_ALREADY_DONE));
  EXPECT_THAT(Submit(name, "entities/stranger"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  env_.clock.Advance(clock::kSecond);
  ASSERT_THAT(Submit(name, kRecipientDept), IsOk());
  const auto dispute = Get(name);
  ASSERT_THAT(dispute, IsOk());
  ASSERT_EQ(dispute->statements_size(), 2);
  EXPECT_EQ(dispute->statements(0).entity(), kBoard);
  EXPECT_EQ(dispute->statements(0).person(), "p");
  EXPECT_EQ(dispute->statements(0).text(), "our side");
  EXPECT_EQ(clock::FromProto(dispute->statements(1).submit_time()), env_.clock.Now());
}

TEST_P(Dispute, AwaitsEveryDepartmentUnlessTheCdoContinuesWithout) {
  for (const bool wait : {true, false}) {
    const std::string bucp = wait ? "bucps/2" : "bucps/3";
    drafting_.Add(bucp, {kRecipientDept, kProviderDept}, {kBoard});
    const std::string name = Open(kBoard, v1::CATEGORY_PROVIDER_OBJECTS, bucp)->name();
    EXPECT_EQ(Submit(name, kRecipientDept)->state(), STATE_STATEMENTS);
    const auto early = Escalate(name, Cdo());
    EXPECT_THAT(early, FailsWith(Reason::ERROR_REASON_STATEMENTS_MISSING));
    EXPECT_EQ(status::MetadataOf(early.status(), "entity"), kBoard);
    EXPECT_EQ(Submit(name, kBoard)->state(), STATE_STATEMENTS);
    EXPECT_THAT(Escalate(name, At(kRecipientDept, "officer")), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
    const auto heard = wait ? Submit(name, kProviderDept) : Escalate(name, Cdo());
    ASSERT_THAT(heard, IsOk());
    EXPECT_EQ(heard->state(), STATE_CDO_MEDIATION);
    EXPECT_EQ(heard->statements_size(), wait ? 3 : 2);
    EXPECT_EQ(heard->history().rbegin()->on(), wait ? "SubmitStatement" : "EscalateDispute");
    EXPECT_THAT(Submit(name, kProviderDept), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  }
}

TEST_P(Dispute, OfADepartmentWithItselfNeedsOneStatement) {
  drafting_.Add("bucps/2", {kBoard}, {kBoard});
  const auto opened = Open(kBoard, v1::CATEGORY_PROVIDER_OBJECTS, "bucps/2");
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(Submit(opened->name(), kBoard)->state(), STATE_CDO_MEDIATION);
}

TEST_P(Dispute, IsWithdrawnOnlyByItsOpener) {
  const std::string name = Open()->name();
  EXPECT_THAT(Withdraw(name, kRecipientDept), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(Withdraw(name, kBoard), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  const auto withdrawn = Withdraw(name);
  ASSERT_THAT(withdrawn, IsOk());
  EXPECT_EQ(withdrawn->state(), STATE_WITHDRAWN);
  EXPECT_EQ(withdrawn->outcome(), "answered");
}

TEST_P(Dispute, IsSeenByPartiesAgenciesAndTheOfficesOnly) {
  const std::string name = Open()->name();
  for (const testing::TestCaller& who : {At(kRecipientDept), At(kProviderDept), At(kAgency),
                                         At(testing::kCdoEntity), At(testing::kGovernorEntity)}) {
    EXPECT_THAT(Get(name, who), IsOk()) << who.certificate;
  }
  // The Governor's Office has no role if it cannot decide.
  EXPECT_THAT(Get(OpenWithBoard().name(), At(testing::kGovernorEntity)),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Get(name, At(kBoard)), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Get("disputes/none", At(kBoard)), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

TEST_P(Dispute, ListsAreNewestFirstAndOnlyOfTheCaller) {
  const std::string older = Open()->name();
  env_.clock.Advance(clock::kSecond);
  const std::string newer = OpenWithBoard().name();
  const auto list = [&](const testing::TestCaller& who, const std::string& filter) {
    std::vector<std::string> names;
    v1::ListDisputesRequest request;
    request.set_filter(filter);
    request.set_page_size(1);
    do {
      const auto page = harness_->Ask<v1::ListDisputesResponse>(who, request);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) break;
      for (const v1::Dispute& dispute : page->disputes()) names.push_back(dispute.name());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return names;
  };
  EXPECT_THAT(list(Cdo(), ""), ElementsAre(newer, older));
  EXPECT_THAT(list(At(testing::kGovernorEntity), ""), ElementsAre(older));
  EXPECT_THAT(list(At(kRecipientDept), ""), ElementsAre(newer, older));
  EXPECT_THAT(list(At(kProviderDept), ""), ElementsAre(older));
  EXPECT_THAT(list(At(kBoard), ""), ElementsAre(newer));
  EXPECT_THAT(list(At("entities/stranger"), ""), ElementsAre());
  EXPECT_THAT(list(Cdo(), "state = STATE_STATEMENTS"), ElementsAre(newer));
  EXPECT_THAT(list(Cdo(), "bucp = \"bucps/1\" AND category = CATEGORY_PROVIDER_OBJECTS"), ElementsAre(older));
}

TEST_P(Dispute, SendsItsEventsToEveryoneWithARole) {
  const std::string name = OpenAtCdo().name();
  ASSERT_THAT(Escalate(name, Cdo()), IsOk());
  ASSERT_THAT(Decide(name, v1::DECISION_DENY), IsOk());
  std::vector<std::string> types;
  for (const events::Event& event : harness_->Events()) {
    types.push_back(event.type());
    EXPECT_EQ(event.subject(), name);
    EXPECT_EQ(event.bucp(), kBucp);
  }
  EXPECT_THAT(types, ElementsAre(kDisputeOpened, kDisputeEscalated, kStatementSubmitted, kStatementSubmitted,
                                 kDisputeEscalated, kDisputeDecided));
  EXPECT_THAT(harness_->Events().front().audience(),
              UnorderedElementsAre(kRecipientDept, kProviderDept, kAgency, testing::kCdoEntity));
  EXPECT_THAT(harness_->Events().back().audience(),
              UnorderedElementsAre(kRecipientDept, kProviderDept, kAgency, testing::kCdoEntity,
                                   testing::kGovernorEntity));
  EXPECT_EQ(harness_->Events().back().citation(), "guidebook dispute step 5");
}

INSTANTIATE_TEST_SUITE_P(Every, Dispute, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::dispute
