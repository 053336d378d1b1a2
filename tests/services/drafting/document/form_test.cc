#include "services/drafting/document/form.h"

#include "common/ids/ids.h"
#include "services/drafting/document/docx_package.h"
#include "services/drafting/document/template.h"
#include "services/drafting/template/field_rules.h"
#include "tests/services/drafting/document/sample_forms.h"

// The written files.
namespace idea::drafting::document {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Every form as text.
std::vector<std::string> Written(const Form& form) {
  const auto parts = UnpackDocx(ToDocx(form));
  EXPECT_THAT(parts, testing::IsOk());
  return {ToHtml(form), ToMarkdown(form), parts.ok() ? parts->document : ""};
}

TEST(AForm, HasTheTemplatesSectionsAndFieldsInItsOrder) {
  for (const std::string& text : Written(FormOf(CompleteContent()))) {
    size_t at = text.find("TEMPLATE FIELDS");
    ASSERT_NE(at, std::string::npos);
    const v1::Template bucp_template = BuiltInTemplate(false);
    for (const auto& section : bucp_template.sections()) {
      at = text.find(section.title(), at);
      ASSERT_NE(at, std::string::npos) << section.title();
      for (const Field& field : Fields()) {
        if (field.added || !field.path.starts_with(section.section())) continue;
        // Characters that Markdown escapes.
        const std::string title(field.title.substr(0, field.title.find_first_of("-(")));
        at = text.find(title, at);
        ASSERT_NE(at, std::string::npos) << field.title;
      }
    }
    EXPECT_THAT(text, Not(HasSubstr("FERPA for Educational Records")));
  }
}

TEST(AForm, HasTheAddendumOfEducationRecordsAfterTheTemplate) {
  v1::Content content = CompleteContent();
  content.mutable_business_case()->mutable_data_categories()->set_education_records(v1::ANSWER_YES);
  // Required and completed.
  for (const char* activity : {"", "matches enrolment with wages"}) {
    if (activity[0] != 0)
      content.mutable_administrative()->mutable_education_records()->set_activity(activity);
    for (const std::string& text : Written(FormOf(content))) {
      const size_t terms = text.find("Additional Terms"),
                   addendum = text.find("FERPA for Educational Records");
      ASSERT_NE(addendum, std::string::npos);
      EXPECT_LT(terms, addendum);
      EXPECT_NE(text.find(activity, addendum), std::string::npos);
      EXPECT_NE(text.find("Methodology", addendum), std::string::npos);
    }
    ExpectRoundTrip(content);
  }
}

TEST(AForm, UsesTheTextsOfItsTemplateVersion) {
  const v1::Content content = CompleteContent();
  Facts facts = FactsOf(content);
  facts.bucp_template = BuiltInTemplate(false);
  facts.bucp_template.mutable_version_date()->set_year(2028);
  facts.bucp_template.mutable_fields(6)->set_title("People with access");
  facts.bucp_template.mutable_fields(6)->set_help("Who they are.");
  const Form form = Compose(BucpWith(content), "d", facts, View::kForm);
  for (const std::string& text : Written(form)) {
    EXPECT_THAT(text, HasSubstr("July 1, 2028 version"));
    EXPECT_THAT(text, HasSubstr("People with access"));
    EXPECT_THAT(text, Not(HasSubstr("Data users")));
  }
  auto read = ReadDocx(
      ToDocx(form), {.titles = {{"People with access", "technical.data_users"}}, .helps = {"Who they are."}});
  ASSERT_THAT(read, testing::IsOk());
  EXPECT_THAT(read->unread, IsEmpty());
  EXPECT_EQ(read->content.technical().data_users().description(),
            content.technical().data_users().description());
}

TEST(AForm, ShowsTheRoutingTheRevisionAndTheDigest) {
  const v1::Content content = CompleteContent();
  Facts facts = FactsOf(content);
  facts.signoffs = {{kProviderDept, "Privacy Review", "01/31/2027", "P. Officer", "Privacy Chief"},
                    {kRecipientDept, "Executive Sponsor Review", "02/01/2027", "Sponsor Two", "Director"}};
  for (const std::string& text : Written(Compose(BucpWith(content), "0123abcd", facts, View::kForm))) {
    for (const char* shown : {"0123abcd", "01/31/2027", "Officer", "02/01/2027", "Sponsor Two",
                              "Privacy Chief", "12/01/2026", "01/04/2027", "12/31/2029"}) {
      EXPECT_THAT(text, HasSubstr(shown));
    }
  }
}

TEST(AForm, HasNoHeadingsWithoutATextUnlessPeopleCompleteIt) {
  v1::Content content = DraftContent();
  content.mutable_administrative()->mutable_research()->set_research(v1::ANSWER_NO);
  content.mutable_administrative()->mutable_redisclosure()->clear_allowed();
  content.mutable_administrative()->mutable_redisclosure()->clear_terms();
  content.mutable_administrative()->mutable_critical_dates()->clear_end_date();
  for (const View view : {View::kFull, View::kPublic}) {
    const Form form = FormOf(content, view);
    for (const FormSection& section : form.sections) {
      for (const FormField& field : section.fields) {
        if (field.title == "Approvals") continue;  // the blanks of signatures
        for (size_t i = 0; i < field.blocks.size(); ++i) {
          const Block& block = field.blocks[i];
          const bool last = i + 1 == field.blocks.size();
          if (block.style == Style::kLine) EXPECT_NE(block.text, "") << field.title << ": " << block.label;
          if (block.style == Style::kAnswer) EXPECT_NE(block.text, "") << field.title;
          const bool heads = block.style == Style::kLabel || block.style == Style::kDepartment;
          if (heads) EXPECT_FALSE(last || field.blocks[i + 1].style == block.style) << field.title;
        }
      }
    }
  }
  const std::string form = ToMarkdown(FormOf(content));
  EXPECT_THAT(form, HasSubstr("To whom and for what"));
  EXPECT_THAT(form, HasSubstr("End date"));
  // The answer says that there is none.
  EXPECT_THAT(form, Not(HasSubstr("Approval by CPHS or an IRB")));
}

TEST(AForm, ShowsOpenConcernsToTheParties) {
  const v1::Content content = CompleteContent();
  Facts facts = FactsOf(content);
  facts.signoffs.push_back({.entity = content.providers(0),
                            .task = "Legal Review",
                            .date = "01/31/2027 (1 open concern)",
                            .name = "L. Chen",
                            .role = "Counsel",
                            .concerns = {"The statute names counties only.\nSee 10850."}});
  const Form form = Compose(BucpWith(content), "d", facts, View::kFull);
  for (const std::string& text : Written(form)) {
    EXPECT_THAT(text, HasSubstr("Open concern"));
    EXPECT_THAT(text, HasSubstr("The statute names counties only."));
  }
  const Form shown = Compose(BucpWith(content), "d", facts, View::kPublic);
  EXPECT_THAT(ToMarkdown(shown), Not(HasSubstr("counties only")));
  auto read = ReadDocx(ToDocx(form));
  ASSERT_THAT(read, testing::IsOk());
  ResolveWith(facts, *read);
  EXPECT_THAT(read->unread, IsEmpty());
  EXPECT_EQ(read->content.DebugString(), WithoutEmptyParts(content).DebugString());
}

TEST(AForm, WithholdsSecurityAndPrivacyDetailFromThePublic) {
  const std::vector<std::string> secret = {"keys exchanged in person", "encryption in motion", "No reuse",
                                           "managed transfer server"};
  const std::vector<std::string> all = Written(FormOf(CompleteContent()));
  const std::vector<std::string> some = Written(FormOf(CompleteContent(), View::kPublic));
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_THAT(all[i], HasSubstr("managed transfer server"));
    for (const std::string& text : secret) EXPECT_THAT(some[i], Not(HasSubstr(text)));
    EXPECT_THAT(some[i], HasSubstr("Withheld"));
    EXPECT_THAT(some[i], HasSubstr("Client Index Number"));
  }
}

