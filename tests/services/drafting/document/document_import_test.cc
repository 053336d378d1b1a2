#include "services/drafting/document/docx_package.h"
#include "tests/services/drafting/document/documents_fixture.h"
#include "tests/services/drafting/document/word_form.h"

// ImportDocument with files as people write them, and into existing BUCPs.
namespace idea::drafting {
namespace {

using document::WordForm;
using status::Reason;
using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;

class DocumentImports : public Documents {
 protected:
  absl::StatusOr<v1::ImportDocumentResponse> Into(const std::string& name, const std::string& docx,
                                                  const std::string& entity = kRecipientDept,
                                                  bool validate_only = false,
                                                  const v1::SectionEtags& etags = {}) {
    v1::ImportDocumentRequest request;
    request.set_document(docx);
    request.set_into(name);
    request.set_validate_only(validate_only);
    *request.mutable_section_etags() = etags;
    return harness_->Ask<v1::ImportDocumentResponse>(By(entity), request);
  }
  // The BUCP as a file, with another content.
  static std::string FileOf(const v1::Bucp& bucp, const v1::Content& content) {
    v1::Bucp changed = bucp;
    *changed.mutable_content() = content;
    document::Facts facts;
    facts.entities = {{kRecipientDept, "California Department of Social Services"},
                      {kProviderDept, "Department of Health Care Services"}};
    return document::ToDocx(document::Compose(changed, "d", facts, document::View::kForm));
  }
};
INSTANTIATE_TEST_SUITE_P(Every, DocumentImports, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

constexpr char kContacts[] = "business_case.contact_information";

TEST_P(DocumentImports, KeepTextsWithoutADirectory) {
  WordForm file;
  file.Put(kContacts, {"Data Recipient Contacts", "Data Coordinator Contact", "Name: Ada Coordinator",
                       "Division/Department: CalFresh Branch / California Department of Social Services",
                       "Email: ada@example.org", "Data Provider Contacts", "Data Coordinator Contact",
                       "Name: Bo Coordinator", "Division/Department: Dept. of Health Care Services"})
      .Put("business_case.use_case_name", {"A match"});
  const auto imported = Import(file.Docx());
  ASSERT_THAT(imported, IsOk());
  const v1::Bucp stored = Must(Get(imported->bucp().name()));
  EXPECT_EQ(stored.title(), "A match");
  EXPECT_THAT(stored.content().recipients(), ::testing::ElementsAre(kRecipientDept));
  EXPECT_THAT(stored.content().providers(), ::testing::ElementsAre(kProviderDept));
  const auto& contacts = stored.content().business_case().contact_information().departments();
  ASSERT_EQ(contacts.size(), 2);
  EXPECT_EQ(contacts[0].data_coordinator_text().email(), "ada@example.org");
  EXPECT_EQ(contacts[1].data_coordinator_text().display_name(), "Bo Coordinator");
}

TEST_P(DocumentImports, UseTheCallerAsRecipientIfTheFileNamesNone) {
  WordForm file;
  file.Put(kContacts,
           {"Data Recipient Contacts", "Data Coordinator Contact", "Name: Ada Coordinator",
            "Division/Department: CalFresh Branch", "Data Provider Contacts", "Data Coordinator Contact",
            "Name: Bo Coordinator", "Division/Department: Health Branch"});
  const auto refused = Import(file.Docx());
  EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(refused.status().ToString(), HasSubstr("name them in `providers`"));
  v1::ImportDocumentRequest request;
  request.set_document(file.Docx());
  request.add_providers(kProviderDept);
  const auto imported = harness_->Ask<v1::ImportDocumentResponse>(By(kRecipientDept), request);
  ASSERT_THAT(imported, IsOk());
  EXPECT_THAT(imported->bucp().content().recipients(), ::testing::ElementsAre(kRecipientDept));
  EXPECT_EQ(imported->unread(0).field(), "recipients");
  EXPECT_EQ(imported->unread(0).kind(), v1::UNREAD_KIND_GUESSED);
}

TEST_P(DocumentImports, IntoADraftShowTheDifferenceFirst) {
  const v1::Bucp bucp = Must(Create(CompleteContent()));
  v1::Content content = CompleteContent();
  content.mutable_technical()->mutable_data_transfer()->set_description("by courier");
  content.mutable_administrative()->mutable_research()->Clear();
  const std::string file = FileOf(bucp, content);
  const auto shown = Into(bucp.name(), file, kRecipientDept, true);
  ASSERT_THAT(shown, IsOk());
  ASSERT_EQ(shown->changes_size(), 1);
  EXPECT_EQ(shown->changes(0).field(), "technical.data_transfer.description");
  EXPECT_EQ(shown->changes(0).after(), "by courier");
  EXPECT_EQ(shown->bucp().name(), bucp.name());
  EXPECT_EQ(Must(Get(bucp.name())).revision(), 1);

  const auto updated = Into(bucp.name(), file);
  ASSERT_THAT(updated, IsOk());
  const v1::Bucp stored = Must(Get(bucp.name()));
  EXPECT_EQ(stored.revision(), 2);
  EXPECT_EQ(stored.content().technical().data_transfer().description(), "by courier");
  // A field that the file does not mention is kept.
  EXPECT_EQ(stored.content().administrative().research().DebugString(),
            bucp.content().administrative().research().DebugString());

  // Importing again changes nothing.
  const auto again = Into(bucp.name(), file);
  ASSERT_THAT(again, IsOk());
  EXPECT_THAT(again->changes(), IsEmpty());
  EXPECT_EQ(Must(Get(bucp.name())).revision(), 2);
}

TEST_P(DocumentImports, KeepValuesThatTheOfficialTemplateCannotContain) {
  v1::Content content = CompleteContent();
  content.mutable_business_case()
      ->mutable_use_case_description()
      ->mutable_purpose_class()
      ->set_retention_days(30);
  content.mutable_technical()->mutable_data_elements()->mutable_elements(0)->add_providers(kProviderDept);
  const v1::Bucp bucp = Must(Create(content));
  EXPECT_THAT(Into(bucp.name(), FileOf(bucp, content))->changes(), IsEmpty());
  v1::Content changed = content;
  changed.mutable_business_case()->mutable_use_case_description()->set_benefits("fewer forms");
  ASSERT_EQ(Into(bucp.name(), FileOf(bucp, changed))->changes_size(), 1);
  EXPECT_EQ(Must(Get(bucp.name())).content().DebugString(), changed.DebugString());

  // A file without them keeps them. A file with others changes them.
  v1::Content without = changed;
  without.mutable_business_case()->mutable_use_case_description()->clear_purpose_class();
  without.mutable_technical()->mutable_data_elements()->mutable_elements(0)->clear_providers();
  EXPECT_THAT(Into(bucp.name(), FileOf(bucp, without))->changes(), IsEmpty());
  changed.mutable_business_case()
      ->mutable_use_case_description()
      ->mutable_purpose_class()
      ->set_retention_days(60);
  EXPECT_EQ(Into(bucp.name(), FileOf(bucp, changed))->changes_size(), 1);
  EXPECT_EQ(Must(Get(bucp.name())).content().DebugString(), changed.DebugString());
}

TEST_P(DocumentImports, IntoASentBucpChangeOnlyFieldsOfTheCaller) {
  const v1::Bucp bucp = NewSent();
  v1::Content content = CompleteContent();
  content.mutable_business_case()->mutable_use_case_description()->set_purpose("rewritten by the provider");
  content.mutable_technical()->mutable_data_transfer()->set_description("by courier");
  for (auto& entry : *content.mutable_administrative()->mutable_legal_authority()->mutable_departments()) {
    entry.set_text("rewritten for " + entry.entity());
  }
  const auto updated = Into(bucp.name(), FileOf(bucp, content), kProviderDept);
  ASSERT_THAT(updated, IsOk());
  const v1::Content stored = Must(Get(bucp.name())).content();
  EXPECT_EQ(stored.technical().data_transfer().description(), "by courier");
  EXPECT_EQ(stored.business_case().DebugString(), bucp.content().business_case().DebugString());
  for (const auto& entry : stored.administrative().legal_authority().departments()) {
    EXPECT_EQ(entry.text() == "rewritten for " + entry.entity(), entry.entity() == kProviderDept);
  }
  std::vector<std::string> kept;
  for (const auto& unread : updated->unread()) {
    kept.push_back(unread.field());
    EXPECT_THAT(unread.text(), HasSubstr("rewritten"));
    EXPECT_EQ(unread.kind(), v1::UNREAD_KIND_NOT_STORED);
  }
  EXPECT_THAT(kept,
              ::testing::ElementsAre("business_case.use_case_description", "administrative.legal_authority"));
}

TEST_P(DocumentImports, IntoAChangedSectionAreRefused) {
  const v1::Bucp bucp = NewSent();
  v1::Content content = CompleteContent();
  content.mutable_technical()->mutable_data_transfer()->set_description("by courier");
  ASSERT_THAT(Update(bucp.name(), content, {"technical"}), IsOk());
  content.mutable_technical()->mutable_data_transfer()->set_description("by hand");
  const std::string file = FileOf(bucp, content);
  EXPECT_THAT(Into(bucp.name(), file, kRecipientDept, false, bucp.section_etags()),
              FailsWith(Reason::ERROR_REASON_STALE_ETAG));
  EXPECT_THAT(Into(bucp.name(), file), IsOk());
}

TEST_P(DocumentImports, IntoABucpThatCannotBeEditedAreRefused) {
  const v1::Bucp frozen = NewFrozen();
  v1::Content content = CompleteContent();
  content.mutable_technical()->mutable_data_transfer()->set_description("by courier");
  const std::string file = FileOf(frozen, content);
  EXPECT_THAT(Into(frozen.name(), file), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_THAT(Into(frozen.name(), file, kStranger), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Into("bucps/none", file), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

}  // namespace
}  // namespace idea::drafting
