#include "services/review/review_events.h"
#include "tests/services/review/review_fixture.h"

namespace idea::review {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_P(Review, AsksEveryDepartmentForThreeOpinionsAndTwoSignatures) {
  const v1::Routing routing = Open();
  EXPECT_EQ(routing.state(), v1::ROUTING_STATE_OPINIONS);
  EXPECT_EQ(routing.steps_size(), 10);
  EXPECT_EQ(Get(routing.name()).ShortDebugString(), routing.ShortDebugString());
  EXPECT_EQ(CountEvents(kRoutingOpened), 1);
}

TEST_P(Review, IsTheSameRoutingForTheSameRevision) {
  const v1::Routing first = Open();
  EXPECT_EQ(Open().name(), first.name());
  EXPECT_NE(Open(kX, kY, 'b').name(), first.name());
  ASSERT_THAT(Close(), IsOk());
  EXPECT_NE(Open().name(), first.name());
}

TEST_P(Review, RoutesTheSameRevisionOnceForEachFreeze) {
  const v1::Routing first = Open(kX, kY, 'a', 1);
  EXPECT_EQ(first.freeze_number(), 1);
  EXPECT_EQ(Open(kX, kY, 'a', 1).name(), first.name());
  for (const int32_t other : {0, 2}) {
    EXPECT_THAT(Close(other), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
    v1::HoldRoutingRequest hold;
    hold.set_freeze_number(other);
    EXPECT_THAT(Command<v1::HoldRoutingResponse>(hold), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  }
  ASSERT_THAT(Close(1), IsOk());
  const v1::Routing second = Open(kX, kY, 'a', 2);
  EXPECT_NE(second.name(), first.name());
  // Routing a freeze that is over fails.
  v1::OpenRoutingRequest late;
  late.set_bucp(kBucp);
  late.set_revision("bucps/1/revisions/a");
  late.set_digest(DigestOf('a'));
  late.add_recipients(kX);
  late.add_providers(kY);
  for (const int32_t over : {0, 1}) {
    late.set_freeze_number(over);
    const auto refused = harness_->Ask<v1::OpenRoutingResponse>(testing::Service("drafting"), late);
    EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_FREEZE_MISMATCH));
    EXPECT_EQ(status::MetadataOf(refused.status(), "freeze_number"), "2");
  }
  ASSERT_THAT(Close(2), IsOk());
  late.set_freeze_number(2);
  EXPECT_THAT(harness_->Ask<v1::OpenRoutingResponse>(testing::Service("drafting"), late),
              FailsWith(Reason::ERROR_REASON_FREEZE_MISMATCH));
}

// Drafting's database was restored to a moment before the freeze, and the parties freeze again.
TEST_P(Review, RepeatsItsEventsToADraftingThatFreezesAgain) {
  const std::string name = OpenAtCoordinators();
  ASSERT_THAT(SignAsCoordinator(name, kX), IsOk());
  ASSERT_THAT(SignAsCoordinator(name, kY), IsOk());
  ASSERT_THAT(Hold(), IsOk());
  const int completed = CountEvents(kRoutingCompleted);
  const v1::Routing again = Open();
  EXPECT_EQ(again.name(), name);
  EXPECT_EQ(again.state(), v1::ROUTING_STATE_COMPLETE) << "drafting holds it no longer";
  EXPECT_THAT(again.dispute(), IsEmpty());
  EXPECT_EQ(CountEvents(kOpinionsCompleted), 2);
  EXPECT_EQ(CountEvents(kRoutingCompleted), completed + 1);
}

// Drafting has lost a freeze, and another revision gets its number.
TEST_P(Review, ClosesTheRoutingOfAFreezeThatDraftingHasLost) {
  const std::string lost = Open(kX, kY, 'a', 2).name();
  OpineAll(lost, {kX, kY});
  for (const int32_t freeze_number : {2, 1}) {
    const char digest = freeze_number == 2 ? 'b' : 'c';
    bucp_.set_freeze_number(freeze_number);
    bucp_.set_frozen_digest(DigestOf(digest));
    const v1::Routing routing = Open(kX, kY, digest, freeze_number);
    EXPECT_EQ(routing.state(), v1::ROUTING_STATE_OPINIONS) << "no opinion of the lost freeze stands";
    EXPECT_EQ(Get(lost).state(), v1::ROUTING_STATE_CLOSED);
  }
  EXPECT_EQ(CountEvents(kRoutingClosed), 2);
}

// Drafting was restored to a moment before it released the BUCP, and refused the events of review until then.
TEST_P(Review, RepeatsItsEventsIfItIsReleasedASecondTime) {
  const std::string name = Open().name();
  ASSERT_THAT(Hold(), IsOk());
  ASSERT_THAT(Release(), IsOk());
  OpineAll(name, {kX, kY});
  const absl::StatusOr<v1::Routing> released = Release();
  ASSERT_THAT(released, IsOk());
  EXPECT_EQ(released->state(), v1::ROUTING_STATE_SPONSORS);
  EXPECT_EQ(CountEvents(kOpinionsCompleted), 2);
}

TEST_P(Review, NamesTheFreezeInRecordsAndEvents) {
  const std::string name = Open(kX, kY, 'a', 3).name();
  OpineAll(name, {kX, kY});
  ASSERT_THAT(SignAsSponsor(name, kX), IsOk());
  v1::ListSignaturesRequest list;
  list.set_parent(name);
  EXPECT_EQ(harness_->Ask<v1::ListSignaturesResponse>(At(kX), list)->signatures(0).freeze_number(), 3);
  for (const events::Event& event : harness_->Events()) {
    v1::RoutingMoved moved;
    ASSERT_TRUE(event.data().UnpackTo(&moved));
    EXPECT_EQ(moved.freeze_number(), 3) << event.type();
  }
}

TEST_P(Review, AcceptsAnOpinionOnceFromTheRightPersonOnTheRightRevision) {
  const std::string name = Open().name();
  EXPECT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, "privacy"),
              FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  EXPECT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, "sponsor"),
              FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  EXPECT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, ""), FailsWith(Reason::ERROR_REASON_TOKEN_REQUIRED));
  EXPECT_THAT(Opine(name, kX, static_cast<v1::Discipline>(99), "legal"),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, "legal", 'b'),
              FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
  ASSERT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, "legal"), IsOk());
  EXPECT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, "legal"), FailsWith(Reason::ERROR_REASON_ALREADY_DONE));
  EXPECT_THAT(Opine(name, kY, v1::DISCIPLINE_LEGAL, "legal"), IsOk());
  v1::ListOpinionsRequest list;
  list.set_parent(name);
  const auto opinions = harness_->Ask<v1::ListOpinionsResponse>(At(kY), list);
  ASSERT_THAT(opinions, IsOk());
  ASSERT_EQ(opinions->opinions_size(), 2);
  EXPECT_EQ(opinions->opinions(0).entity(), kX);
  EXPECT_EQ(opinions->opinions(0).person_name(), "Mx. legal");
  EXPECT_EQ(opinions->opinions(0).digest(), DigestOf('a'));
  EXPECT_EQ(opinions->opinions(1).entity(), kY);
}