TEST(AForm, NotesMissingInformation) {
  Facts facts;
  facts.notes = {"nobody answered"};
  for (const std::string& text : Written(Compose(BucpWith(CompleteContent()), "d", facts, View::kForm))) {
    EXPECT_THAT(text, HasSubstr("nobody answered"));
    EXPECT_THAT(text, HasSubstr("department"));
  }
}

TEST(AForm, EscapesMarkupInTexts) {
  v1::Content content = CompleteContent();
  content.mutable_business_case()->mutable_use_case_name()->set_title("<script>alert(1)</script>");
  content.mutable_business_case()->mutable_use_case_description()->set_purpose(
      "[link](javascript:x) <img src=x onerror=y> `code` | pipe");
  const Form form = FormOf(content);
  EXPECT_THAT(ToHtml(form), Not(HasSubstr("<script")));
  EXPECT_THAT(ToHtml(form), Not(HasSubstr("<img")));
  EXPECT_THAT(ToMarkdown(form), Not(HasSubstr("<img")));
  EXPECT_THAT(ToMarkdown(form), HasSubstr("\\[link\\](javascript:x)"));
}

TEST(AForm, AllowsOnlyItsStyleInABrowser) {
  const std::string html = ToHtml(FormOf(CompleteContent()));
  const size_t begin = html.find("<style>") + 7;
  const std::string style = html.substr(begin, html.find("</style>") - begin);
  const size_t policy = html.find(
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-" +
      ids::Sha256Base64(style) + "'; base-uri 'none'; form-action 'none'\">");
  ASSERT_NE(policy, std::string::npos);
  EXPECT_LT(policy, html.find("<style>"));
  // The policy would refuse these.
  for (const char* other :
       {" style=", " onclick=", "<script", "<link", "<img", "<iframe", "src=", "@import", "url("})
    EXPECT_EQ(html.find(other), std::string::npos) << other;
}

}  // namespace
}  // namespace idea::drafting::document
