#include "tests/services/drafting/drafting_fixture.h"
#include "tests/support/refusals.h"

// Requests that must not be stored: each fault with its path, and no effect.
namespace idea::drafting {
namespace {

using status::Reason;
using ::testing::Contains;
using testing::FailsWith;
using testing::IsOk;

class BadCalls : public DraftingTest {
 protected:
  // The error names the field, and no event was recorded.
  template <class Response, class Request>
  void Refused(const Request& request, const std::string& field, const std::string& what = "") {
    const size_t recorded = harness_->Events().size();
    const auto refused = harness_->Ask<Response>(By(kRecipientDept), request);
    EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INVALID_FIELD)) << what;
    EXPECT_THAT(testing::FieldsOf(refused.status()), Contains(field)) << what;
    EXPECT_EQ(harness_->Events().size(), recorded) << what;
  }
};

struct Spoiled {
  const char* name;
  const char* field;
  void (*spoil)(v1::Content&);
};

const Spoiled kSpoiled[] = {
    {"NoRecipient", "content.recipients", [](v1::Content& c) { c.clear_recipients(); }},
    {"NoProvider", "content.providers", [](v1::Content& c) { c.clear_providers(); }},
    {"ARecipientTwice", "content.recipients", [](v1::Content& c) { c.add_recipients(kRecipientDept); }},
    {"AProviderTwice", "content.providers", [](v1::Content& c) { c.add_providers(kProviderDept); }},
    {"APartyThatIsNotAnEntity", "content.providers[0]",
     [](v1::Content& c) { c.set_providers(0, "bucps/1"); }},
    {"APartyInLookalikeLetters", "content.providers[0]",
     [](v1::Content& c) { c.set_providers(0, "entities/depаrtment-of-health-care-services"); }},
    {"AnEndBeforeTheStart", "content.administrative.critical_dates.end_date",
     [](v1::Content& c) {
       c.mutable_administrative()->mutable_critical_dates()->mutable_end_date()->set_year(2020);
     }},
    {"ADayThatIsInvalid", "content.administrative.critical_dates.start_date",
     [](v1::Content& c) {
       c.mutable_administrative()->mutable_critical_dates()->mutable_start_date()->set_month(13);
     }},
    {"AnAnswerThatIsInvalid", "content.administrative.research.research",
     [](v1::Content& c) {
       c.mutable_administrative()->mutable_research()->set_research(static_cast<v1::Answer>(9));
     }},
    {"ATextOfTenMegabytes", "content.technical.data_transfer.description",
     [](v1::Content& c) {
       c.mutable_technical()->mutable_data_transfer()->set_description(std::string(10'000'000, 'x'));
     }},
    {"AControlCharacter", "content.business_case.use_case_name.title",
     [](v1::Content& c) { c.mutable_business_case()->mutable_use_case_name()->set_title("a\x01z"); }},
    {"ATitleOfTwoLines", "content.business_case.use_case_name.title",
     [](v1::Content& c) { c.mutable_business_case()->mutable_use_case_name()->set_title("a\nz"); }},
    {"AnOverride", "content.business_case.use_case_name.title",
     [](v1::Content& c) { c.mutable_business_case()->mutable_use_case_name()->set_title("a\u202ez"); }},
    {"AnElementTwice", "content.technical.data_elements.elements",
     [](v1::Content& c) {
       auto& elements = *c.mutable_technical()->mutable_data_elements();
       *elements.add_elements() = elements.elements(0);
     }},
    {"AnElementWithoutAType", "content.technical.data_elements.elements[0].type",
     [](v1::Content& c) {
       c.mutable_technical()->mutable_data_elements()->mutable_elements(0)->clear_type();
     }},
    {"ADepartmentTwice", "content.administrative.legal_authority.departments",
     [](v1::Content& c) {
       auto& texts = *c.mutable_administrative()->mutable_legal_authority();
       *texts.add_departments() = texts.departments(0);
     }},
    {"AContactThatIsInvalid", "content.business_case.contact_information.departments[0].data_coordinator",
     [](v1::Content& c) {
       c.mutable_business_case()->mutable_contact_information()->mutable_departments(0)->set_data_coordinator(
           std::string(kRecipientDept) + "/contacts/nobody");
     }},
};

