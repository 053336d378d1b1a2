#include "services/review/review_events.h"
#include "tests/services/review/review_fixture.h"
#include "tests/support/refusals.h"

namespace idea::review {
namespace {

class Opinions : public Review {
 protected:
  // The legal opinion of department X with one open question and one concern that is reconciled.
  absl::StatusOr<v1::Opinion> OpineWithConcerns(const std::string& routing) {
    v1::RegisterOpinionRequest request;
    request.set_routing(routing);
    request.set_discipline(v1::DISCIPLINE_LEGAL);
    request.set_position(v1::POSITION_CONCERNS);
    request.set_text("one thing is open");
    request.set_digest(DigestOf('a'));
    v1::Concern& open = *request.add_concerns();
    open.set_kind(v1::CONCERN_KIND_QUESTION);
    open.set_text("which statute?");
    open.set_state(v1::CONCERN_STATE_OPEN);
    v1::Concern& closed = *request.add_concerns();
    closed.set_kind(v1::CONCERN_KIND_CONCERN);
    closed.set_text("too wide");
    closed.set_state(v1::CONCERN_STATE_RECONCILED);
    closed.set_resolution("elements were dropped");
    ASSIGN_OR_RETURN(const auto response,
                     harness_->Ask<v1::RegisterOpinionResponse>(At(kX, "legal"), request));
    return response.opinion();
  }
  absl::StatusOr<v1::ReconcileConcernResponse> Reconcile(const std::string& opinion, int number,
                                                         const testing::TestCaller& who) {
    v1::ReconcileConcernRequest request;
    request.set_name(opinion);
    request.set_number(number);
    request.set_resolution("W&I 10850");
    return harness_->Ask<v1::ReconcileConcernResponse>(who, request);
  }
  absl::StatusOr<v1::Routing> Refuse(const std::string& opinion, const testing::TestCaller& who) {
    v1::RefuseCarryOverRequest request;
    request.set_name(opinion);
    request.set_reason("the statute changed");
    ASSIGN_OR_RETURN(const auto response, harness_->Ask<v1::RefuseCarryOverResponse>(who, request));
    return response.routing();
  }
  // An amendment by department X's "legal": supports, with these concerns.
  static v1::AmendOpinionRequest AmendmentOf(const std::string& opinion, char digest = 'a') {
    v1::AmendOpinionRequest request;
    request.set_name(opinion);
    request.set_position(v1::POSITION_SUPPORTS);
    request.set_text("nothing is open");
    request.set_digest(DigestOf(digest));
    return request;
  }
  static v1::Concern ConcernOf(int number, v1::ConcernState state, const std::string& resolution = "") {
    v1::Concern concern;
    concern.set_number(number);
    concern.set_kind(v1::CONCERN_KIND_CONCERN);
    concern.set_text("concern " + std::to_string(number));
    concern.set_state(state);
    concern.set_resolution(resolution);
    return concern;
  }
  absl::StatusOr<v1::AmendOpinionResponse> Amend(const v1::AmendOpinionRequest& request,
                                                 const testing::TestCaller& who = At(kX, "legal")) {
    env_.clock.Advance(clock::kSecond);
    return harness_->Ask<v1::AmendOpinionResponse>(who, request);
  }
  absl::StatusOr<v1::ListOpinionVersionsResponse> VersionsOf(const std::string& opinion,
                                                             const testing::TestCaller& who = At(kY)) {
    v1::ListOpinionVersionsRequest request;
    request.set_parent(opinion);
    return harness_->Ask<v1::ListOpinionVersionsResponse>(who, request);
  }
  std::vector<v1::Opinion> OpinionsOn(const std::string& routing) {
    v1::ListOpinionsRequest list;
    list.set_parent(routing);
    const auto listed = harness_->Ask<v1::ListOpinionsResponse>(At(kY), list);
    EXPECT_THAT(listed, IsOk());
    return {listed->opinions().begin(), listed->opinions().end()};
  }
  // The opinion of department X in a discipline.
  v1::Opinion OfX(const std::string& routing, v1::Discipline discipline) {
    for (const v1::Opinion& opinion : OpinionsOn(routing)) {
      if (opinion.entity() == kX && opinion.discipline() == discipline) return opinion;
    }
    return {};
  }
  // A legal, privacy or security opinion with this number of open concerns of 5,000 characters.
  v1::RegisterOpinionRequest WithOpenConcerns(const std::string& routing, v1::Discipline discipline,
                                              int count) {
    v1::RegisterOpinionRequest request;
    request.set_routing(routing);
    request.set_discipline(discipline);
    request.set_position(v1::POSITION_CONCERNS);
    request.set_text("much is open");
    request.set_digest(DigestOf('a'));
    for (int i = 0; i < count; ++i) {
      v1::Concern& concern = *request.add_concerns();
      concern.set_kind(v1::CONCERN_KIND_CONCERN);
      concern.set_text(std::string(5000, 'x'));
      concern.set_state(v1::CONCERN_STATE_OPEN);
    }
    return request;
  }
};

TEST_P(Opinions, ShowOpenConcernsAtEveryLaterStepUntilReconciled) {
  const std::string name = Open().name();
  const auto opinion = OpineWithConcerns(name);
  ASSERT_THAT(opinion, IsOk());
  EXPECT_EQ(opinion->concerns(0).person_name(), "Mx. legal");
  ASSERT_EQ(Get(name).open_concerns_size(), 1);
  EXPECT_EQ(Get(name).open_concerns(0).opinion(), opinion->name());
  for (const char* entity : {kX, kY}) {
    EXPECT_THAT(Opine(name, entity, v1::DISCIPLINE_PRIVACY, "privacy"), IsOk());
    EXPECT_THAT(Opine(name, entity, v1::DISCIPLINE_SECURITY, "security"), IsOk());
  }
  ASSERT_THAT(Opine(name, kY, v1::DISCIPLINE_LEGAL, "legal"), IsOk());
  const auto signed_by = SignAsSponsor(name, kY);
  ASSERT_THAT(signed_by, IsOk());
  EXPECT_EQ(signed_by->open_concerns_size(), 1);

  EXPECT_THAT(Reconcile(opinion->name(), 1, At(kY, "legal")), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(Reconcile(opinion->name(), 1, At(kX, "privacy")),
              FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  EXPECT_THAT(Reconcile(opinion->name(), 3, At(kX, "legal")), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Reconcile(opinion->name(), 2, At(kX, "legal")), FailsWith(Reason::ERROR_REASON_ALREADY_DONE));
  EXPECT_THAT(Reconcile(name + "/opinions/none", 1, At(kX, "legal")),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  const auto reconciled = Reconcile(opinion->name(), 1, At(kX, "legal"));
  ASSERT_THAT(reconciled, IsOk());
  EXPECT_EQ(reconciled->routing().open_concerns_size(), 0);
  EXPECT_EQ(OfX(name, v1::DISCIPLINE_LEGAL).concerns(0).resolution(), "W&I 10850");
  ASSERT_THAT(Hold(), IsOk());
  EXPECT_THAT(Reconcile(opinion->name(), 1, At(kX, "legal")), FailsWith(Reason::ERROR_REASON_ALREADY_DONE));
}

TEST_P(Opinions, HaveALimitOnTheirTotalSize) {
  const std::string name = Open().name();
  auto request = WithOpenConcerns(name, v1::DISCIPLINE_LEGAL, 100);
  for (v1::Concern& concern : *request.mutable_concerns()) {
    std::string text;
    for (int i = 0; i < 5000; ++i) text += "\u00e9";
    concern.set_text(text);
  }
  const auto refused = harness_->Ask<v1::RegisterOpinionResponse>(At(kX, "legal"), request);
  ASSERT_THAT(refused, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_EQ(testing::FieldsOf(refused.status()), std::vector<std::string>{"concerns"});
  const auto registered = harness_->Ask<v1::RegisterOpinionResponse>(
      At(kX, "legal"), WithOpenConcerns(name, v1::DISCIPLINE_LEGAL, 100));
  ASSERT_THAT(registered, IsOk());
  v1::AmendOpinionRequest amendment = AmendmentOf(registered->opinion().name());
  *amendment.mutable_concerns() = request.concerns();
  for (int i = 0; i < 100; ++i) amendment.mutable_concerns(i)->set_number(i + 1);
  EXPECT_THAT(Amend(amendment), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(Opinions, ShowTheOpenConcernsThatFitAndTheOthersLater) {
  const std::string name = Open().name();
  const auto legal = harness_->Ask<v1::RegisterOpinionResponse>(
      At(kX, "legal"), WithOpenConcerns(name, v1::DISCIPLINE_LEGAL, 100));
  ASSERT_THAT(legal, IsOk());
  for (const auto& [discipline, person] :
       {std::pair(v1::DISCIPLINE_PRIVACY, "privacy"), {v1::DISCIPLINE_SECURITY, "security"}}) {
    EXPECT_THAT(
        harness_->Ask<v1::RegisterOpinionResponse>(At(kX, person), WithOpenConcerns(name, discipline, 100)),
        IsOk());
  }
  const v1::Routing before = Get(name);
  EXPECT_LT(before.ByteSizeLong(), 1100U * 1024);
  const int shown = before.open_concerns_size();
  EXPECT_GT(shown, 150);
  EXPECT_LT(shown, 300);
  for (int i = 1; i <= 20; ++i) ASSERT_THAT(Reconcile(legal->opinion().name(), i, At(kX, "legal")), IsOk());
  EXPECT_EQ(Get(name).open_concerns_size(), shown);
  EXPECT_EQ(Get(name).open_concerns(0).number(), 21);
  v1::ListOpinionsRequest list;
  list.set_parent(name);
  int opinions = 0, pages = 0;
  do {
    const auto page = harness_->Ask<v1::ListOpinionsResponse>(At(kY), list);
    ASSERT_THAT(page, IsOk());
    EXPECT_LT(page->ByteSizeLong(), 1100U * 1024);
    opinions += page->opinions_size();
    list.set_page_token(page->next_page_token());
    ++pages;
  } while (!list.page_token().empty());
  EXPECT_EQ(opinions, 3);
  EXPECT_EQ(pages, 2);
}

// A concern names the delegation of the person who changed it last.
TEST_P(Opinions, RecordForWhomAConcernWasReconciled) {
  const auto delegation = registry_->Delegate(kX, "legal", common::v1::CONTACT_ROLE_LEGAL, env_.clock.Now());
  ASSERT_THAT(delegation, IsOk());
  const auto opinion = OpineWithConcerns(Open().name());
  ASSERT_THAT(opinion, IsOk());
  EXPECT_FALSE(opinion->concerns(0).has_on_behalf());
  const auto reconciled = Reconcile(opinion->name(), 1, At(kX, "deputy"));
  ASSERT_THAT(reconciled, IsOk());
  EXPECT_EQ(reconciled->opinion().concerns(0).person(), "deputy");
  EXPECT_EQ(reconciled->opinion().concerns(0).on_behalf().delegation(), delegation->name());
  EXPECT_EQ(reconciled->opinion().concerns(0).on_behalf().principal_name(), "Mx. legal");
}

TEST_P(Opinions, AreRefusedWithAnInconsistentConcern) {
  v1::RegisterOpinionRequest request;
  request.set_routing(Open().name());
  request.set_discipline(v1::DISCIPLINE_LEGAL);
  request.set_position(v1::POSITION_CONCERNS);
  request.set_text("t");
  request.set_digest(DigestOf('a'));
  v1::Concern& concern = *request.add_concerns();
  concern.set_kind(v1::CONCERN_KIND_CONCERN);
  concern.set_text("too wide");
  const auto ask = [&] { return harness_->Ask<v1::RegisterOpinionResponse>(At(kX, "legal"), request); };
  EXPECT_THAT(ask(), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));  // no state
  concern.set_state(v1::CONCERN_STATE_RECONCILED);
  EXPECT_THAT(ask(), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));  // no resolution
  concern.set_state(v1::CONCERN_STATE_OPEN);
  concern.set_resolution("somehow");
  EXPECT_THAT(ask(), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  concern.clear_resolution();
  EXPECT_THAT(ask(), IsOk());
}

TEST_P(Opinions, CarryOverToTheNextRevisionUnlessTheirFieldsChanged) {
  const std::string first = Open().name();
  OpineAll(first, {kX, kY});
  ASSERT_THAT(SignAsSponsor(first, kX), IsOk());
  ASSERT_THAT(Close(), IsOk());
  content_.mutable_technical()->mutable_data_transfer()->set_description("by portal");
  const v1::Routing second = Open(kX, kY, 'b');
  EXPECT_EQ(second.state(), v1::ROUTING_STATE_OPINIONS);
  EXPECT_EQ(CountEvents(kOpinionCarriedOver), 4);
  EXPECT_EQ(OpinionsOn(second.name()).size(), 4u);
  const v1::Opinion legal = OfX(second.name(), v1::DISCIPLINE_LEGAL);
  EXPECT_EQ(legal.carried_from(), OfX(first, v1::DISCIPLINE_LEGAL).name());
  EXPECT_EQ(legal.digest(), DigestOf('a'));
  EXPECT_EQ(OfX(second.name(), v1::DISCIPLINE_SECURITY).name(), "");
  for (const v1::RoutingStep& step : second.steps()) {
    const bool carried = step.kind() == v1::STEP_KIND_OPINION && step.discipline() != v1::DISCIPLINE_SECURITY;
    EXPECT_EQ(step.done(), carried) << step.ShortDebugString();
    EXPECT_EQ(!step.carried_from().empty(), carried);
  }
  v1::GetChecklistRequest request;
  request.set_name(second.name());
  const auto checklist = harness_->Ask<v1::GetChecklistResponse>(At(kX), request);
  ASSERT_THAT(checklist, IsOk());
  EXPECT_EQ(checklist->rows(2).recipient(), "01/01/26 Mx. legal (opposes, carried over)");
  EXPECT_EQ(checklist->rows(4).recipient(), "-");
  ASSERT_THAT(Opine(second.name(), kX, v1::DISCIPLINE_SECURITY, "security", 'b'), IsOk());
  EXPECT_EQ(Opine(second.name(), kY, v1::DISCIPLINE_SECURITY, "security", 'b')->state(),
            v1::ROUTING_STATE_SPONSORS);
}

TEST_P(Opinions, AreGivenAgainIfTheDepartmentRefusesTheCarryOver) {
  const std::string first = Open().name();
  const v1::Opinion asked = OpineWithConcerns(first).value_or(v1::Opinion());
  OpineAll(first, {kY});
  ASSERT_THAT(Opine(first, kX, v1::DISCIPLINE_PRIVACY, "privacy"), IsOk());
  ASSERT_THAT(Opine(first, kX, v1::DISCIPLINE_SECURITY, "security"), IsOk());
  ASSERT_THAT(Close(), IsOk());
  const v1::Routing second = Open(kX, kY, 'b');
  ASSERT_EQ(second.state(), v1::ROUTING_STATE_SPONSORS);
  ASSERT_EQ(second.open_concerns_size(), 1);
  const std::string legal = OfX(second.name(), v1::DISCIPLINE_LEGAL).name();
  EXPECT_EQ(second.open_concerns(0).opinion(), legal);
  EXPECT_THAT(Refuse(legal, At(kY, "legal")), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(Refuse(legal, At(kX, "privacy")), FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  EXPECT_THAT(Refuse(asked.name(), At(kX, "legal")), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  const auto refused = Refuse(legal, At(kX, "sponsor"));
  ASSERT_THAT(refused, IsOk());
  EXPECT_EQ(refused->state(), v1::ROUTING_STATE_OPINIONS);
  EXPECT_EQ(refused->open_concerns_size(), 0);
  EXPECT_THAT(Refuse(legal, At(kX, "legal")), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_EQ(Opine(second.name(), kX, v1::DISCIPLINE_LEGAL, "legal", 'b')->state(),
            v1::ROUTING_STATE_SPONSORS);
  ASSERT_THAT(Sign(second.name(), kY, v1::CAPACITY_EXECUTIVE_SPONSOR, "sponsor", 'b'), IsOk());
  EXPECT_THAT(Refuse(OfX(second.name(), v1::DISCIPLINE_PRIVACY).name(), At(kX, "privacy")),
              FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

TEST_P(Opinions, AreAmendedByTheirAuthorUntilTheFirstSignature) {
  const std::string name = Open(kX, kY, 'a', 1).name();
  const v1::Opinion first = OpineWithConcerns(name).value_or(v1::Opinion());
  EXPECT_EQ(first.version(), 1);
  EXPECT_EQ(first.freeze_number(), 1);
  EXPECT_THAT(VersionsOf(first.name())->opinions(), ::testing::IsEmpty());

  const v1::AmendOpinionRequest amendment = AmendmentOf(first.name());
  EXPECT_THAT(Amend(amendment, At(kY, "legal")), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(Amend(amendment, At(kX, "privacy")), FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  EXPECT_THAT(Amend(amendment, At("entities/stranger", "legal")), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Amend(amendment, At(kX)), FailsWith(Reason::ERROR_REASON_TOKEN_REQUIRED));
  ASSERT_THAT(registry_->AddContact(kX, "colleague", {common::v1::CONTACT_ROLE_LEGAL}), IsOk());
  const auto colleague = Amend(amendment, At(kX, "colleague"));
  EXPECT_THAT(colleague, FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_EQ(status::MetadataOf(colleague.status(), "by"), "legal");
  EXPECT_THAT(Amend(AmendmentOf(first.name(), 'b')), FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
  EXPECT_THAT(Amend(AmendmentOf(name + "/opinions/none")), FailsWith(Reason::ERROR_REASON_NOT_FOUND));

  const auto amended = Amend(amendment);
  ASSERT_THAT(amended, IsOk());
  EXPECT_EQ(amended->opinion().name(), first.name());
  EXPECT_EQ(amended->opinion().version(), 2);
  EXPECT_EQ(amended->opinion().position(), v1::POSITION_SUPPORTS);
  EXPECT_EQ(amended->opinion().concerns_size(), 2) << "nothing was said about them";
  EXPECT_EQ(amended->opinion().create_time().seconds(), first.create_time().seconds());
  EXPECT_GT(amended->opinion().amend_time().seconds(), first.create_time().seconds());
  EXPECT_EQ(amended->routing().steps(0).version(), 2);
  EXPECT_EQ(amended->routing().steps(0).record(), first.name());
  EXPECT_EQ(CountEvents(kOpinionAmended), 1);
  EXPECT_EQ(CountEvents(kOpinionRegistered), 1);
  EXPECT_THAT(Amend(amendment), FailsWith(Reason::ERROR_REASON_ALREADY_DONE));

  const auto versions = VersionsOf(first.name());
  ASSERT_THAT(versions, IsOk());
  ASSERT_EQ(versions->opinions_size(), 1);
  EXPECT_EQ(versions->opinions(0).SerializeAsString(), first.SerializeAsString());
  EXPECT_THAT(VersionsOf(first.name(), At("entities/stranger")), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(VersionsOf(name + "/opinions/none"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  v1::GetChecklistRequest checklist;
  checklist.set_name(name);
  EXPECT_EQ(harness_->Ask<v1::GetChecklistResponse>(At(kX), checklist)->rows(2).recipient(),
            "01/01/26 Mx. legal (1 open concern, amended)");

  ASSERT_THAT(Opine(name, kX, v1::DISCIPLINE_PRIVACY, "privacy"), IsOk());
  ASSERT_THAT(Opine(name, kX, v1::DISCIPLINE_SECURITY, "security"), IsOk());
  OpineAll(name, {kY});
  v1::AmendOpinionRequest once_more = AmendmentOf(first.name());
  once_more.set_position(v1::POSITION_OPPOSES);
  const auto third = Amend(once_more);
  ASSERT_THAT(third, IsOk());
  EXPECT_EQ(third->routing().state(), v1::ROUTING_STATE_SPONSORS) << "every opinion is still there";
  EXPECT_EQ(VersionsOf(first.name())->opinions_size(), 2);
  ASSERT_THAT(SignAsSponsor(name, kY), IsOk());
  EXPECT_THAT(Amend(amendment), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_EQ(OfX(name, v1::DISCIPLINE_LEGAL).version(), 3);
  EXPECT_EQ(OfX(name, v1::DISCIPLINE_LEGAL).position(), v1::POSITION_OPPOSES);
}

TEST_P(Opinions, AreAmendedOnceIfTheRequestIsRepeated) {
  const v1::Opinion first = OpineWithConcerns(Open().name()).value_or(v1::Opinion());
  v1::AmendOpinionRequest amendment = AmendmentOf(first.name());
  amendment.set_request_id("6f4d3a1c-52c5-4f0e-9d64-0d8a1b5c2e3f");
  const auto once = Amend(amendment), twice = Amend(amendment);
  ASSERT_THAT(twice, IsOk());
  EXPECT_EQ(twice->SerializeAsString(), once->SerializeAsString());
  EXPECT_EQ(VersionsOf(first.name())->opinions_size(), 1);
  amendment.set_text("something else");
  EXPECT_THAT(Amend(amendment), FailsWith(Reason::ERROR_REASON_REQUEST_ID_REUSED));
}

TEST_P(Opinions, OpenReconcileAndReopenConcernsWhenAmendedAndLoseNone) {
  const std::string name = Open().name();
  const v1::Opinion first = OpineWithConcerns(name).value_or(v1::Opinion());
  ASSERT_EQ(Get(name).open_concerns_size(), 1);
  v1::AmendOpinionRequest amendment = AmendmentOf(first.name());
  *amendment.add_concerns() = ConcernOf(1, v1::CONCERN_STATE_RECONCILED, "the statute is named now");
  *amendment.add_concerns() = ConcernOf(2, v1::CONCERN_STATE_OPEN);
  *amendment.add_concerns() = ConcernOf(0, v1::CONCERN_STATE_OPEN);
  const auto amended = Amend(amendment);
  ASSERT_THAT(amended, IsOk());
  ASSERT_EQ(amended->opinion().concerns_size(), 3);
  EXPECT_EQ(amended->opinion().concerns(0).resolution(), "the statute is named now");
  EXPECT_EQ(amended->opinion().concerns(1).state(), v1::CONCERN_STATE_OPEN);
  EXPECT_EQ(amended->opinion().concerns(2).number(), 3);
  EXPECT_EQ(amended->opinion().concerns(2).person(), "legal");
  ASSERT_EQ(amended->routing().open_concerns_size(), 2);
  EXPECT_EQ(amended->routing().open_concerns(0).number(), 2);
  EXPECT_EQ(amended->routing().open_concerns(1).number(), 3);
  EXPECT_THAT(Reconcile(first.name(), 3, At(kX, "legal")), IsOk());
  EXPECT_EQ(Get(name).open_concerns_size(), 1);

  v1::AmendOpinionRequest wrong = AmendmentOf(first.name());
  *wrong.add_concerns() = ConcernOf(4, v1::CONCERN_STATE_OPEN);
  EXPECT_THAT(Amend(wrong), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  *wrong.mutable_concerns(0) = ConcernOf(1, v1::CONCERN_STATE_RECONCILED);
  EXPECT_THAT(Amend(wrong), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  wrong.clear_concerns();
  for (int i = 0; i < 98; ++i) *wrong.add_concerns() = ConcernOf(0, v1::CONCERN_STATE_OPEN);
  EXPECT_THAT(Amend(wrong), FailsWith(Reason::ERROR_REASON_INVALID_FIELD)) << "101 in all";
  wrong.mutable_concerns()->RemoveLast();
  EXPECT_THAT(Amend(wrong), IsOk());
}

TEST_P(Opinions, HaveABoundedNumberOfVersions) {
  const v1::Opinion first = OpineWithConcerns(Open().name()).value_or(v1::Opinion());
  v1::AmendOpinionRequest amendment = AmendmentOf(first.name());
  for (int version = 2; version <= 50; ++version) {
    amendment.set_text("version " + std::to_string(version));
    ASSERT_THAT(Amend(amendment), IsOk()) << version;
  }
  amendment.set_text("one more");
  EXPECT_THAT(Amend(amendment), FailsWith(Reason::ERROR_REASON_LIMIT_REACHED));
  const auto versions = VersionsOf(first.name());
  ASSERT_EQ(versions->opinions_size(), 49);
  for (int i = 0; i < 49; ++i) EXPECT_EQ(versions->opinions(i).version(), i + 1);
}

TEST_P(Opinions, BelongToThisRevisionIfAmendedAfterACarryOver) {
  const std::string first = Open(kX, kY, 'a', 1).name();
  OpineAll(first, {kX, kY});
  ASSERT_THAT(Close(1), IsOk());
  const v1::Routing second = Open(kX, kY, 'b', 2);
  ASSERT_EQ(second.state(), v1::ROUTING_STATE_SPONSORS);
  const v1::Opinion carried = OfX(second.name(), v1::DISCIPLINE_LEGAL);
  EXPECT_EQ(carried.freeze_number(), 1);
  EXPECT_THAT(Amend(AmendmentOf(carried.name(), 'a')), FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
  EXPECT_THAT(Amend(AmendmentOf(carried.carried_from(), 'a')),
              FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED))
      << "that routing is closed";
  // The same text, on this revision.
  v1::AmendOpinionRequest same = AmendmentOf(carried.name(), 'b');
  same.set_position(carried.position());
  same.set_text(carried.text());
  const auto amended = Amend(same);
  ASSERT_THAT(amended, IsOk());
  EXPECT_EQ(amended->opinion().digest(), DigestOf('b'));
  EXPECT_EQ(amended->opinion().freeze_number(), 2);
  EXPECT_EQ(amended->opinion().carried_from(), "");
  EXPECT_EQ(amended->routing().steps(0).carried_from(), "");
  EXPECT_THAT(Refuse(carried.name(), At(kX, "sponsor")), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  const auto versions = VersionsOf(carried.name());
  ASSERT_EQ(versions->opinions_size(), 1);
  EXPECT_EQ(versions->opinions(0).carried_from(), carried.carried_from());
  EXPECT_EQ(OfX(first, v1::DISCIPLINE_LEGAL).version(), 1) << "what stood on the first revision stays";

  const v1::Opinion privacy = OfX(second.name(), v1::DISCIPLINE_PRIVACY);
  ASSERT_THAT(Refuse(privacy.name(), At(kX, "sponsor")), IsOk());
  EXPECT_THAT(Amend(AmendmentOf(privacy.name(), 'b'), At(kX, "privacy")),
              FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

INSTANTIATE_TEST_SUITE_P(Every, Opinions, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::review
