#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <random>

#include "absl/algorithm/container.h"
#include "absl/strings/str_replace.h"
#include "services/drafting/document/form.h"
#include "tests/services/drafting/document/sample_forms.h"
#include "tests/support/golden.h"

// Reading a written .docx returns the same content.
namespace idea::drafting::document {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

v1::Content DisputedContent() {
  v1::Content content = CompleteContent();
  content.mutable_administrative()->MergeFrom(DemoContentOf({"disputed.json"}).administrative());
  return content;
}

TEST(ADocx, IsReadUnchanged) {
  ExpectRoundTrip(DraftContent());
  ExpectRoundTrip(CompleteContent());
  ExpectRoundTrip(DisputedContent());
}

TEST(ADocx, IsReadUnchangedWithSeveralDepartments) {
  v1::Content content = DisputedContent();
  content.add_recipients("entities/third");
  content.add_recipients("entities/fourth");
  content.add_providers("entities/fifth");
  // A department on both sides, and a text of a department that is not a party.
  content.add_providers(content.recipients(0));
  auto& legal = *content.mutable_administrative()->mutable_legal_authority();
  for (const char* entity : {"entities/outside", "entities/fifth"}) {
    auto& entry = *legal.add_departments();
    entry.set_entity(entity);
    entry.set_text("as the law says");
  }
  ExpectRoundTrip(content);
  EXPECT_THAT(FormOf(content).version, HasSubstr("multiple departments"));
}

TEST(ADocx, IsReadUnchangedForAnyTexts) {
  const std::vector<std::string> nasty = {
      "Benefits",
      "Name: somebody",
      "  indented, and trailing  ",
      "\n\nblank lines around\n\n",
      "\n",
      "a\ttab\tand\t\t",
      "<w:t>&amp;]]></w:t> \"quoted\" 'too'",
      "Data Recipient Approvals",
      "Yes, but",
      "N/A",
      "Which contractors, and for what",
      "A description of:\nDeadlines",
      "Ünïcode \u4f60\u597d \u05e9\u05dc\u05d5\u05dd \U0001f600 e\u0301 \u00a0 \u2028 end",
      "Name of entities/department-of-health-care-services",
      "{{mustache}} ${dollar} %percent% $1 \\1",
  };
  for (const std::string& text : nasty) {
    SCOPED_TRACE(text);
    v1::Content content = DisputedContent();
    content.mutable_business_case()->mutable_use_case_description()->set_purpose(text);
    content.mutable_technical()->mutable_data_users()->set_description(text);
    content.mutable_technical()->mutable_data_users()->set_contractors(v1::ANSWER_YES);
    content.mutable_technical()->mutable_data_users()->set_contractor_use(text);
    content.mutable_technical()->mutable_data_elements()->mutable_elements(0)->set_definition(text);
    auto& administrative = *content.mutable_administrative();
    administrative.mutable_critical_dates()->set_deadlines(text);
    administrative.mutable_approvals()->set_acknowledgement(text);
    administrative.mutable_legal_authority()->mutable_departments(1)->set_text(text);
    administrative.mutable_department_positions()->set_discussions(text);
    ExpectRoundTrip(content);
  }
}

// Any content that the rules allow.
class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  bool Coin() { return Roll(2) == 0; }
  size_t Roll(size_t sides) { return random_() % sides; }
  std::string Line() {
    static const std::vector<std::string> kPieces = {
        "data", " ",      "Yes",    "No",         ": ",  "&",    "<",     ">",  "\"",
        "'",    "\u00e9", "\u4e2d", "\U0001f600", "  ",  "Name", "Email", "*",  "#",
        "|",    "\u200d", "\u0301", "1/2/27",     "N/A", ",",    ";",     "\\", "\u2019"};
    std::string line;
    for (size_t i = Roll(12); i > 0; --i) line += kPieces[Roll(kPieces.size())];
    return line;
  }
  std::string Text() {
    std::string text = Line();
    for (size_t i = Roll(4); i > 0; --i) text += (Roll(5) == 0 ? "\n\t" : "\n") + Line();
    return text;
  }
  // Sets every possible field. Enums are in their range, dates are real days.
  void Fill(google::protobuf::Message& message) {
    const auto& set = *message.GetReflection();
    for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
      const auto* field = message.GetDescriptor()->field(i);
      const bool line = field->options().GetExtension(common::v1::rule).format() != 0;
      if (field->name() == "entity" || (field->name() == "source_agency" && Coin())) {
        set.SetString(&message, field, "entities/" + std::to_string(Roll(4)));
      } else if (field->name() == "data_coordinator" || field->name() == "executive_sponsor") {
        set.SetString(&message, field, "entities/1/contacts/" + std::to_string(Roll(5)));
      } else if (field->name() == "recipients" || field->name() == "providers") {
        for (size_t n = 1 + Roll(3); n > 0; --n)
          set.AddString(&message, field, "entities/" + std::to_string(n));
      } else if (field->full_name().ends_with("element.type") ||
                 field->full_name().ends_with("DataElement.type")) {
        set.SetEnumValue(&message, field, static_cast<int>(1 + Roll(7)));
      } else if (field->full_name().ends_with("field_name")) {
        set.SetString(&message, field, "Element " + std::to_string(random_()));
      } else if (field->name() == "source_agency" || Roll(4) == 0) {
        continue;
      } else if (field->cpp_type() == field->CPPTYPE_ENUM && field->is_repeated()) {
        for (int number = 1; number < field->enum_type()->value_count(); ++number) {
          if (Coin()) set.AddEnumValue(&message, field, number);
        }
      } else if (field->cpp_type() == field->CPPTYPE_INT32) {
        set.SetInt32(&message, field, static_cast<int>(Roll(4000)));
      } else if (field->cpp_type() == field->CPPTYPE_ENUM) {
        set.SetEnumValue(&message, field, static_cast<int>(Roll(field->enum_type()->value_count())));
      } else if (field->cpp_type() == field->CPPTYPE_BOOL) {
        set.SetBool(&message, field, Coin());
      } else if (field->cpp_type() == field->CPPTYPE_STRING && field->is_repeated()) {
        for (size_t n = Roll(4); n > 0; --n) set.AddString(&message, field, "item " + Line());
      } else if (field->cpp_type() == field->CPPTYPE_STRING) {
        std::string text = line ? Line() : Text();
        // A name has no invisible characters.
        if (field->options().GetExtension(common::v1::rule).format() == common::v1::TEXT_FORMAT_NAME)
          text = absl::StrReplaceAll(text, {{"\u200d", ""}});
        set.SetString(&message, field, text);
      } else if (field->message_type()->full_name() == "google.type.Date") {
        google::type::Date date;
        date.set_year(static_cast<int>(1900 + Roll(300)));
        date.set_month(static_cast<int>(1 + Roll(12)));
        date.set_day(static_cast<int>(1 + Roll(28)));
        set.MutableMessage(&message, field)->CopyFrom(date);
      } else if (field->message_type()->full_name().ends_with("ContactText")) {
        // White space around texts is not kept. Another test covers that.
        continue;
      } else if (field->is_repeated()) {
        for (size_t n = Roll(4); n > 0; --n) {
          google::protobuf::Message& entry = *set.AddMessage(&message, field);
          Fill(entry);
          // One entry a department.
          const auto* entity = entry.GetDescriptor()->FindFieldByName("entity");
          if (entity != nullptr)
            entry.GetReflection()->SetString(&entry, entity, "entities/" + std::to_string(n));
        }
      } else {
        Fill(*set.MutableMessage(&message, field));
      }
    }
  }

 private:
  std::mt19937 random_;
};