TEST_P(BadCalls, StoreNoInvalidContent) {
  const std::string name = Must(Create(CompleteContent())).name();
  for (const Spoiled& row : kSpoiled) {
    v1::Content content = CompleteContent();
    row.spoil(content);
    v1::CreateBucpRequest create;
    *create.mutable_content() = content;
    Refused<v1::CreateBucpResponse>(create, row.field, row.name);
    auto update = Of<v1::UpdateBucpRequest>(name);
    *update.mutable_content() = content;
    for (const char* path : {"recipients", "providers", "business_case", "technical", "administrative"}) {
      update.mutable_update_mask()->add_paths(path);
    }
    Refused<v1::UpdateBucpResponse>(update, row.field, row.name);
  }
  EXPECT_EQ(Get(name)->revision(), 1);
}

TEST_P(BadCalls, StartNothingWithoutAContent) {
  Refused<v1::CreateBucpResponse>(v1::CreateBucpRequest(), "content");
  v1::CreateBucpRequest create;
  *create.mutable_content() = DraftContent();
  create.set_template_("v3");
  Refused<v1::CreateBucpResponse>(create, "template");
}

TEST_P(BadCalls, NameNoInvalidPath) {
  const std::string name = Must(Create(CompleteContent())).name();
  for (const char* path : {"", "state", "technical.nonsense", "technical.data_elements.elements[0]"}) {
    auto update = Of<v1::UpdateBucpRequest>(name);
    *update.mutable_content() = CompleteContent();
    update.mutable_update_mask()->add_paths(path);
    const auto refused = harness_->Ask<v1::UpdateBucpResponse>(By(kRecipientDept), update);
    EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INVALID_FIELD)) << path;
  }
}

TEST_P(BadCalls, NeedANameOfTheRightKind) {
  for (const char* name : {"", "bucps", "bucps/", "entities/x", "bucps/../x", "bucps/a/b", "BUCPS/x"}) {
    Refused<v1::GetBucpResponse>(Of<v1::GetBucpRequest>(name), "name", name);
    Refused<v1::SendBucpResponse>(Of<v1::SendBucpRequest>(name), "name", name);
    Refused<v1::FreezeBucpResponse>(Of<v1::FreezeBucpRequest>(name), "name", name);
    Refused<v1::AmendBucpResponse>(Of<v1::AmendBucpRequest>(name), "name", name);
    Refused<v1::CheckCompletenessResponse>(Of<v1::CheckCompletenessRequest>(name), "name", name);
    Refused<v1::ExportDataElementsResponse>(Of<v1::ExportDataElementsRequest>(name), "name", name);
    Refused<v1::GetRevisionResponse>(Of<v1::GetRevisionRequest>(name), "name", name);
    Refused<v1::GetTemplateResponse>(Of<v1::GetTemplateRequest>(name), "name", name);
    Refused<v1::ResolveCommentResponse>(Of<v1::ResolveCommentRequest>(name), "name", name);
    Refused<v1::ReopenCommentResponse>(Of<v1::ReopenCommentRequest>(name), "name", name);
  }
}

TEST_P(BadCalls, NeedAReasonForOtherParties) {
  const std::string name = NewSent().name();
  Refused<v1::ReturnBucpResponse>(Of<v1::ReturnBucpRequest>(name), "reason");
  Refused<v1::WithdrawBucpResponse>(Of<v1::WithdrawBucpRequest>(name), "reason");
  auto unfreeze = Of<v1::UnfreezeBucpRequest>(name);
  for (const std::string& reason : {std::string(), std::string(5001, 'x'), std::string("a\x1b[31mz")}) {
    unfreeze.set_reason(reason);
    Refused<v1::UnfreezeBucpResponse>(unfreeze, "reason");
  }
  auto send = Of<v1::SendBucpRequest>(name);
  send.set_request_id("1");
  Refused<v1::SendBucpResponse>(send, "request_id");
}

TEST_P(BadCalls, AssessOnlyAnsweredQuestions) {
  v1::AssessApplicabilityRequest request;
  Refused<v1::AssessApplicabilityResponse>(request, "public_records");
  request.set_public_records(v1::ANSWER_NO);
  request.set_internal_use(v1::ANSWER_NO);
  Refused<v1::AssessApplicabilityResponse>(request, "parties");
  request.add_parties(kRecipientDept);
  request.add_parties("department");
  Refused<v1::AssessApplicabilityResponse>(request, "parties[1]");
}

