#include "common/digest/digest.h"
#include "common/ids/resource_names.h"
#include "services/drafting/document/docx_package.h"
#include "tests/services/drafting/document/documents_fixture.h"

// Documents with the real pipeline, a real registry and a real review.
namespace idea::drafting {
namespace {

using status::Reason;
using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;

// The person of an entity who has every role there.
std::string EverybodyOf(const std::string& entity) { return "all-" + ids::kEntities.IdIn(entity); }

TEST_P(Documents, AreRenderedInEachFormat) {
  const v1::Bucp bucp = NewSent();
  for (const auto& [format, suffix] :
       {std::pair(v1::DOCUMENT_FORMAT_HTML, ".html"), std::pair(v1::DOCUMENT_FORMAT_MD, ".md")}) {
    const auto rendered = Render(bucp.name(), format);
    ASSERT_THAT(rendered, IsOk());
    EXPECT_EQ(rendered->file_name(), std::string("bucp-calfresh-and-medi-cal-enrolment-match-r1") + suffix);
    EXPECT_EQ(rendered->digest(), digest::Digest(bucp.content()));
    EXPECT_EQ(rendered->revision(), bucp.name() + "/revisions/1");
    EXPECT_THAT(rendered->document(), HasSubstr("California Department of Social Services"));
    EXPECT_THAT(rendered->document(), HasSubstr("Mx"));
    EXPECT_THAT(rendered->notes(), IsEmpty());
  }
  EXPECT_THAT(DocxOf(bucp.name()), ::testing::StartsWith("PK"));
}

TEST_P(Documents, AreForThePartiesAndTheCdo) {
  const v1::Bucp bucp = NewSent();
  EXPECT_THAT(Render(bucp.name(), v1::DOCUMENT_FORMAT_MD, kProviderDept), IsOk());
  EXPECT_THAT(Render(bucp.name(), v1::DOCUMENT_FORMAT_MD, testing::kCdoEntity), IsOk());
  EXPECT_THAT(Render(bucp.name(), v1::DOCUMENT_FORMAT_MD, kStranger),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Render(bucp.name(), v1::DOCUMENT_FORMAT_UNSPECIFIED),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Render(bucp.name(), v1::DOCUMENT_FORMAT_MD, kRecipientDept, v1::DOCUMENT_VIEW_FULL, 7),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Render(bucp.name(), v1::DOCUMENT_FORMAT_MD, kRecipientDept, v1::DOCUMENT_VIEW_FULL, -1),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(Documents, ShowTheRequestedRevision) {
  const v1::Bucp bucp = NewSent();
  v1::Content content = CompleteContent();
  content.mutable_technical()->mutable_data_transfer()->set_description("by courier");
  ASSERT_THAT(Update(bucp.name(), content, {"technical"}), IsOk());
  const auto newest = Render(bucp.name(), v1::DOCUMENT_FORMAT_MD);
  EXPECT_THAT(newest->document(), HasSubstr("by courier"));
  const auto first = Render(bucp.name(), v1::DOCUMENT_FORMAT_MD, kRecipientDept, v1::DOCUMENT_VIEW_FULL, 1);
  EXPECT_THAT(first->document(), Not(HasSubstr("by courier")));
  EXPECT_EQ(first->digest(), digest::Digest(CompleteContent()));
}

TEST_P(Documents, ContainTheChecklistOfTheirDigest) {
  const v1::Bucp frozen = NewFrozen();
  Opine(frozen);
  const auto rendered = Render(frozen.name(), v1::DOCUMENT_FORMAT_HTML);
  ASSERT_THAT(rendered, IsOk());
  EXPECT_THAT(rendered->document(), HasSubstr("Mx. dhcs-legal"));
  EXPECT_THAT(rendered->document(), AllOf(HasSubstr("01/01/2026"), Not(HasSubstr("12/31/2025"))));
  env_.clock.SetZone(absl::FixedTimeZone(-8 * 3600));
  EXPECT_THAT(Render(frozen.name(), v1::DOCUMENT_FORMAT_HTML)->document(),
              AllOf(HasSubstr("12/31/2025"), Not(HasSubstr("01/01/2026"))));
  EXPECT_THAT(rendered->document(), HasSubstr(frozen.frozen_digest()));
  auto unfreeze = Of<v1::UnfreezeBucpRequest>(frozen.name());
  unfreeze.set_reason("an element is missing");
  ASSERT_THAT(AskForBucp<v1::UnfreezeBucpResponse>(By(kProviderDept), unfreeze), IsOk());
  EXPECT_THAT(Render(frozen.name(), v1::DOCUMENT_FORMAT_HTML)->document(), Not(HasSubstr("dhcs-legal")));
  // Another freeze of the same revision, while review does not know yet that the first one is over.
  ASSERT_EQ(Must(Freeze(frozen.name())).frozen_digest(), frozen.frozen_digest());
  EXPECT_THAT(Render(frozen.name(), v1::DOCUMENT_FORMAT_HTML)->document(), Not(HasSubstr("dhcs-legal")));
}

TEST_P(Documents, ShowTheSignatureOfTheEducationAgency) {
  using enum common::v1::ContactRole;
  for (const char* entity : {kRecipientDept, kProviderDept, kStranger}) {
    ASSERT_THAT(registry_->AddContact(entity, EverybodyOf(entity),
                                      {CONTACT_ROLE_LEGAL, CONTACT_ROLE_PRIVACY, CONTACT_ROLE_SECURITY,
                                       CONTACT_ROLE_EXECUTIVE_SPONSOR}),
                IsOk());
  }
  v1::Content content = EducationContent();
  content.mutable_administrative()->mutable_education_records()->set_source_agency(kStranger);
  const v1::Bucp frozen = Must(Freeze(Must(Send(Must(Create(content)).name())).name()));
  const std::string before = Render(frozen.name(), v1::DOCUMENT_FORMAT_MD)->document();
  EXPECT_THAT(before, HasSubstr("Education Agency Approvals"));
  EXPECT_THAT(before, Not(HasSubstr("signed electronically")));
  review::v1::RegisterOpinionRequest opinion;
  opinion.set_routing(Route(frozen));
  opinion.set_position(review::v1::POSITION_SUPPORTS);
  opinion.set_text("t");
  opinion.set_digest(frozen.frozen_digest());
  for (const auto discipline :
       {review::v1::DISCIPLINE_LEGAL, review::v1::DISCIPLINE_PRIVACY, review::v1::DISCIPLINE_SECURITY}) {
    opinion.set_discipline(discipline);
    for (const char* entity : {kRecipientDept, kProviderDept}) {
      ASSERT_THAT(review_harness_->Ask<review::v1::RegisterOpinionResponse>(
                      testing::At(entity, EverybodyOf(entity)), opinion),
                  IsOk());
    }
  }
  review::v1::SignBucpRequest sign;
  sign.set_routing(opinion.routing());
  sign.set_capacity(review::v1::CAPACITY_EDUCATION_AGENCY);
  sign.set_digest(frozen.frozen_digest());
  ASSERT_THAT(review_harness_->Ask<review::v1::SignBucpResponse>(
                  testing::At(kStranger, EverybodyOf(kStranger)), sign),
              IsOk());
  // The agency may read it.
  const auto after = Render(frozen.name(), v1::DOCUMENT_FORMAT_MD, kStranger);
  ASSERT_THAT(after, IsOk());
  const size_t block = after->document().find("Education Agency Approvals");
  ASSERT_NE(block, std::string::npos);
  EXPECT_THAT(after->document().substr(block), HasSubstr("signed electronically"));
  EXPECT_THAT(after->document().substr(block), HasSubstr("Mx. " + EverybodyOf(kStranger)));
  EXPECT_THAT(after->document().substr(0, block), Not(HasSubstr("signed electronically")));
  // A signature block is written and never read.
  const auto back = Import(DocxOf(frozen.name()), true);
  ASSERT_THAT(back, IsOk());
  EXPECT_THAT(back->unread(), IsEmpty());
  EXPECT_EQ(digest::Digest(back->bucp().content()), digest::Digest(content));
}

TEST_P(Documents, NoteAmendedOpinions) {
  const v1::Bucp frozen = NewFrozen();
  Opine(frozen);
  review::v1::ListOpinionsRequest list;
  list.set_parent(Route(frozen));
  const auto who = testing::At(kProviderDept, "dhcs-legal");
  review::v1::AmendOpinionRequest amend;
  amend.set_name(review_harness_->Ask<review::v1::ListOpinionsResponse>(who, list)->opinions(0).name());
  amend.set_position(review::v1::POSITION_OPPOSES);
  amend.set_text("on second thoughts");
  review::v1::Concern& concern = *amend.add_concerns();
  concern.set_kind(review::v1::CONCERN_KIND_CONCERN);
  concern.set_state(review::v1::CONCERN_STATE_OPEN);
  concern.set_text("which counties?");
  amend.set_digest(frozen.frozen_digest());
  ASSERT_THAT(review_harness_->Ask<review::v1::AmendOpinionResponse>(who, amend), IsOk());
  EXPECT_THAT(Render(frozen.name(), v1::DOCUMENT_FORMAT_MD)->document(),
              HasSubstr("(opposes, amended, 1 open concern)"));
  EXPECT_THAT(Render(frozen.name(), v1::DOCUMENT_FORMAT_MD)->document(), HasSubstr("which counties?"));
  EXPECT_THAT(Import(DocxOf(frozen.name()))->unread(), IsEmpty());
}

TEST_P(Documents, ShowOpposingOpinionsButNoRefusedOnes) {
  const v1::Bucp frozen = NewFrozen();
  Opine(frozen, review::v1::POSITION_OPPOSES);
  EXPECT_THAT(Render(frozen.name(), v1::DOCUMENT_FORMAT_MD)->document(), HasSubstr("(opposes)"));
  EXPECT_THAT(Import(DocxOf(frozen.name()))->unread(), IsEmpty());
  // In the next routing the opinion is valid until the department refuses that.
  review::v1::CloseRoutingRequest close;
  close.set_bucp(frozen.name());
  close.set_digest(frozen.frozen_digest());
  close.set_freeze_number(frozen.freeze_number());
  ASSERT_THAT(review_harness_->Ask<review::v1::CloseRoutingResponse>(testing::Service("drafting"), close),
              IsOk());
  auto unfreeze = Of<v1::UnfreezeBucpRequest>(frozen.name());
  unfreeze.set_reason("once more");
  ASSERT_THAT(AskForBucp<v1::UnfreezeBucpResponse>(By(kProviderDept), unfreeze), IsOk());
  review::v1::ListOpinionsRequest list;
  list.set_parent(Route(Must(Freeze(frozen.name()))));
  const auto who = testing::At(kProviderDept, "dhcs-legal");
  const auto carried = review_harness_->Ask<review::v1::ListOpinionsResponse>(who, list);
  ASSERT_THAT(carried, IsOk());
  ASSERT_EQ(carried->opinions_size(), 1);
  EXPECT_THAT(Render(frozen.name(), v1::DOCUMENT_FORMAT_MD)->document(),
              HasSubstr("(opposes, carried over)"));
  review::v1::RefuseCarryOverRequest refuse;
  refuse.set_name(carried->opinions(0).name());
  refuse.set_reason("the statute changed");
  ASSERT_THAT(review_harness_->Ask<review::v1::RefuseCarryOverResponse>(who, refuse), IsOk());
  EXPECT_THAT(Render(frozen.name(), v1::DOCUMENT_FORMAT_MD)->document(), Not(HasSubstr("(opposes")));
}

TEST_P(Documents, NoteMissingAnswersOfServices) {
  const v1::Bucp frozen = NewFrozen();
  Opine(frozen);
  review_down_ = registry_down_ = true;
  const auto rendered = Render(frozen.name(), v1::DOCUMENT_FORMAT_HTML);
  ASSERT_THAT(rendered, IsOk());
  ASSERT_EQ(rendered->notes_size(), 2);
  EXPECT_THAT(rendered->document(), HasSubstr(rendered->notes(0)));
  EXPECT_THAT(rendered->document(), HasSubstr(rendered->notes(1)));
  EXPECT_THAT(rendered->document(), HasSubstr(kProviderDept));
}

TEST_P(Documents, AreReadAsADraftWithTheSameContent) {
  const v1::Bucp bucp = NewSent(true);
  const auto imported = Import(DocxOf(bucp.name()));
  ASSERT_THAT(imported, IsOk());
  EXPECT_THAT(imported->unread(), IsEmpty());
  EXPECT_EQ(imported->template_version(), "V3");
  EXPECT_EQ(imported->bucp().content().DebugString(), bucp.content().DebugString());
  EXPECT_EQ(Get(imported->bucp().name())->state(), v1::STATE_DRAFT);
  EXPECT_NE(imported->bucp().name(), bucp.name());
}

TEST_P(Documents, WrittenWithoutTheRegistryAreReadToo) {
  const v1::Bucp bucp = NewSent();
  registry_down_ = true;
  const std::string docx = DocxOf(bucp.name());
  registry_down_ = false;
  const auto imported = Import(docx);
  ASSERT_THAT(imported, IsOk());
  EXPECT_EQ(imported->bucp().content().DebugString(), bucp.content().DebugString());
}

TEST_P(Documents, AreOnlyReadWithValidateOnly) {
  const std::string docx = DocxOf(NewSent().name());
  const size_t recorded = harness_->Events().size();
  const auto validated = Import(docx, true);
  ASSERT_THAT(validated, IsOk());
  EXPECT_EQ(validated->bucp().name(), "");
  EXPECT_EQ(validated->bucp().content().recipients_size(), 1);
  EXPECT_EQ(harness_->Events().size(), recorded);
}

TEST_P(Documents, MayMisspellTheirDepartments) {
  const v1::Bucp bucp = NewSent();
  const auto with = [&](const std::string& recipient, const std::string& provider) {
    document::Facts facts;
    facts.entities = {{kRecipientDept, recipient}, {kProviderDept, provider}};
    return document::ToDocx(document::Compose(bucp, "d", facts, document::View::kForm));
  };
  const std::string exact = "Department of Health Care Services";
  const auto taken = Import(with("Socal Services, Departmnt of", exact));
  ASSERT_THAT(taken, IsOk());
  EXPECT_EQ(taken->bucp().content().DebugString(), bucp.content().DebugString());
  ASSERT_EQ(taken->unread_size(), 1);
  EXPECT_EQ(taken->unread(0).field(), "recipients");
  EXPECT_THAT(taken->unread(0).problem(), HasSubstr(kRecipientDept));

  // Both are departments.
  for (const auto& [name, said] : {std::pair("Department", "may be one of several"), {"Nobody", "has no"}}) {
    const std::string own = "California Department of Social Services";
    const auto refused = Import(with(own, name));
    EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
    EXPECT_THAT(refused.status().ToString(), HasSubstr(said));
    const auto validated = Import(with(own, name), true);
    ASSERT_THAT(validated, IsOk());
    EXPECT_EQ(validated->bucp().name(), "");
    EXPECT_EQ(validated->bucp().content().technical().DebugString(),
              bucp.content().technical().DebugString());
    ASSERT_FALSE(validated->unread().empty());
    EXPECT_EQ(validated->unread(0).field(), "providers");
    EXPECT_THAT(validated->unread(0).problem(), HasSubstr(said));
  }
}

TEST_P(Documents, AreImportedByTheRulesOfADraft) {
  const std::string docx = DocxOf(NewSent().name());
  const size_t recorded = harness_->Events().size();
  // Not one of the recipients.
  EXPECT_THAT(Import(docx, false, kProviderDept), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  v1::ImportDocumentRequest request;
  request.set_document(docx);
  request.add_providers(kOutsider);
  EXPECT_THAT(harness_->Ask<v1::ImportDocumentResponse>(By(kRecipientDept), request),
              FailsWith(Reason::ERROR_REASON_NOT_SIGNATORY));
  request.set_providers(0, "entities/of-no-registry");
  EXPECT_THAT(harness_->Ask<v1::ImportDocumentResponse>(By(kRecipientDept), request),
              FailsWith(Reason::ERROR_REASON_UNKNOWN_ENTITY));
  request.set_providers(0, kProviderDept);
  request.add_providers(kProviderDept);
  EXPECT_THAT(harness_->Ask<v1::ImportDocumentResponse>(By(kRecipientDept), request),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  registry_down_ = true;
  EXPECT_THAT(Import(docx), FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
  EXPECT_EQ(harness_->Events().size(), recorded);
}

TEST_P(Documents, WithForbiddenTextsAreImportedWithoutThem) {
  v1::Bucp bucp = NewSent();
  const auto import = [&](const v1::Content& content) {
    v1::Bucp changed = bucp;
    *changed.mutable_content() = content;
    document::Facts facts;
    return Import(document::ToDocx(document::Compose(changed, "d", facts, document::View::kForm)), true);
  };
  for (const std::string& text : {std::string(20001, 'x'), std::string("\u202edrowssap")}) {
    v1::Content content = bucp.content();
    content.mutable_technical()->mutable_data_users()->set_description(text);
    const auto imported = import(content);
    ASSERT_THAT(imported, IsOk());
    ASSERT_EQ(imported->unread_size(), 1);
    EXPECT_EQ(imported->unread(0).field(), "technical.data_users");
    EXPECT_EQ(imported->unread(0).kind(), v1::UNREAD_KIND_NOT_STORED);
    EXPECT_THAT(imported->unread(0).problem(), HasSubstr("description: "));
    EXPECT_EQ(imported->unread(0).text(), text);
    content.mutable_technical()->mutable_data_users()->clear_description();
    EXPECT_EQ(digest::Digest(imported->bucp().content()), digest::Digest(content));
  }
  // A title in two lines is one line, an element that cannot be named is left out, dates agree.
  v1::Content content = bucp.content();
  content.mutable_business_case()->mutable_use_case_name()->set_title("CalFresh\noutreach");
  content.mutable_technical()->mutable_data_elements()->mutable_elements(0)->set_field_name("\u202eytnuoC");
  content.mutable_technical()->mutable_data_elements()->mutable_elements(1)->set_definition(
      std::string(2001, 'd'));
  content.mutable_administrative()->mutable_critical_dates()->mutable_end_date()->set_year(2020);
  const auto imported = import(content);
  ASSERT_THAT(imported, IsOk());
  EXPECT_EQ(imported->bucp().title(), "CalFresh outreach");
  const auto& elements = imported->bucp().content().technical().data_elements().elements();
  EXPECT_EQ(elements.size(), bucp.content().technical().data_elements().elements_size() - 1);
  EXPECT_EQ(elements[0].definition(), "");
  const auto& dates = imported->bucp().content().administrative().critical_dates();
  EXPECT_FALSE(dates.has_end_date());
  EXPECT_THAT(dates.deadlines(), HasSubstr("End date: 12/31/2020"));
  EXPECT_EQ(imported->unread_size(), 3);
  EXPECT_THAT(Import("not a file"), FailsWith(Reason::ERROR_REASON_DOCUMENT_REFUSED));
  EXPECT_THAT(Import(""), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Import(std::string(3000001, 'x')), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_EQ(harness_->Events().size(), 2);
}

TEST_P(Documents, IncludeTheGuidebooksMessages) {
  const v1::Bucp bucp = NewSent();
  const auto initiate = Message(bucp.name(), v1::MESSAGE_KIND_INITIATE_EXCHANGE);
  ASSERT_THAT(initiate, IsOk());
  EXPECT_THAT(initiate->to(), ::testing::ElementsAre("dhcs-program@example.org"));
  EXPECT_THAT(initiate->body(), HasSubstr("Department of Health Care Services"));
  EXPECT_THAT(initiate->body(), HasSubstr("p@example.org"));
  const auto legal = Message(bucp.name(), v1::MESSAGE_KIND_LEGAL_REVIEW, kProviderDept);
  ASSERT_THAT(legal, IsOk());
  EXPECT_THAT(legal->to(), ::testing::ElementsAre("dhcs-legal@example.org"));
  // The department has no such contact.
  const auto security = Message(bucp.name(), v1::MESSAGE_KIND_SECURITY_REVIEW, kProviderDept);
  EXPECT_THAT(security->to(), IsEmpty());
  EXPECT_THAT(security->body(), HasSubstr("security representative of Department of Health Care Services"));
  EXPECT_THAT(Message(bucp.name(), v1::MESSAGE_KIND_INITIATE_EXCHANGE, kProviderDept),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(Message(bucp.name(), v1::MESSAGE_KIND_KICKOFF_PLAN, kStranger),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Message(bucp.name(), v1::MESSAGE_KIND_UNSPECIFIED),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  registry_down_ = true;
  EXPECT_THAT(Message(bucp.name(), v1::MESSAGE_KIND_KICKOFF_PLAN),
              FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
}

// Guidebook step 4 with a department without contacts in the exchange.
TEST_P(Documents, InviteADepartmentWithoutAnyContact) {
  constexpr char kNew[] = "entities/board-n";
  ASSERT_THAT(registry_->Import("Board N,,,board,idea-list-of-signatories\n"), IsOk());
  v1::Content content = DraftContent();
  content.set_providers(0, kNew);
  auto& departments = *content.mutable_business_case()->mutable_contact_information()->mutable_departments();
  ASSERT_EQ(departments[1].entity(), kProviderDept);
  departments.RemoveLast();
  const std::string name = Must(Create(content)).name();
  EXPECT_THAT(Send(name), FailsWith(Reason::ERROR_REASON_INCOMPLETE));
  auto& entry = *departments.Add();
  entry.set_entity(kNew);
  entry.mutable_program_contact()->set_display_name("A. Lee");
  entry.mutable_program_contact()->set_email("a.lee@board.example.org");
  Must(Update(name, content, {"business_case.contact_information"}));
  const auto sent = harness_->Ask<v1::SendBucpResponse>(By(kRecipientDept), Of<v1::SendBucpRequest>(name));
  ASSERT_THAT(sent, IsOk());
  EXPECT_THAT(sent->invite(), ::testing::ElementsAre(kNew));
  const auto invitation = Message(name, v1::MESSAGE_KIND_INITIATE_EXCHANGE);
  ASSERT_THAT(invitation, IsOk());
  EXPECT_THAT(invitation->to(), ::testing::ElementsAre("a.lee@board.example.org"));
  EXPECT_THAT(invitation->body(), HasSubstr("Dear A. Lee,"));
  EXPECT_THAT(invitation->body(), HasSubstr("How to join\n\nBoard N"));
  EXPECT_THAT(invitation->eml(), HasSubstr("To: a.lee@board.example.org\r\n"));
  // Once it has a contact, the message is for that contact and not an invitation.
  ASSERT_THAT(registry_->AddContact(kNew, "n", {common::v1::CONTACT_ROLE_DATA_COORDINATOR}), IsOk());
  const auto known = Message(name, v1::MESSAGE_KIND_INITIATE_EXCHANGE);
  ASSERT_THAT(known, IsOk());
  EXPECT_THAT(known->to(), ::testing::ElementsAre("n@example.org"));
  EXPECT_THAT(known->body(), ::testing::Not(HasSubstr("How to join")));
}

TEST_P(Documents, ContainOpenCommentsOnlyIfRequested) {
  const v1::Bucp bucp = NewSent();
  v1::CreateCommentRequest comment;
  comment.set_parent(bucp.name());
  comment.mutable_comment()->set_field("administrative.research");
  comment.mutable_comment()->set_text("Is that <so>?");
  ASSERT_THAT(harness_->Ask<v1::CreateCommentResponse>(By(kProviderDept), comment), IsOk());
  auto request = Of<v1::RenderDocumentRequest>(bucp.name());
  request.set_format(v1::DOCUMENT_FORMAT_DOCX);
  request.set_with_comments(true);
  const auto rendered = harness_->Ask<v1::RenderDocumentResponse>(By(kRecipientDept), request);
  ASSERT_THAT(rendered, IsOk());
  const auto parts = document::UnpackDocx(rendered->document());
  ASSERT_THAT(parts, IsOk());
  EXPECT_THAT(parts->comments, HasSubstr("Is that &lt;so&gt;?"));
  EXPECT_THAT(parts->document, HasSubstr("commentReference"));
  // When read, it is a note and not part of the content.
  const auto back = Import(rendered->document(), true);
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(digest::Digest(back->bucp().content()), digest::Digest(bucp.content()));
  ASSERT_EQ(back->unread_size(), 1);
  EXPECT_EQ(back->unread(0).text(), "Is that <so>?");
  EXPECT_THAT(document::UnpackDocx(DocxOf(bucp.name()))->comments, IsEmpty());
  request.set_view(v1::DOCUMENT_VIEW_PUBLIC);
  EXPECT_THAT(harness_->Ask<v1::RenderDocumentResponse>(By(kRecipientDept), request),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  request.set_view(v1::DOCUMENT_VIEW_FULL);
  request.set_format(v1::DOCUMENT_FORMAT_HTML);
  EXPECT_THAT(harness_->Ask<v1::RenderDocumentResponse>(By(kRecipientDept), request),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(Documents, NoteCarriedOpinions) {
  const v1::Bucp frozen = NewFrozen();
  Opine(frozen);
  EXPECT_THAT(Render(frozen.name(), v1::DOCUMENT_FORMAT_MD)->document(), Not(HasSubstr("carried over")));
  review::v1::CloseRoutingRequest close;
  close.set_bucp(frozen.name());
  close.set_digest(frozen.frozen_digest());
  close.set_freeze_number(frozen.freeze_number());
  ASSERT_THAT(review_harness_->Ask<review::v1::CloseRoutingResponse>(testing::Service("drafting"), close),
              IsOk());
  auto unfreeze = Of<v1::UnfreezeBucpRequest>(frozen.name());
  unfreeze.set_reason("once more");
  ASSERT_THAT(AskForBucp<v1::UnfreezeBucpResponse>(By(kProviderDept), unfreeze), IsOk());
  Route(Must(Freeze(frozen.name())));
  EXPECT_THAT(Render(frozen.name(), v1::DOCUMENT_FORMAT_MD)->document(), HasSubstr("(carried over)"));
}

INSTANTIATE_TEST_SUITE_P(Every, Documents, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::drafting