TEST(ADocx, IsReadUnchangedForAnyContent) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    v1::Content content;
    Dice(seed).Fill(content);
    auto& dates = *content.mutable_administrative()->mutable_critical_dates();
    if (dates.end_date().year() < dates.start_date().year()) dates.clear_end_date();
    if (dates.end_date().year() == dates.start_date().year()) dates.clear_start_date();
    // Only Data Providers of the BUCP provide elements.
    for (auto& element : *content.mutable_technical()->mutable_data_elements()->mutable_elements()) {
      auto& providers = *element.mutable_providers();
      providers.erase(std::remove_if(providers.begin(), providers.end(),
                                     [&](const std::string& each) {
                                       return !absl::c_linear_search(content.providers(), each);
                                     }),
                      providers.end());
    }
    ExpectRoundTrip(content);
    if (HasFailure()) break;
  }
}

TEST(ADocx, KeepsContactsThatAreText) {
  v1::Content content = CompleteContent();
  auto& entry = *content.mutable_business_case()->mutable_contact_information()->mutable_departments(0);
  entry.clear_executive_sponsor();
  v1::ContactText& text = *entry.mutable_executive_sponsor_text();
  text.set_display_name("Sam Sponsor");
  text.set_title("Deputy Director");
  text.set_division("CalFresh Branch");
  text.set_email("sam@example.org");
  text.set_phone("916 555 0112");
  const Facts facts = FactsOf(content);
  auto read = ReadDocx(ToDocx(Compose(BucpWith(content), "digest", facts, View::kForm)));
  ASSERT_THAT(read, testing::IsOk());
  ResolveWith(facts, *read);
  EXPECT_EQ(read->content.DebugString(), WithoutEmptyParts(content).DebugString());
  ASSERT_EQ(read->unread.size(), 1);
  EXPECT_THAT(read->unread[0].problem(), ::testing::HasSubstr("kept as text"));
}