TEST_P(Review, ContinuesToTheSponsorsIfAllOpinionsOppose) {
  const std::string name = Open().name();
  OpineAll(name, {kX});
  EXPECT_EQ(CountEvents(kOpinionsCompleted), 0);
  OpineAll(name, {kY});
  EXPECT_EQ(Get(name).state(), v1::ROUTING_STATE_SPONSORS);
  EXPECT_EQ(CountEvents(kOpinionsCompleted), 1);
  EXPECT_EQ(CountEvents(kOpinionRegistered), 6);
}

TEST_P(Review, IsHiddenFromStrangers) {
  const std::string name = Open().name();
  v1::GetRoutingRequest get;
  get.set_name(name);
  EXPECT_THAT(harness_->Ask<v1::GetRoutingResponse>(At("entities/stranger"), get),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(harness_->Ask<v1::GetRoutingResponse>(At(testing::kCdoEntity), get), IsOk());
  EXPECT_THAT(harness_->Ask<v1::GetRoutingResponse>(testing::Service("inventory"), get), IsOk());
  EXPECT_THAT(Opine(name, "entities/stranger", v1::DISCIPLINE_LEGAL, "legal"),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(SignAsSponsor(name, "entities/stranger"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  v1::ListRoutingsRequest list;
  EXPECT_EQ(harness_->Ask<v1::ListRoutingsResponse>(At("entities/stranger"), list)->routings_size(), 0);
  EXPECT_EQ(harness_->Ask<v1::ListRoutingsResponse>(At(kY), list)->routings_size(), 1);
}

TEST_P(Review, AcceptsNothingOnceClosed) {
  const std::string name = Open().name();
  ASSERT_THAT(Close(), IsOk());
  EXPECT_EQ(Get(name).state(), v1::ROUTING_STATE_CLOSED);
  EXPECT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, "legal"),
              FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_THAT(SignAsSponsor(name, kX), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_THAT(Close(), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

TEST_P(Review, IsSignedBySponsorsAndThenByCoordinators) {
  const std::string name = Open().name();
  EXPECT_THAT(SignAsSponsor(name, kX), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  OpineAll(name, {kX, kY});
  EXPECT_THAT(SignAsCoordinator(name, kX), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_THAT(SignAsSponsor(name, kX, "coordinator"), FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  const auto other = Sign(name, kX, v1::CAPACITY_EXECUTIVE_SPONSOR, "sponsor", 'b');
  EXPECT_THAT(other, FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
  EXPECT_EQ(status::MetadataOf(other.status(), "digest").size(), 64u);
  EXPECT_THAT(SignAsSponsor(name, kX), IsOk());
  EXPECT_THAT(SignAsSponsor(name, kX), FailsWith(Reason::ERROR_REASON_ALREADY_DONE));
  EXPECT_THAT(SignAsCoordinator(name, kX), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_THAT(SignAsSponsor(name, kY), IsOk());
  EXPECT_THAT(SignAsCoordinator(name, kY), IsOk());
  EXPECT_EQ(CountEvents(kRoutingCompleted), 0);
  EXPECT_THAT(SignAsCoordinator(name, kX), IsOk());
  EXPECT_EQ(Get(name).state(), v1::ROUTING_STATE_COMPLETE);
  EXPECT_EQ(CountEvents(kSponsorsSigned), 1);
  EXPECT_EQ(CountEvents(kRoutingCompleted), 1);
  v1::ListSignaturesRequest list;
  list.set_parent(name);
  const auto signatures = harness_->Ask<v1::ListSignaturesResponse>(testing::Service("inventory"), list);
  ASSERT_THAT(signatures, IsOk());
  ASSERT_EQ(signatures->signatures_size(), 4);
  EXPECT_EQ(signatures->signatures(2).entity(), kY);
  EXPECT_EQ(signatures->signatures(2).capacity(), v1::CAPACITY_DATA_COORDINATOR);
}

TEST_P(Review, RequiresTwoPersonsUnlessTheSettingAllowsOne) {
  const std::string name = Open().name();
  OpineAll(name, {kX, kY});
  ASSERT_THAT(SignAsSponsor(name, kX, "both"), IsOk());
  ASSERT_THAT(SignAsSponsor(name, kY, "both"), IsOk());
  EXPECT_THAT(SignAsCoordinator(name, kX, "both"), FailsWith(Reason::ERROR_REASON_SAME_PERSON));
  EXPECT_THAT(SignAsCoordinator(name, kX), IsOk());
  Serve({.one_person_may_sign_twice = true});
  EXPECT_THAT(SignAsCoordinator(name, kY, "both"), IsOk());
}

TEST_P(Review, AcceptsNothingWhileADisputeHoldsIt) {
  const std::string name = Open().name();
  ASSERT_THAT(Hold(), IsOk());
  EXPECT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, "legal"), FailsWith(Reason::ERROR_REASON_BUCP_ON_HOLD));
  EXPECT_THAT(SignAsSponsor(name, kX), FailsWith(Reason::ERROR_REASON_BUCP_ON_HOLD));
  const auto released = Release();
  ASSERT_THAT(released, IsOk());
  EXPECT_EQ(released->state(), v1::ROUTING_STATE_OPINIONS);
  EXPECT_EQ(released->held_from(), v1::ROUTING_STATE_UNSPECIFIED);
  EXPECT_EQ(CountEvents(kOpinionsCompleted), 0);
  EXPECT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, "legal"), IsOk());
  ASSERT_THAT(Hold(), IsOk());
  EXPECT_THAT(Close(), IsOk());
}

TEST_P(Review, NamesTheDisputeThatHoldsIt) {
  const std::string name = Open().name();
  ASSERT_THAT(Hold(), IsOk());
  EXPECT_EQ(Get(name).dispute(), "disputes/1");
  const auto refused = SignAsSponsor(name, kX);
  EXPECT_EQ(status::MetadataOf(refused.status(), "dispute"), "disputes/1");
  v1::ExplainRoutingRequest request;
  request.set_name(name);
  EXPECT_THAT(harness_->Ask<v1::ExplainRoutingResponse>(At(kX), request)->waits_for(),
              ElementsAre("the end of the dispute that holds the BUCP: disputes/1"));
  EXPECT_EQ(Release()->dispute(), "");
}

TEST_P(Review, RepeatsRefusedEventsWhenReleased) {
  const std::string name = OpenAtCoordinators();
  EXPECT_EQ(CountEvents(kOpinionsCompleted), 1);
  ASSERT_THAT(Hold(), IsOk());
  EXPECT_EQ(Release()->state(), v1::ROUTING_STATE_COORDINATORS);
  EXPECT_EQ(CountEvents(kOpinionsCompleted), 2);
  EXPECT_EQ(CountEvents(kRoutingCompleted), 0);
  ASSERT_THAT(SignAsCoordinator(name, kX), IsOk());
  ASSERT_THAT(SignAsCoordinator(name, kY), IsOk());
  ASSERT_THAT(Hold(), IsOk());
  EXPECT_EQ(Release(true)->state(), v1::ROUTING_STATE_COMPLETE);
  EXPECT_EQ(CountEvents(kOpinionsCompleted), 2) << "drafting knew it";
  EXPECT_EQ(CountEvents(kRoutingCompleted), 2);
}

TEST_P(Review, AsksADepartmentThatIsOnBothSidesOnce) {
  const v1::Routing routing = Open(kX, kX);
  EXPECT_EQ(routing.steps_size(), 5);
  OpineAll(routing.name(), {kX});
  EXPECT_EQ(SignAsSponsor(routing.name(), kX)->state(), v1::ROUTING_STATE_COORDINATORS);
  EXPECT_EQ(SignAsCoordinator(routing.name(), kX)->state(), v1::ROUTING_STATE_COMPLETE);
}

TEST_P(Review, AsksSeveralDepartmentsOnEachSide) {
  const v1::Routing routing = Open({kX, "entities/stranger"}, {kY});
  EXPECT_EQ(routing.steps_size(), 15);
  OpineAll(routing.name(), {kX, kY});
  v1::RegisterOpinionRequest request;
  request.set_routing(routing.name());
  request.set_discipline(v1::DISCIPLINE_PRIVACY);
  request.set_position(v1::POSITION_NOT_APPLICABLE);
  request.set_text("only receives counts");
  request.set_digest(DigestOf('a'));
  EXPECT_THAT(harness_->Ask<v1::RegisterOpinionResponse>(At("entities/stranger", "privacy"), request),
              IsOk());
  const std::string two = Open(kX, kY, 'b').name();
  request.set_routing(two);
  request.set_digest(DigestOf('b'));
  EXPECT_THAT(harness_->Ask<v1::RegisterOpinionResponse>(At(kX, "privacy"), request),
              FailsWith(Reason::ERROR_REASON_REVIEW_APPLICABLE));
}

TEST_P(Review, AsksForATechnologyOpinionOnlyIfTheSettingDoes) {
  EXPECT_THAT(Opine(Open().name(), kX, v1::DISCIPLINE_TECHNOLOGY, "technology"),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  Serve({.technology_opinion = true});
  const v1::Routing routing = Open(kX, kY, 'b');
  EXPECT_EQ(routing.steps_size(), 12);
  EXPECT_THAT(Opine(routing.name(), kX, v1::DISCIPLINE_TECHNOLOGY, "technology", 'b'), IsOk());
}

TEST_P(Review, WaitsForTheEducationAgencyThatIsNotAParty) {
  auto& content = *content_.mutable_administrative()->mutable_education_records();
  content.set_source_agency("entities/stranger");
  const std::string name = Open().name();
  OpineAll(name, {kX, kY});
  ASSERT_THAT(SignAsSponsor(name, kX), IsOk());
  EXPECT_EQ(SignAsSponsor(name, kY)->state(), v1::ROUTING_STATE_SPONSORS);
  EXPECT_THAT(Sign(name, kX, v1::CAPACITY_EDUCATION_AGENCY, "sponsor"),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(Sign(name, "entities/stranger", v1::CAPACITY_EDUCATION_AGENCY, "coordinator"),
              FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  // The agency reads the routing and signs, but gives no opinion.
  v1::GetRoutingRequest get;
  get.set_name(name);
  EXPECT_THAT(harness_->Ask<v1::GetRoutingResponse>(At("entities/stranger"), get), IsOk());
  EXPECT_THAT(Opine(name, "entities/stranger", v1::DISCIPLINE_LEGAL, "legal"),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  v1::GetChecklistRequest checklist;
  checklist.set_name(name);
  EXPECT_EQ(harness_->Ask<v1::GetChecklistResponse>(At(kX), checklist)->rows(5).education_agency(),
            "stranger: -");
  EXPECT_EQ(Sign(name, "entities/stranger", v1::CAPACITY_EDUCATION_AGENCY, "sponsor")->state(),
            v1::ROUTING_STATE_COORDINATORS);
  const auto rows = harness_->Ask<v1::GetChecklistResponse>(At("entities/stranger"), checklist);
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ(rows->rows(5).education_agency(), "stranger: 01/01/26 Mx. z-sponsor");
  EXPECT_EQ(rows->rows(5).education_agency_cell().department(), "entities/stranger");
  for (const int row : {0, 2, 6}) EXPECT_EQ(rows->rows(row).education_agency(), "");
}

TEST_P(Review, HoldsResearchUntilItsApprovalIsStated) {
  content_.mutable_administrative()->mutable_research()->set_research(drafting::v1::ANSWER_YES);
  const std::string name = Open().name();
  OpineAll(name, {kX, kY});
  EXPECT_EQ(Get(name).state(), v1::ROUTING_STATE_OPINIONS);
  EXPECT_THAT(SignAsSponsor(name, kX), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  content_.mutable_administrative()->mutable_research()->set_approval_statement("CPHS 2026-12");
  ASSERT_THAT(Close(), IsOk());
  // Legal and privacy look at the statement. The security opinions are carried over.
  const v1::Routing approved = Open(kX, kY, 'b');
  EXPECT_EQ(approved.state(), v1::ROUTING_STATE_OPINIONS);
  EXPECT_EQ(CountEvents(kOpinionCarriedOver), 2);
  for (const char* entity : {kX, kY}) {
    EXPECT_THAT(Opine(approved.name(), entity, v1::DISCIPLINE_LEGAL, "legal", 'b'), IsOk());
    EXPECT_THAT(Opine(approved.name(), entity, v1::DISCIPLINE_PRIVACY, "privacy", 'b'), IsOk());
  }
  EXPECT_EQ(Get(approved.name()).state(), v1::ROUTING_STATE_SPONSORS);
}

TEST_P(Review, ExplainsItsRulesAndWhatItWaitsFor) {
  content_.mutable_administrative()->mutable_transfer_of_funds()->set_transfers(drafting::v1::ANSWER_YES);
  const std::string name = Open().name();
  ASSERT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, "legal"), IsOk());
  v1::ExplainRoutingRequest request;
  request.set_name(name);
  const auto explained = harness_->Ask<v1::ExplainRoutingResponse>(At(kY), request);
  ASSERT_THAT(explained, IsOk());
  ASSERT_EQ(explained->explanations_size(), 9);
  EXPECT_EQ(explained->explanations(0).rule(), "legal-opinion");
  EXPECT_EQ(explained->explanations(0).progress(), "1 of 2 done");
  EXPECT_EQ(explained->explanations(0).citation(), "BUCP template, checklist row 3");
  EXPECT_FALSE(explained->explanations(3).applies());
  EXPECT_EQ(explained->explanations(5).rule(), "separate-agreement");
  EXPECT_TRUE(explained->explanations(5).applies());
  EXPECT_EQ(explained->waits_for_size(), 5);
  EXPECT_EQ(explained->waits_for(0), "entities/department-y: register the legal opinion");
  EXPECT_THAT(harness_->Ask<v1::ExplainRoutingResponse>(At("entities/stranger"), request),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

TEST_P(Review, FillsInTheTemplatesChecklist) {
  auto& dates = *content_.mutable_administrative()->mutable_critical_dates();
  dates.mutable_start_date()->set_year(2026);
  dates.mutable_start_date()->set_month(7);
  dates.mutable_start_date()->set_day(1);
  const std::string name = OpenAtCoordinators();
  v1::GetChecklistRequest request;
  request.set_name(name);
  const auto checklist = harness_->Ask<v1::GetChecklistResponse>(At(kY), request);
  ASSERT_THAT(checklist, IsOk());
  ASSERT_EQ(checklist->rows_size(), 9);
  const std::tuple<const char*, const char*, const char*> rows[] = {
      {"Draft BUCP", "01/01/26", "N/A"},
      {"Send BUCP", "01/01/26", "N/A"},
      {"Legal Review", "01/01/26 Mx. legal (opposes)", "01/01/26 Mx. y-legal (opposes)"},
      {"Privacy Review", "01/01/26 Mx. privacy (opposes)", "01/01/26 Mx. y-privacy (opposes)"},
      {"Security Review", "01/01/26 Mx. security (opposes)", "01/01/26 Mx. y-security (opposes)"},
      {"Executive Sponsor Review", "01/01/26 Mx. sponsor", "01/01/26 Mx. y-sponsor"},
      {"Data Coordinator Final Review", "-", "-"},
      {"BUCP Start Date", "07/01/26", "07/01/26"},
      {"BUCP End Date", "-", "-"}};
  for (int i = 0; i < 9; ++i) {
    const auto& [task, recipient, provider] = rows[i];
    EXPECT_EQ(checklist->rows(i).row(), i + 1);
    EXPECT_EQ(checklist->rows(i).task(), task);
    EXPECT_EQ(checklist->rows(i).recipient(), recipient) << task;
    EXPECT_EQ(checklist->rows(i).provider(), provider) << task;
  }
  env_.clock.SetZone(absl::FixedTimeZone(-8 * 3600));
  const auto here = harness_->Ask<v1::GetChecklistResponse>(At(kY), request);
  for (const int row : {1, 2, 5})
    EXPECT_EQ(here->rows(row).recipient().substr(0, 8), "12/31/25") << "the day of the departments";
}

TEST_P(Review, VerifiesTheSignersJwsIfTheRequestHasOne) {
  const v1::Routing routing = Open();
  OpineAll(routing.name(), {kX, kY});
  testing::TokenIssuer issuer;
  issuer.AddEcKey("sponsor");
  const auto sign = [&](const std::string& claim) {
    const std::string jws = issuer.Sign(R"({"alg":"ES256"})", claim, "sponsor");
    v1::SignBucpRequest request;
    request.set_routing(routing.name());
    request.set_capacity(v1::CAPACITY_EXECUTIVE_SPONSOR);
    request.set_digest(DigestOf('a'));
    request.set_jws(jws.substr(0, jws.find('.')) + ".." + jws.substr(jws.rfind('.') + 1));
    return harness_->Ask<v1::SignBucpResponse>(At(kX, "sponsor"), request);
  };
  const auto claim_of = [](const std::string& entity) {
    return R"({"capacity":"CAPACITY_EXECUTIVE_SPONSOR","digest":")" + DigestOf('a') + R"(","entity":")" +
           entity + R"(","revision":"bucps/1/revisions/a"})";
  };
  EXPECT_THAT(sign(claim_of(kX)), FailsWith(Reason::ERROR_REASON_PUBLIC_KEY_MISSING));
  public_key_ = issuer.PublicKey("sponsor");
  EXPECT_THAT(sign(claim_of(kY)), FailsWith(Reason::ERROR_REASON_SIGNATURE_INVALID));
  const auto taken = sign(claim_of(kX));
  ASSERT_THAT(taken, IsOk());
  EXPECT_EQ(taken->signature().public_key(), public_key_);
  EXPECT_FALSE(taken->signature().jws().empty());
}

TEST_P(Review, RefusesASignedClaimOnAnotherFreezeOfTheSameRevision) {
  testing::TokenIssuer issuer;
  issuer.AddEcKey("sponsor");
  public_key_ = issuer.PublicKey("sponsor");
  const std::string routing = Open(kX, kY, 'a', 2).name();
  OpineAll(routing, {kX, kY});
  const auto sign = [&](const std::string& freeze) {
    const std::string jws =
        issuer.Sign(R"({"alg":"ES256"})",
                    R"({"capacity":"CAPACITY_EXECUTIVE_SPONSOR","digest":")" + DigestOf('a') +
                        R"(","entity":")" + kX + "\"," + freeze + R"("revision":"bucps/1/revisions/a"})",
                    "sponsor");
    v1::SignBucpRequest request;
    request.set_routing(routing);
    request.set_capacity(v1::CAPACITY_EXECUTIVE_SPONSOR);
    request.set_digest(DigestOf('a'));
    request.set_jws(jws.substr(0, jws.find('.')) + ".." + jws.substr(jws.rfind('.') + 1));
    return harness_->Ask<v1::SignBucpResponse>(At(kX, "sponsor"), request);
  };
  EXPECT_THAT(sign(""), FailsWith(Reason::ERROR_REASON_SIGNATURE_INVALID));
  EXPECT_THAT(sign(R"("freezeNumber":1,)"), FailsWith(Reason::ERROR_REASON_SIGNATURE_INVALID));
  EXPECT_THAT(sign(R"("freezeNumber":2,)"), IsOk());
}

TEST_P(Review, ReturnsToBothPartiesOnRequest) {
  const std::string name = OpenAtCoordinators();
  v1::RequestChangesRequest request;
  request.set_name(name);
  request.set_digest(DigestOf('b'));
  request.set_reason("transfer by portal");
  const auto ask = [&](const testing::TestCaller& who) {
    return harness_->Ask<v1::RequestChangesResponse>(who, request);
  };
  EXPECT_THAT(ask(At(kX, "security")), FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
  request.set_digest(DigestOf('a'));
  EXPECT_THAT(ask(At(kX)), FailsWith(Reason::ERROR_REASON_TOKEN_REQUIRED));
  EXPECT_THAT(ask(At("entities/stranger", "security")), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  ASSERT_THAT(ask(At(kX, "security")), IsOk());
  EXPECT_THAT(ask(At(kX, "security")), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_THAT(SignAsCoordinator(name, kX), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_EQ(CountEvents(kChangesRequested), 1);
  // Drafting refuses the event while a dispute holds the BUCP. It is recorded again.
  ASSERT_THAT(Hold(), IsOk());
  EXPECT_EQ(Release()->state(), v1::ROUTING_STATE_RETURNED);
  EXPECT_EQ(CountEvents(kChangesRequested), 2);
  EXPECT_EQ(CountEvents(kOpinionsCompleted), 1);
  EXPECT_EQ(Close()->state(), v1::ROUTING_STATE_CLOSED);
}

TEST_P(Review, ListsByBucpAndState) {
  const std::string first = Open().name();
  ASSERT_THAT(Close(), IsOk());
  const std::string second = Open().name();
  v1::ListRoutingsRequest list;
  list.set_filter("bucp = \"bucps/1\" AND state = ROUTING_STATE_OPINIONS");
  const auto open = harness_->Ask<v1::ListRoutingsResponse>(testing::Service("inventory"), list);
  ASSERT_THAT(open, IsOk());
  ASSERT_EQ(open->routings_size(), 1);
  EXPECT_EQ(open->routings(0).name(), second);
  EXPECT_EQ(open->routings(0).steps_size(), 0);
  list.set_filter("bucp = \"bucps/2\"");
  EXPECT_EQ(harness_->Ask<v1::ListRoutingsResponse>(At(kX), list)->routings_size(), 0);
}

INSTANTIATE_TEST_SUITE_P(Every, Review, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::review