TEST_P(BadCalls, CompareOnlyRevisionsThatTheCallerSees) {
  const std::string one = NewSent().name();
  v1::DiffRevisionsRequest request;
  Refused<v1::DiffRevisionsResponse>(request, "from");
  request.set_from(one + "/revisions/1");
  request.set_to(one);
  Refused<v1::DiffRevisionsResponse>(request, "to");
  request.set_to(one + "/revisions/2");
  EXPECT_THAT(harness_->Ask<v1::DiffRevisionsResponse>(By(kRecipientDept), request),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  request.set_to(one + "/revisions/1");
  EXPECT_THAT(harness_->Ask<v1::DiffRevisionsResponse>(By(kStranger), request),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(harness_->Ask<v1::DiffRevisionsResponse>(By(kRecipientDept), request), IsOk());
}

TEST_P(BadCalls, AcceptNoPageTokenOfAnotherList) {
  const std::string one = NewSent().name(), two = NewSent().name();
  v1::ListBucpsRequest bucps;
  bucps.set_page_size(1);
  const auto page = harness_->Ask<v1::ListBucpsResponse>(By(kRecipientDept), bucps);
  ASSERT_THAT(page, IsOk());
  const auto refuse = [&](auto request, auto response, const std::string& token) {
    request.set_page_token(token);
    EXPECT_THAT(harness_->Ask<decltype(response)>(By(kRecipientDept), request),
                FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID))
        << request.GetTypeName() << " " << token;
  };
  v1::ListRevisionsRequest revisions;
  revisions.set_parent(one);
  v1::ListCommentsRequest comments;
  comments.set_parent(one);
  for (const std::string& token :
       {std::string("bm8"), std::string("!"), page->next_page_token() + "x", std::string(900, 'A')}) {
    refuse(bucps, v1::ListBucpsResponse(), token);
    refuse(revisions, v1::ListRevisionsResponse(), token);
    refuse(comments, v1::ListCommentsResponse(), token);
    refuse(v1::ListTemplatesRequest(), v1::ListTemplatesResponse(), token);
  }
  refuse(revisions, v1::ListRevisionsResponse(), page->next_page_token());
  bucps.set_filter("state = SENT");
  refuse(bucps, v1::ListBucpsResponse(), page->next_page_token());
  // The same list of another BUCP.
  ASSERT_THAT(Update(one, CompleteContent(), {"technical"}), IsOk());
  revisions.set_page_size(1);
  const auto first = harness_->Ask<v1::ListRevisionsResponse>(By(kRecipientDept), revisions);
  ASSERT_THAT(first, IsOk());
  revisions.set_parent(two);
  refuse(revisions, v1::ListRevisionsResponse(), first->next_page_token());
}

TEST_P(BadCalls, UpdateNoMissingComment) {
  const std::string bucp = NewSent().name();
  auto reword = Of<v1::UpdateCommentRequest>(bucp + "/comments/none");
  reword.set_text("fine");
  EXPECT_THAT(harness_->Ask<v1::UpdateCommentResponse>(By(kRecipientDept), reword),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  v1::CreateCommentRequest create;
  create.set_parent(bucp);
  create.mutable_comment()->set_field("technical");
  create.mutable_comment()->set_text("Which?");
  const auto comment = harness_->Ask<v1::CreateCommentResponse>(By(kRecipientDept), create);
  ASSERT_THAT(comment, IsOk());
  reword.set_name(comment->comment().name());
  for (const std::string& text :
       {std::string(), std::string(10'000'000, 'x'), std::string("a\x1b[31mz"), std::string("a\u202ez")}) {
    reword.set_text(text);
    Refused<v1::UpdateCommentResponse>(reword, "text");
  }
  reword.set_text("What?");
  reword.set_etag("0");
  EXPECT_THAT(harness_->Ask<v1::UpdateCommentResponse>(By(kRecipientDept), reword),
              FailsWith(Reason::ERROR_REASON_STALE_ETAG));
  reword.clear_etag();
  EXPECT_THAT(harness_->Ask<v1::UpdateCommentResponse>(By(kProviderDept), reword),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(harness_->Ask<v1::UpdateCommentResponse>(By(kStranger), reword),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  v1::ListCommentsRequest list;
  list.set_parent(bucp);
  for (const char* filter :
       {"text : x", "field : ", "resolved = maybe", "author", "author = x OR field = y"}) {
    list.set_filter(filter);
    EXPECT_THAT(harness_->Ask<v1::ListCommentsResponse>(By(kRecipientDept), list),
                FailsWith(Reason::ERROR_REASON_FILTER_INVALID))
        << filter;
  }
  list.clear_filter();
  EXPECT_EQ(harness_->Ask<v1::ListCommentsResponse>(By(kRecipientDept), list)->comments(0).text(), "Which?");
}

TEST_P(BadCalls, OfServicesChangeNothing) {
  const v1::Bucp frozen = NewFrozen();
  const size_t recorded = harness_->Events().size();
  const std::string digest(64, '0');
  const auto ask = [&](const char* service, auto request, auto response) {
    return harness_->Ask<decltype(response)>(testing::Service(service), request).status();
  };
  for (const std::string& name : {frozen.name(), std::string("bucps/00000000-0000-4000-8000-000000000000")}) {
    const Reason there =
        name == frozen.name() ? Reason::ERROR_REASON_STEP_NOT_ALLOWED : Reason::ERROR_REASON_NOT_FOUND;
    auto reviews = Of<v1::CompleteReviewsRequest>(name);
    reviews.set_digest(digest);
    reviews.set_freeze_number(frozen.freeze_number());
    EXPECT_THAT(ask("review", reviews, v1::CompleteReviewsResponse()),
                FailsWith(name == frozen.name() ? Reason::ERROR_REASON_DIGEST_MISMATCH : there));
    auto signatures = Of<v1::CompleteSignaturesRequest>(name);
    signatures.set_digest(digest);
    EXPECT_THAT(ask("review", signatures, v1::CompleteSignaturesResponse()), FailsWith(there));
    auto release = Of<v1::ReleaseBucpRequest>(name);
    release.set_dispute(kDispute);
    EXPECT_THAT(ask("dispute", release, v1::ReleaseBucpResponse()), FailsWith(there));
    auto reject = Of<v1::RejectBucpRequest>(name);
    reject.set_dispute(kDispute);
    EXPECT_THAT(ask("dispute", reject, v1::RejectBucpResponse()), FailsWith(there));
    auto filing = Of<v1::RecordFilingRequest>(name);
    filing.set_filing("filings/1");
    EXPECT_THAT(ask("inventory", filing, v1::RecordFilingResponse()), FailsWith(there));
    auto end = Of<v1::EndBucpRequest>(name);
    end.set_filing("filings/1");
    end.set_reason("7.4");
    EXPECT_THAT(ask("inventory", end, v1::EndBucpResponse()), FailsWith(there));
  }
  EXPECT_EQ(harness_->Events().size(), recorded);
  EXPECT_EQ(Get(frozen.name())->etag(), frozen.etag());
}

TEST_P(BadCalls, ImportNoFileWithOtherColumns) {
  const v1::Bucp sent = NewSent();
  auto request = Of<v1::ImportDataElementsRequest>(sent.name());
  Refused<v1::ImportDataElementsResponse>(request, "csv");
  request.set_csv("name,acronym\nx,y\n");
  Refused<v1::ImportDataElementsResponse>(request, "csv line 1");
  request.set_csv(std::string(3'000'001, 'x'));
  Refused<v1::ImportDataElementsResponse>(request, "csv");
  EXPECT_EQ(Get(sent.name())->revision(), 1);
}

TEST_P(BadCalls, ExportAndImportElementsUnchanged) {
  const v1::Bucp sent = NewSent();
  const auto exported = harness_->Ask<v1::ExportDataElementsResponse>(
      By(kProviderDept), Of<v1::ExportDataElementsRequest>(sent.name()));
  ASSERT_THAT(exported, IsOk());
  EXPECT_EQ(exported->rows(), 7);
  auto request = Of<v1::ImportDataElementsRequest>(sent.name());
  request.set_csv(exported->csv() + "Wage,currency,,,,,,\n");
  request.set_validate_only(true);
  const auto validated = harness_->Ask<v1::ImportDataElementsResponse>(By(kProviderDept), request);
  ASSERT_THAT(validated, IsOk());
  EXPECT_EQ(validated->unchanged(), 7);
  EXPECT_EQ(validated->added(), 1);
  EXPECT_EQ(Get(sent.name())->revision(), 1);
  request.set_validate_only(false);
  request.set_section_etag(sent.section_etags().technical());
  const auto imported = harness_->Ask<v1::ImportDataElementsResponse>(By(kProviderDept), request);
  ASSERT_THAT(imported, IsOk());
  EXPECT_EQ(imported->bucp().content().technical().data_elements().elements_size(), 8);
  request.clear_request_id();
  EXPECT_THAT(harness_->Ask<v1::ImportDataElementsResponse>(By(kProviderDept), request), IsOk())
      << "the same table changes nothing";
  request.set_csv(exported->csv());
  EXPECT_THAT(harness_->Ask<v1::ImportDataElementsResponse>(By(kProviderDept), request),
              FailsWith(Reason::ERROR_REASON_STALE_ETAG));
  EXPECT_THAT(harness_->Ask<v1::ImportDataElementsResponse>(By(kStranger), request),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

INSTANTIATE_TEST_SUITE_P(Every, BadCalls, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::drafting