TEST(ADocx, KeepsWhatTheOfficialTemplateDoesNotHave) {
  v1::Content content = CompleteContent();
  content.add_providers("entities/third");
  EXPECT_THAT(ToMarkdown(FormOf(content)), Not(HasSubstr("Kinds of use")));
  EXPECT_THAT(ToMarkdown(FormOf(content)), Not(HasSubstr("Providers |")));
  auto& business = *content.mutable_business_case();
  v1::PurposeClass& purpose = *business.mutable_use_case_description()->mutable_purpose_class();
  purpose.add_kinds(v1::PURPOSE_KIND_STATISTICS);
  purpose.add_kinds(v1::PURPOSE_KIND_PROGRAM_OPERATION);
  purpose.set_redisclosure(v1::ANSWER_NO);
  purpose.set_commercial_use(v1::ANSWER_NO);
  purpose.set_deidentified_only(v1::ANSWER_YES);
  purpose.set_retention_days(365);
  content.mutable_technical()->mutable_data_elements()->mutable_elements(0)->add_providers("entities/third");
  v1::ContactText& person =
      *business.mutable_contact_information()->mutable_departments(1)->mutable_program_contact();
  person.set_display_name("Pat Program");
  person.set_title("Analyst");
  person.set_division("Data Branch");
  person.set_email("pat@example.org");
  person.set_phone("916 555 0113");
  ExpectRoundTrip(content);
  const std::string text = ToMarkdown(FormOf(content, View::kFull));
  for (const char* line :
       {"Kinds of use:** Statistics, Program operation", "Days to keep the data after receipt:** 365",
        "Only de-identified data is used:** Yes", "| Providers |", "Name of entities/third |",
        "Pat Program"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(ADocx, WithUnknownValuesOfThePurposeReportsThem) {
  v1::Content content = CompleteContent();
  auto& purpose = *content.mutable_business_case()->mutable_use_case_description()->mutable_purpose_class();
  purpose.add_kinds(v1::PURPOSE_KIND_RESEARCH);
  purpose.set_retention_days(77);
  const Facts facts = FactsOf(content);
  for (const auto& [before, after] : {std::pair("Research", "Resarch, Statistics"),
                                      {"77", "77 weeks"},
                                      {"77", "-77"},
                                      {"77", "7.7"},
                                      {"77", "77777"},
                                      {"77", "some"}}) {
    SCOPED_TRACE(after);
    Form form = FormOf(content);
    for (Block& block : form.sections.at(0).fields.at(2).blocks) {
      if (block.text == before) block.text = after;
    }
    auto read = ReadDocx(ToDocx(form));
    ASSERT_THAT(read, testing::IsOk());
    ResolveWith(facts, *read);
    ASSERT_EQ(read->unread.size(), 1);
    EXPECT_EQ(read->unread[0].field(), "business_case.use_case_description");
    EXPECT_THAT(std::string(after), ::testing::StartsWith(read->unread[0].text()));
  }
}

TEST(ADocx, KeepsNotesOnAnswers) {
  v1::Content content = CompleteContent();
  EXPECT_THAT(ToMarkdown(FormOf(content)), ::testing::Not(::testing::HasSubstr("Note on the answer")));
  content.mutable_administrative()->mutable_research()->set_answer_note("program operations only");
  EXPECT_THAT(ToMarkdown(FormOf(content)), ::testing::HasSubstr("Note on the answer"));
  ExpectRoundTrip(content);
}

TEST(ADocx, IsTheSameBytesForTheSameForm) {
  EXPECT_EQ(ToDocx(FormOf(CompleteContent())), ToDocx(FormOf(CompleteContent())));
}

TEST(ADocx, FromAPublicViewIsReported) {
  const v1::Content content = CompleteContent();
  auto read = ReadDocx(ToDocx(FormOf(content, View::kPublic)));
  ASSERT_THAT(read, testing::IsOk());
  std::vector<std::string> withheld;
  for (const auto& unread : read->unread) withheld.push_back(unread.field());
  EXPECT_THAT(withheld,
              ::testing::ElementsAre("technical.data_transfer", "administrative.privacy_requirements",
                                     "administrative.security_requirements"));
  EXPECT_FALSE(read->content.administrative().has_security_requirements());
}

// Converts `bucp.docx` in `folder` to another kind of file, into out/.
int Convert(const std::filesystem::path& folder, const std::string& kind) {
  const std::string command = "cd " + folder.string() + " && HOME=" + folder.string() +
                              " soffice --headless --convert-to " + kind +
                              " --outdir out bucp.docx >/dev/null 2>&1";
  // NOLINTNEXTLINE(cert-env33-c,concurrency-mt-unsafe): a test that runs its own commands.
  return std::system(command.c_str());
}

TEST(ADocx, IsReadUnchangedAfterSavingInLibreOffice) {
  // NOLINTNEXTLINE(cert-env33-c,concurrency-mt-unsafe)
  if (std::system("command -v soffice >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "soffice is not installed: apt install libreoffice-writer-nogui";
  }
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("idea-docx-" + std::to_string(getpid()));
  const v1::Content content = DisputedContent();
  const Facts facts = FactsOf(content);
  testing::WriteText(folder / "bucp.docx", ToDocx(FormOf(content)));
  EXPECT_EQ(Convert(folder, "pdf"), 0);
  EXPECT_THAT(testing::ReadText(folder / "out/bucp.pdf"), ::testing::StartsWith("%PDF"));
  EXPECT_EQ(Convert(folder, "docx"), 0);
  auto saved = ReadDocx(testing::ReadText(folder / "out/bucp.docx"));
  std::filesystem::remove_all(folder);
  ASSERT_THAT(saved, testing::IsOk());
  ResolveWith(facts, *saved);
  EXPECT_EQ(saved->content.DebugString(), WithoutEmptyParts(content).DebugString());
}

}  // namespace
}  // namespace idea::drafting::document
