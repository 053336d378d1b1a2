#include "services/drafting/bucp/bucp_service.h"

#include <set>
#include <thread>

#include "common/digest/digest.h"
#include "google/rpc/error_details.pb.h"
#include "services/drafting/bucp/bucp_store.h"
#include "tests/services/drafting/drafting_fixture.h"

// What the parties themselves do.
namespace idea::drafting {
namespace {

using enum v1::State;
using status::Reason;
using testing::FailsWith;
using testing::IsOk;

class Drafting : public DraftingTest {
 protected:
  v1::SectionEtags EtagsOf(const std::string& name) { return Get(name)->section_etags(); }
  // The fields that an INCOMPLETE refusal names.
  static std::vector<std::string> GapsOf(const absl::Status& refusal) {
    std::vector<std::string> fields;
    google::rpc::PreconditionFailure failure;
    const google::rpc::Status wire = status::ToWire(refusal);
    for (const auto& detail : wire.details()) {
      if (!detail.UnpackTo(&failure)) continue;
      for (const auto& violation : failure.violations()) fields.push_back(violation.subject());
    }
    return fields;
  }
};

TEST_P(Drafting, StartsADraft) {
  const auto bucp = Create(DraftContent());
  ASSERT_THAT(bucp, IsOk());
  EXPECT_EQ(bucp->state(), STATE_DRAFT);
  EXPECT_EQ(bucp->title(), "CalFresh and Medi-Cal enrolment match");
  EXPECT_EQ(bucp->revision(), 1);
  EXPECT_EQ(Get(bucp->name())->ShortDebugString(), bucp->ShortDebugString());
  EXPECT_EQ(LastEvent().type(), "BucpCreated");
}

TEST_P(Drafting, StartsOnlyBetweenSignatoriesThatTheRegistryKnows) {
  v1::Content content = DraftContent();
  content.add_providers("entities/of-no-registry");
  const auto unknown = Create(content);
  EXPECT_THAT(unknown, FailsWith(Reason::ERROR_REASON_UNKNOWN_ENTITY));
  EXPECT_EQ(status::MetadataOf(unknown.status(), "entity"), "entities/of-no-registry");
  content.set_providers(1, kOutsider);
  const auto outside = Create(content);
  EXPECT_THAT(outside, FailsWith(Reason::ERROR_REASON_NOT_SIGNATORY));
  EXPECT_EQ(status::MetadataOf(outside.status(), "entity"), kOutsider);
}

TEST_P(Drafting, StartsOnlyByOneOfItsRecipients) {
  EXPECT_THAT(Create(DraftContent(), kProviderDept), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  v1::Content twice = DraftContent();
  twice.add_recipients(kRecipientDept);
  EXPECT_THAT(Create(twice), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(Drafting, StartsNothingWhileTheRegistryIsAway) {
  registry_down_ = true;
  EXPECT_THAT(Create(DraftContent()), FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
  registry_down_ = false;
  EXPECT_TRUE(harness_->Events().empty());
  const v1::Bucp bucp = Must(Create(DraftContent()));
  registry_down_ = true;
  EXPECT_THAT(Update(bucp.name(), CompleteContent(), {"technical"}), IsOk());
  v1::Content content = CompleteContent();
  content.add_providers(kStranger);
  EXPECT_THAT(Update(bucp.name(), content, {"providers"}), FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
}

TEST_P(Drafting, AnswersTheSameRequestTheSame) {
  v1::CreateBucpRequest request;
  *request.mutable_content() = DraftContent();
  request.set_request_id(ids::NewUuid());
  const auto first = Take<v1::CreateBucpResponse>(By(kRecipientDept), request);
  ASSERT_THAT(first, IsOk());
  registry_down_ = true;
  const auto again = Take<v1::CreateBucpResponse>(By(kRecipientDept), request);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->ShortDebugString(), first->ShortDebugString());
  EXPECT_EQ(harness_->Events().size(), 1);
  request.mutable_content()->mutable_business_case()->mutable_use_case_name()->set_title("Another");
  EXPECT_THAT(Take<v1::CreateBucpResponse>(By(kRecipientDept), request),
              FailsWith(Reason::ERROR_REASON_REQUEST_ID_REUSED));
}

TEST_P(Drafting, IsToAStrangerAsIfItWereNotThere) {
  const std::string name = NewSent().name();
  const std::string nowhere = "bucps/" + ids::NewUuid();
  // What the stranger reads, with the name that they asked for left out.
  const auto answer = [&](const std::string& asked) {
    const absl::Status refused = Get(asked, kStranger).status();
    std::string text = status::ToWire(refused).ShortDebugString();
    for (size_t at; (at = text.find(asked)) != std::string::npos;) text.erase(at, asked.size());
    return text;
  };
  EXPECT_THAT(Get(name, kStranger), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_EQ(answer(name), answer(nowhere));
  EXPECT_THAT(Update(name, CompleteContent(), {"technical"}, kStranger),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Amend(name, kStranger), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  v1::ListRevisionsRequest revisions;
  revisions.set_parent(name);
  EXPECT_THAT(harness_->Ask<v1::ListRevisionsResponse>(By(kStranger), revisions),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Take<v1::GetBucpResponse>(testing::At(testing::kCdoEntity), Of<v1::GetBucpRequest>(name)),
              IsOk());
}

TEST_P(Drafting, KeepsEditsOfTwoSectionsApart) {
  const std::string name = NewSent().name();
  const v1::SectionEtags read = EtagsOf(name);
  v1::Content content = CompleteContent();
  content.mutable_technical()->mutable_data_transfer()->set_description("by courier");
  content.mutable_administrative()->mutable_redisclosure()->set_terms("counties only");
  ASSERT_THAT(Update(name, content, {"technical"}, kProviderDept, read), IsOk());
  const auto second = Update(name, content, {"administrative.redisclosure"}, kRecipientDept, read);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->content().technical().data_transfer().description(), "by courier");
  EXPECT_EQ(second->content().administrative().redisclosure().terms(), "counties only");
  EXPECT_EQ(second->revision(), 3);
  content.mutable_technical()->mutable_data_users()->set_description("two analysts");
  const auto stale = Update(name, content, {"technical.data_users"}, kRecipientDept, read);
  EXPECT_THAT(stale, FailsWith(Reason::ERROR_REASON_STALE_ETAG));
  EXPECT_EQ(status::MetadataOf(stale.status(), "section"), "technical");
  EXPECT_EQ(status::MetadataOf(stale.status(), "etag"), EtagsOf(name).technical());
}

TEST_P(Drafting, TakesEditsOfTwoSectionsAtOnce) {
  const std::string name = NewSent().name();
  const v1::SectionEtags read = EtagsOf(name);
  const auto edit = [&](const char* section, const char* entity) {
    absl::StatusOr<v1::Bucp> done;
    do {
      done = Update(name, CompleteContent(), {section}, entity, read);
    } while (status::ReasonOf(done.status()) == Reason::ERROR_REASON_CONCURRENT_CHANGE);
    EXPECT_THAT(done, IsOk());
  };
  std::thread recipient(edit, "technical", kRecipientDept), provider(edit, "administrative", kProviderDept);
  recipient.join();
  provider.join();
  EXPECT_EQ(Get(name)->revision(), 3);
}

TEST_P(Drafting, BeginsAnEditAgainWhoseRevisionAnotherTookMeanwhile) {
  const v1::Bucp bucp = NewSent();
  auth::Caller author;
  author.entity = kRecipientDept;
  author.person = "p";
  int runs = 0;
  EXPECT_THAT(database().Write([&](storage::Transaction& db) -> absl::Status {
    if (++runs == 2) return absl::OkStatus();
    return InsertRevision(db, bucp, author, 0);
  }),
              IsOk());
  EXPECT_EQ(runs, 2);
}

TEST_P(Drafting, RefusesAnEditThatMakesNoSense) {
  const std::string name = NewSent().name();
  v1::Content content = CompleteContent();
  EXPECT_THAT(Update(name, content, {}), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Update(name, content, {"technical.nonsense"}), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  content.mutable_recipients()->Clear();
  EXPECT_THAT(Update(name, content, {"recipients"}), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  content.add_recipients(kStranger);
  EXPECT_THAT(Update(name, content, {"recipients"}), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  content.add_recipients(kOutsider);
  EXPECT_THAT(Update(name, content, {"recipients"}), FailsWith(Reason::ERROR_REASON_NOT_SIGNATORY));
  EXPECT_EQ(Get(name)->revision(), 1);
}

TEST_P(Drafting, SendsACompleteBusinessCaseOnly) {
  v1::Content content = DraftContent();
  content.mutable_business_case()->clear_data_categories();
  content.mutable_business_case()->clear_output_use();
  const v1::Bucp bucp = Must(Create(content));
  const auto refused = Send(bucp.name());
  EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INCOMPLETE));
  EXPECT_EQ(GapsOf(refused.status()),
            (std::vector<std::string>{"business_case.data_categories", "business_case.output_use"}));
  ASSERT_THAT(Update(bucp.name(), DraftContent(), {"business_case"}), IsOk());
  EXPECT_THAT(Send(bucp.name(), bucp.etag()), FailsWith(Reason::ERROR_REASON_STALE_ETAG));
  EXPECT_THAT(Send(bucp.name(), Get(bucp.name())->etag()), IsOk());
}

TEST_P(Drafting, FreezesACompleteOneByItsDigest) {
  const v1::Bucp half = Must(Send(Must(Create(DraftContent())).name()));
  const auto refused = Freeze(half.name());
  EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INCOMPLETE));
  EXPECT_EQ(GapsOf(refused.status()).size(), 12);
  const auto gaps = harness_->Ask<v1::CheckCompletenessResponse>(
      By(kProviderDept), Of<v1::CheckCompletenessRequest>(half.name()));
  ASSERT_THAT(gaps, IsOk());
  EXPECT_FALSE(gaps->complete());
  EXPECT_EQ(gaps->gaps_size(), 12);

  const v1::Bucp frozen = NewFrozen();
  EXPECT_EQ(frozen.state(), STATE_IN_REVIEW);
  EXPECT_EQ(frozen.frozen_digest(), digest::Digest(CompleteContent()));
  EXPECT_EQ(frozen.frozen_revision(), frozen.name() + "/revisions/1");
  EXPECT_THAT(Update(frozen.name(), CompleteContent(), {"technical"}),
              FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  auto unfreeze = Of<v1::UnfreezeBucpRequest>(frozen.name());
  unfreeze.set_reason("an element is missing");
  const auto thawed = Take<v1::UnfreezeBucpResponse>(By(kProviderDept), unfreeze);
  ASSERT_THAT(thawed, IsOk());
  EXPECT_EQ(thawed->frozen_digest(), "");
  EXPECT_EQ(LastMoved().digest(), frozen.frozen_digest());
}

TEST_P(Drafting, FreezesOnlyBetweenThoseWhoAreStillSignatories) {
  const v1::Bucp sent = NewSent();
  registry::v1::WithdrawEntityRequest leave;
  leave.set_name(kProviderDept);
  leave.set_evidence("letter on file");
  leave.mutable_withdraw_date()->set_year(2025);
  leave.mutable_withdraw_date()->set_month(12);
  leave.mutable_withdraw_date()->set_day(31);
  ASSERT_THAT(registry_->harness().Ask<registry::v1::WithdrawEntityResponse>(By(testing::kCdoEntity), leave),
              IsOk());
  const auto refused = Freeze(sent.name());
  EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_NOT_SIGNATORY));
  EXPECT_EQ(status::MetadataOf(refused.status(), "entity"), kProviderDept);
  EXPECT_EQ(Get(sent.name())->state(), STATE_SENT);
  registry_down_ = true;
  EXPECT_THAT(Freeze(sent.name()), FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
}

TEST_P(Drafting, TakesARevisionBackWhereReviewHeardThatChangesAreWanted) {
  const v1::Bucp frozen = NewFrozen();
  EXPECT_TRUE(frozen.has_send_time());
  auto unfreeze = Of<v1::UnfreezeBucpRequest>(frozen.name());
  unfreeze.set_reason("transfer by portal");
  unfreeze.set_digest(std::string(64, '0'));
  EXPECT_THAT(Take<v1::UnfreezeBucpResponse>(testing::Service("review"), unfreeze),
              FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
  unfreeze.set_digest(frozen.frozen_digest());
  // Review names the freeze, always.
  EXPECT_THAT(Take<v1::UnfreezeBucpResponse>(testing::Service("review"), unfreeze),
              FailsWith(Reason::ERROR_REASON_FREEZE_MISMATCH));
  unfreeze.set_freeze_number(frozen.freeze_number());
  EXPECT_THAT(Take<v1::UnfreezeBucpResponse>(testing::Service("dispute"), unfreeze),
              FailsWith(Reason::ERROR_REASON_CALLER_NOT_ALLOWED));
  const auto thawed = Take<v1::UnfreezeBucpResponse>(testing::Service("review"), unfreeze);
  ASSERT_THAT(thawed, IsOk());
  EXPECT_EQ(thawed->state(), v1::STATE_SENT);
}

TEST_P(Drafting, NumbersEveryFreezeAndTakesNoCommandOfAnother) {
  const v1::Bucp first = NewFrozen();
  EXPECT_EQ(first.freeze_number(), 1);
  auto unfreeze = Of<v1::UnfreezeBucpRequest>(first.name());
  unfreeze.set_reason("once more");
  unfreeze.set_freeze_number(2);
  EXPECT_THAT(Take<v1::UnfreezeBucpResponse>(By(kProviderDept), unfreeze),
              FailsWith(Reason::ERROR_REASON_FREEZE_MISMATCH));
  unfreeze.set_freeze_number(1);
  const auto thawed = Take<v1::UnfreezeBucpResponse>(By(kProviderDept), unfreeze);
  ASSERT_THAT(thawed, IsOk());
  EXPECT_EQ(thawed->freeze_number(), 1);
  EXPECT_EQ(LastMoved().freeze_number(), 1);
  const v1::Bucp second = Must(Freeze(first.name()));
  EXPECT_EQ(second.freeze_number(), 2);
  ASSERT_EQ(second.frozen_digest(), first.frozen_digest());
  v1::FrozenRevision frozen;
  ASSERT_TRUE(LastEvent().data().UnpackTo(&frozen));
  EXPECT_EQ(frozen.freeze_number(), 2);

  for (const int32_t other : {0, 1, 3}) {
    const auto refused = CompleteReviews(second.name(), second.frozen_digest(), other);
    EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_FREEZE_MISMATCH));
    EXPECT_EQ(status::MetadataOf(refused.status(), "freeze_number"), "2");
  }
  // A command of review that comes late.
  EXPECT_THAT(Take<v1::UnfreezeBucpResponse>(testing::Service("review"), unfreeze),
              FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
  unfreeze.set_digest(first.frozen_digest());
  EXPECT_THAT(Take<v1::UnfreezeBucpResponse>(testing::Service("review"), unfreeze),
              FailsWith(Reason::ERROR_REASON_FREEZE_MISMATCH));
  ASSERT_THAT(CompleteReviews(second.name(), second.frozen_digest(), 2), IsOk());
  EXPECT_THAT(CompleteSignatures(second.name(), second.frozen_digest(), 1),
              FailsWith(Reason::ERROR_REASON_FREEZE_MISMATCH));
  ASSERT_THAT(CompleteSignatures(second.name(), second.frozen_digest(), 2), IsOk());
  v1::ExecutedAgreement executed;
  ASSERT_TRUE(LastEvent().data().UnpackTo(&executed));
  EXPECT_EQ(executed.freeze_number(), 2);
}

TEST_P(Drafting, ExecutesWhatAnEarlierReleaseFrozeWithoutANumber) {
  v1::Bucp frozen = NewFrozen();
  frozen.clear_freeze_number();
  ASSERT_THAT(
      database().Write([&](storage::Transaction& db) { return SaveBucp(db, frozen.state(), frozen); }),
      IsOk());
  EXPECT_THAT(CompleteReviews(frozen.name(), frozen.frozen_digest(), 1),
              FailsWith(Reason::ERROR_REASON_FREEZE_MISMATCH));
  ASSERT_THAT(CompleteReviews(frozen.name(), frozen.frozen_digest(), 0), IsOk());
  EXPECT_THAT(CompleteSignatures(frozen.name(), frozen.frozen_digest(), 0), IsOk());
}

TEST_P(Drafting, KeepsEveryRevision) {
  const v1::Bucp bucp = NewSent();
  v1::Content content = CompleteContent();
  content.mutable_technical()->mutable_data_transfer()->set_description("by courier");
  ASSERT_THAT(Update(bucp.name(), content, {"technical"}, kProviderDept), IsOk());
  v1::ListRevisionsRequest list;
  list.set_parent(bucp.name());
  const auto all = harness_->Ask<v1::ListRevisionsResponse>(By(kRecipientDept), list);
  ASSERT_THAT(all, IsOk());
  ASSERT_EQ(all->revisions_size(), 2);
  EXPECT_EQ(all->revisions(0).author(), kProviderDept);
  EXPECT_EQ(all->revisions(0).digest(), digest::Digest(content));
  const auto get = [&](const std::string& number) {
    return harness_->Ask<v1::GetRevisionResponse>(
        By(kProviderDept), Of<v1::GetRevisionRequest>(bucp.name() + "/revisions/" + number));
  };
  ASSERT_THAT(get("1"), IsOk());
  EXPECT_EQ(get("1")->revision().content().SerializeAsString(), CompleteContent().SerializeAsString());
  EXPECT_THAT(get("3"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(get("01"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

TEST_P(Drafting, GoesBackAndIsGivenUp) {
  const std::string name = NewSent().name();
  auto back = Of<v1::ReturnBucpRequest>(name);
  back.set_reason("which members?");
  EXPECT_THAT(Take<v1::ReturnBucpResponse>(By(kRecipientDept), back),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_EQ(Take<v1::ReturnBucpResponse>(By(kProviderDept), back)->state(), STATE_DRAFT);
  EXPECT_THAT(Update(name, CompleteContent(), {"technical"}, kProviderDept),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  auto withdraw = Of<v1::WithdrawBucpRequest>(name);
  withdraw.set_reason("no budget");
  EXPECT_THAT(Take<v1::WithdrawBucpResponse>(By(kProviderDept), withdraw),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_EQ(Take<v1::WithdrawBucpResponse>(By(kRecipientDept), withdraw)->state(), STATE_WITHDRAWN);
}

TEST_P(Drafting, ListsWhatTheCallerIsAPartyToPageByPage) {
  for (int i = 0; i < 5; ++i) ASSERT_THAT(Create(DraftContent()), IsOk());
  const std::string sent = NewSent().name();
  v1::ListBucpsRequest list;
  list.set_filter("state = SENT AND text : \"calfresh\"");
  const auto found = harness_->Ask<v1::ListBucpsResponse>(By(kProviderDept), list);
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->bucps_size(), 1);
  EXPECT_EQ(found->bucps(0).name(), sent);
  EXPECT_FALSE(found->bucps(0).has_content());
  list.clear_filter();
  EXPECT_EQ(harness_->Ask<v1::ListBucpsResponse>(By(kStranger), list)->bucps_size(), 0);
  EXPECT_EQ(harness_->Ask<v1::ListBucpsResponse>(testing::At(testing::kCdoEntity), list)->bucps_size(), 6);
  std::set<std::string> names;
  list.set_page_size(4);
  do {
    const auto page = harness_->Ask<v1::ListBucpsResponse>(By(kRecipientDept), list);
    ASSERT_THAT(page, IsOk());
    for (const v1::Bucp& bucp : page->bucps()) names.insert(bucp.name());
    list.set_page_token(page->next_page_token());
  } while (!list.page_token().empty());
  EXPECT_EQ(names.size(), 6);
}

TEST_P(Drafting, SaysWhetherIdeaIsTheRightInstrument) {
  struct Case {
    v1::Answer public_records, internal_use;
    const char* third_party;
    v1::Applicability outcome;
    const char* citation;
    const char* next_step;
  };
  using enum v1::Applicability;
  const Case cases[] = {
      {v1::ANSWER_YES, v1::ANSWER_NO, "", APPLICABILITY_NOT_NEEDED, "guidebook step 1, flowchart question 1",
       "normal part of business"},
      {v1::ANSWER_NO, v1::ANSWER_YES, "", APPLICABILITY_NOT_NEEDED, "guidebook step 1, flowchart question 2",
       "normal part of business"},
      // The first question decides, and nobody asks who has signed.
      {v1::ANSWER_YES, v1::ANSWER_YES, "entities/of-no-registry", APPLICABILITY_NOT_NEEDED,
       "guidebook step 1, flowchart question 1", "normal part of business"},
      {v1::ANSWER_NO, v1::ANSWER_NO, kOutsider, APPLICABILITY_NOT_REQUIRED,
       "guidebook step 2, flowchart question 3", "agreement 16.1"},
      {v1::ANSWER_NO, v1::ANSWER_NO, "", APPLICABILITY_REQUIRED, "guidebook step 2, flowchart question 3",
       "guidebook step 3"},
  };
  for (const Case& row : cases) {
    v1::AssessApplicabilityRequest request;
    request.set_public_records(row.public_records);
    request.set_internal_use(row.internal_use);
    request.add_parties(kRecipientDept);
    request.add_parties(kProviderDept);
    if (*row.third_party != 0) request.add_parties(row.third_party);
    const auto said = harness_->Ask<v1::AssessApplicabilityResponse>(By(kStranger), request);
    ASSERT_THAT(said, IsOk());
    EXPECT_EQ(said->outcome(), row.outcome);
    EXPECT_EQ(said->citation(), row.citation);
    EXPECT_THAT(said->next_step(), ::testing::HasSubstr(row.next_step));
    EXPECT_EQ(said->not_signatories_size(), row.outcome == APPLICABILITY_NOT_REQUIRED ? 1 : 0);
  }
  v1::AssessApplicabilityRequest request;
  request.set_public_records(v1::ANSWER_NO);
  request.set_internal_use(v1::ANSWER_NO);
  request.add_parties(kRecipientDept);
  request.add_outside_parties("department of health CARE services");
  const auto known = harness_->Ask<v1::AssessApplicabilityResponse>(By(kStranger), request);
  EXPECT_THAT(known, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(known.status().message(), ::testing::HasSubstr(kProviderDept));
}

TEST_P(Drafting, AnswersAboutPartiesOutsideTheRegistry) {
  v1::AssessApplicabilityRequest request;
  request.set_public_records(v1::ANSWER_NO);
  request.set_internal_use(v1::ANSWER_NO);
  request.add_parties(kRecipientDept);
  request.add_parties("entities/of-no-registry");
  request.add_parties(kOutsider);
  request.add_outside_parties("County of Alameda");
  const auto said = harness_->Ask<v1::AssessApplicabilityResponse>(By(kStranger), request);
  ASSERT_THAT(said, IsOk());
  EXPECT_EQ(said->outcome(), v1::APPLICABILITY_NOT_REQUIRED);
  EXPECT_THAT(said->not_signatories(),
              ::testing::ElementsAre(kOutsider, "entities/of-no-registry", "County of Alameda"));
  EXPECT_THAT(said->unknown_parties(),
              ::testing::ElementsAre("entities/of-no-registry", "County of Alameda"));
  EXPECT_THAT(said->next_step(), ::testing::HasSubstr("County of Alameda"));
  EXPECT_THAT(said->next_step(), ::testing::HasSubstr("SearchEntities"));
  EXPECT_THAT(said->next_step(), ::testing::HasSubstr("agreement 16.1"));
  // Alone, a county is enough.
  request.clear_parties();
  request.add_parties(kRecipientDept);
  const auto county = harness_->Ask<v1::AssessApplicabilityResponse>(By(kStranger), request);
  ASSERT_THAT(county, IsOk());
  EXPECT_EQ(county->outcome(), v1::APPLICABILITY_NOT_REQUIRED);
  EXPECT_THAT(county->next_step(), ::testing::Not(::testing::HasSubstr("agreement 16.1")));
}

TEST_P(Drafting, AnswersAboutAnExchangeWithinOneDepartment) {
  for (const int times : {1, 2}) {
    v1::AssessApplicabilityRequest request;
    request.set_public_records(v1::ANSWER_NO);
    request.set_internal_use(v1::ANSWER_NO);
    for (int i = 0; i < times; ++i) request.add_parties(kRecipientDept);
    const auto said = harness_->Ask<v1::AssessApplicabilityResponse>(By(kRecipientDept), request);
    ASSERT_THAT(said, IsOk());
    EXPECT_EQ(said->outcome(), v1::APPLICABILITY_REQUIRED);
    EXPECT_THAT(said->next_step(), ::testing::HasSubstr("Memorandum of Agreement"));
  }
}

INSTANTIATE_TEST_SUITE_P(Every, Drafting, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::drafting
