#include "services/drafting/document/form_reader.h"

#include <pugixml.hpp>
#include <sstream>

#include "services/drafting/content/content_path.h"
#include "services/drafting/document/cell_text.h"
#include "services/drafting/document/docx_package.h"
#include "services/drafting/document/docx_styles.h"
#include "tests/services/drafting/document/sample_forms.h"
#include "tests/support/matchers.h"

// The official templates as people complete them.
namespace idea::drafting::document {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// An official file into which a test writes.
class OfficialTemplate : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::filesystem::path path =
        testing::SourcePath("../shared/domain/originals/bucp-template-" + std::string(GetParam()) + ".docx");
    const std::filesystem::path beside = testing::SourcePath("../../shared/domain/originals/bucp-template-" +
                                                             std::string(GetParam()) + ".docx");
    const bool here = std::filesystem::exists(path) || std::filesystem::exists(beside);
    if (!here) GTEST_SKIP() << "the official templates are not here: " << path;
    const auto parts = UnpackDocx(testing::ReadText(std::filesystem::exists(path) ? path : beside));
    ASSERT_THAT(parts, testing::IsOk());
    const std::string& xml = parts->document;
    ASSERT_TRUE(document_.load_buffer(xml.data(), xml.size(), pugi::parse_default | pugi::parse_ws_pcdata));
  }
  bool IsMultiple() const { return std::string(GetParam()).starts_with("v2"); }

  static std::string TextOf(const pugi::xml_node& node) {
    std::string text;
    for (const auto& found : node.select_nodes(".//w:t")) text += found.node().child_value();
    return Tidy(text);
  }
  pugi::xml_node Row(int table, const std::string& title) {
    const std::string path = "(//w:body/w:tbl)[" + std::to_string(table) + "]/w:tr";
    for (const auto& row : document_.select_nodes(path.c_str())) {
      if (KeyOf(TextOf(row.node().child("w:tc"))) == KeyOf(title)) return row.node();
    }
    ADD_FAILURE() << "no row " << title;
    return {};
  }
  static pugi::xml_node Cell(const pugi::xml_node& row, int column) {
    pugi::xml_node cell = row.child("w:tc");
    while (column-- > 0) cell = cell.next_sibling("w:tc");
    return cell;
  }
  static void Type(pugi::xml_node paragraph, const std::string& text) {
    paragraph.append_child("w:r").append_child("w:t").text().set(text.c_str());
  }
  // A separate paragraph below the instructions of a field.
  void Answer(const std::string& title, const std::string& text) {
    Type(Cell(Row(2, title), 2).append_child("w:p"), text);
  }
  // Replaces `blank`, with which a paragraph of the field ends.
  void Replace(const std::string& title, const std::string& blank, const std::string& text) {
    for (pugi::xml_node paragraph : Cell(Row(2, title), 2).children("w:p")) {
      std::string all = TextOf(paragraph);
      if (!all.ends_with(blank)) continue;
      all.replace(all.size() - blank.size(), blank.size(), text);
      paragraph.remove_children();
      return Type(paragraph, all);
    }
    ADD_FAILURE() << "no " << blank << " in " << title;
  }
  // Appends to a paragraph of the field.
  void Behind(pugi::xml_node cell, const std::string& prompt, const std::string& text, int nth = 0) {
    for (pugi::xml_node paragraph : cell.children("w:p")) {
      if (!TextOf(paragraph).starts_with(prompt) || nth-- > 0) continue;
      return Type(paragraph, " " + text);
    }
    ADD_FAILURE() << "no paragraph " << prompt;
  }
  void Behind(const std::string& title, const std::string& prompt, const std::string& text, int nth = 0) {
    Behind(Cell(Row(2, title), 2), prompt, text, nth);
  }

  absl::StatusOr<ReadForm> Read() {
    std::ostringstream xml;
    document_.save(xml, "", pugi::format_raw);
    return ReadDocx(PackDocx({{"[Content_Types].xml", kContentTypes}, {"word/document.xml", xml.str()}}));
  }
  static std::string Department(const std::string& name) { return "entities/" + KeyOf(name); }
  ReadForm MustRead() {
    auto read = Read();
    EXPECT_THAT(read, testing::IsOk());
    if (!read.ok()) return {};
    Resolve(
        [](const std::string& name) {
          if (name.empty()) return DepartmentMatch();
          if (name == "Nobody's") return DepartmentMatch{"", "there is no " + name};
          return DepartmentMatch{Department(name), name == "Almost" ? name + " was taken" : "", {}, true};
        },
        [](const std::string& entity, const NamedPerson& person) {
          return person.name == "A Ghost" ? PersonMatch()
                                          : PersonMatch{entity + "/contacts/" + KeyOf(person.name), person};
        },
        {}, {}, *read);
    return *read;
  }
  static std::vector<std::string> FieldsOf(const ReadForm& form) {
    std::vector<std::string> fields;
    for (const auto& unread : form.unread) fields.push_back(unread.field());
    return fields;
  }

  pugi::xml_document document_;
};

TEST_P(OfficialTemplate, IsEmptyBeforeItIsCompleted) {
  const auto read = Read();
  ASSERT_THAT(read, testing::IsOk());
  EXPECT_EQ(read->content.DebugString(), "");
  for (const auto& unread : read->unread) ADD_FAILURE() << unread.ShortDebugString();
  EXPECT_EQ(read->version, IsMultiple() ? "V2 multiple departments" : "V3");
}

TEST_P(OfficialTemplate, IsReadAsPeopleCompleteIt) {
  const int provider = IsMultiple() ? 4 : 3;
  Behind(Cell(Row(1, "Legal Review"), 2), "Department:", "Department of Social Things");
  Behind(Cell(Row(1, "Legal Review"), provider), "Department:", "Department of Health Things");
  Type(Cell(Row(1, "BUCP Start Date"), 2).append_child("w:p"), "7/1/27");
  Answer("Use Case Name", "Match of two things");
  Behind("Contact Information", "Name:", "Ada Coordinator", 0);
  Behind("Contact Information", "Email:", "ada@example.org", 0);
  Behind("Contact Information", "Name:", "Sam Sponsor", 1);
  Behind("Contact Information", "Name:", "A Ghost", 2);
  Behind("Contact Information", "Email:", "ghost@example.org", 2);
  Type(Cell(Row(2, "Use Case Description/Purpose"), 2).prepend_child("w:p"), " ");
  for (const char* line : {"", "We look for people.", "", "They are eligible.", ""}) {
    Answer("Use Case Description/Purpose", line);
  }
  Answer("Data types/categories", "PII, demographic; program usage");
  Answer("Output/Use", "A monthly list.");
  Answer("Data elements", "Birth Date");
  Answer("Data users", "Four analysts.");
  Behind("Data users", "A description of whether contractors", "No contractors.");
  Answer("Data transfer/management", "By SFTP.");
  Answer("Destruction and/or Return", "Deleted.");
  Answer("Legal authority", "Department of Social Things:");
  Answer("Legal authority", "May receive it.");
  Answer("Legal authority", "Department of Health Things");
  Answer("Legal authority", "May disclose it.");
  Answer("Transfer of Funds", "No");
  Behind("Critical dates", "Establish whether", "On-going, monthly");
  Behind("Critical dates", "Deadlines", ": First file in July.");
  Answer("Re-disclosure/further disclosure", "Yes, to counties.");
  Answer("Research", "Maybe");
  Answer("Privacy Requirements", "Least data.");
  Behind("Approvals", "Acknowledgement", "It is not disputed.");
  Answer("Approvals", "PS: thank you");
  const ReadForm form = MustRead();
  const v1::Content& content = form.content;
  const std::string social = Department("Department of Social Things"),
                    health = Department("Department of Health Things");
  ASSERT_EQ(content.recipients_size(), 1);
  EXPECT_EQ(content.recipients(0), social);
  ASSERT_EQ(content.providers_size(), 1);
  EXPECT_EQ(content.providers(0), health);
  const auto& business = content.business_case();
  EXPECT_EQ(business.use_case_name().title(), "Match of two things");
  ASSERT_EQ(business.contact_information().departments_size(), 2);
  EXPECT_EQ(business.contact_information().departments(1).data_coordinator_text().display_name(), "A Ghost");
  EXPECT_EQ(business.contact_information().departments(1).data_coordinator_text().email(),
            "ghost@example.org");
  EXPECT_EQ(business.contact_information().departments(0).data_coordinator(),
            social + "/contacts/adacoordinator");
  EXPECT_EQ(business.contact_information().departments(0).executive_sponsor(),
            social + "/contacts/samsponsor");
  EXPECT_EQ(business.use_case_description().purpose(), "We look for people.\n\nThey are eligible.");
  EXPECT_EQ(business.data_categories().categories_size(), 3);
  EXPECT_EQ(business.output_use().products(), "A monthly list.");
  const auto& technical = content.technical();
  ASSERT_EQ(technical.data_elements().elements_size(), 1);
  EXPECT_EQ(technical.data_elements().elements(0).field_name(), "Birth Date");
  EXPECT_EQ(technical.data_users().description(), "Four analysts.");
  EXPECT_EQ(technical.data_users().contractors(), v1::ANSWER_NO);
  EXPECT_EQ(technical.data_users().answer_note(), "No contractors.");
  EXPECT_EQ(technical.data_transfer().description(), "By SFTP.");
  EXPECT_EQ(technical.destruction().description(), "Deleted.");
  const auto& administrative = content.administrative();
  ASSERT_EQ(administrative.legal_authority().departments_size(), 2);
  EXPECT_EQ(administrative.legal_authority().departments(1).entity(), health);
  EXPECT_EQ(administrative.legal_authority().departments(1).text(), "May disclose it.");
  EXPECT_EQ(administrative.transfer_of_funds().transfers(), v1::ANSWER_NO);
  EXPECT_EQ(administrative.critical_dates().recurrence(), v1::RECURRENCE_ONGOING);
  EXPECT_EQ(administrative.critical_dates().frequency(), "monthly");
  EXPECT_EQ(administrative.critical_dates().deadlines(), "First file in July.");
  EXPECT_EQ(administrative.critical_dates().start_date().year(), 2027);
  EXPECT_EQ(administrative.critical_dates().start_date().month(), 7);
  EXPECT_EQ(administrative.redisclosure().allowed(), v1::ANSWER_YES);
  EXPECT_EQ(administrative.redisclosure().terms(), "to counties.");
  EXPECT_EQ(administrative.privacy_requirements().departments(0).entity(), social);
  EXPECT_EQ(administrative.approvals().acknowledgement(), "It is not disputed.");
  const std::vector<std::string> fields = FieldsOf(form);
  for (const char* field :
       {"business_case.contact_information", "technical.data_elements", "administrative.research",
        "administrative.privacy_requirements", "administrative.approvals"}) {
    EXPECT_THAT(fields, Contains(field));
  }
}

// As in the guidebook, the checklist is blank at first. Where the template asks "Y/N", people replace it by
// their answer.
TEST_P(OfficialTemplate, IsReadWithItsChecklistBlank) {
  Behind("Contact Information", "Division/Department:", "Department of Social Things", 0);
  Behind("Contact Information", "Name:", "Ada Coordinator", 0);
  Behind("Contact Information", "Division/Department:", "Department of Health Things", 1);
  Behind("Contact Information", "Name:", "Bo Coordinator", 2);
  Replace("Research", "Y/N", "N");
  Replace("Transfer of Funds", "Y/N", "No money is paid.");
  Behind("Use Case Description/Purpose", "The benefits", "Fewer forms.");
  Behind("Use Case Description/Purpose", "The scope", ": We look for people.");
  Answer("Critical dates", "Ongoing, each month. First file in July.");
  Answer("Re-disclosure/further disclosure", "No further disclosure is allowed.");
  Answer("Privacy Requirements", "Department of Social Things: Least data.");
  Answer("Privacy Requirements", "Trained people.");
  Answer("Privacy Requirements", "Department of Health Things:");
  Answer("Privacy Requirements", "No names.");
  const ReadForm form = MustRead();
  const std::string social = Department("Department of Social Things"),
                    health = Department("Department of Health Things");
  EXPECT_THAT(form.content.recipients(), ::testing::ElementsAre(social));
  EXPECT_THAT(form.content.providers(), ::testing::ElementsAre(health));
  const auto& described = form.content.business_case().use_case_description();
  EXPECT_EQ(described.purpose(), "We look for people.");
  EXPECT_EQ(described.benefits(), "Fewer forms.");
  const auto& administrative = form.content.administrative();
  EXPECT_EQ(administrative.research().research(), v1::ANSWER_NO);
  EXPECT_EQ(administrative.research().approval_statement(), "");
  EXPECT_EQ(administrative.transfer_of_funds().transfers(), v1::ANSWER_NO);
  EXPECT_EQ(administrative.transfer_of_funds().answer_note(), "No money is paid.");
  EXPECT_EQ(administrative.critical_dates().recurrence(), v1::RECURRENCE_ONGOING);
  EXPECT_EQ(administrative.critical_dates().frequency(), "each month");
  EXPECT_EQ(administrative.critical_dates().deadlines(), "First file in July.");
  EXPECT_EQ(administrative.redisclosure().allowed(), v1::ANSWER_NO);
  EXPECT_EQ(administrative.redisclosure().answer_note(), "No further disclosure is allowed.");
  const auto& privacy = administrative.privacy_requirements().departments();
  ASSERT_EQ(privacy.size(), 2);
  EXPECT_EQ(privacy[0].entity(), social);
  EXPECT_EQ(privacy[0].text(), "Least data.\nTrained people.");
  EXPECT_EQ(privacy[1].entity(), health);
  EXPECT_EQ(privacy[1].text(), "No names.");
  EXPECT_THAT(FieldsOf(form), ::testing::Each("business_case.contact_information"));
}

TEST_P(OfficialTemplate, IsReadWithListsAndSidesInOtherWords) {
  Behind(Cell(Row(1, "Legal Review"), 2), "Department:", "Department of Social Things");
  Behind(Cell(Row(1, "Legal Review"), IsMultiple() ? 4 : 3), "Department:", "Department of Health Things");
  for (const char* line : {"\u2022 PII", "- demographic"}) Answer("Data types/categories", line);
  Answer("Legal authority", "Data Recipient: W&I 10850");
  Answer("Legal authority", "Data Provider:");
  Answer("Legal authority", "UIC 1095");
  Answer("Data transfer/management", "Department of Social Things:");
  Answer("Data transfer/management", "Over SFTP.");
  const ReadForm form = MustRead();
  EXPECT_THAT(form.content.business_case().data_categories().categories(),
              ::testing::ElementsAre("PII", "demographic"));
  const auto& legal = form.content.administrative().legal_authority().departments();
  ASSERT_EQ(legal.size(), 2);
  EXPECT_EQ(legal[0].entity(), Department("Department of Social Things"));
  EXPECT_EQ(legal[0].text(), "W&I 10850");
  EXPECT_EQ(legal[1].entity(), Department("Department of Health Things"));
  EXPECT_EQ(legal[1].text(), "UIC 1095");
  EXPECT_EQ(form.content.technical().data_transfer().description(),
            "Department of Social Things:\nOver SFTP.");
}

TEST_P(OfficialTemplate, WithAnUnknownDepartmentReportsIt) {
  Behind(Cell(Row(1, "Legal Review"), 2), "Department:", "Nobody's");
  const ReadForm form = MustRead();
  EXPECT_THAT(form.content.recipients(), IsEmpty());
  ASSERT_FALSE(form.unread.empty());
  EXPECT_EQ(form.unread[0].field(), "recipients");
  EXPECT_THAT(form.unread[0].problem(), HasSubstr("Nobody's"));
}

TEST_P(OfficialTemplate, WithAnUncertainDepartmentReportsItOnce) {
  Behind(Cell(Row(1, "Legal Review"), 2), "Department:", "Almost");
  Answer("Legal authority", "Almost:");
  Answer("Legal authority", "The law says so.");
  const ReadForm form = MustRead();
  EXPECT_THAT(form.content.recipients(), ::testing::ElementsAre("entities/almost"));
  EXPECT_EQ(form.content.administrative().legal_authority().departments(0).entity(), "entities/almost");
  const auto doubts = std::count_if(form.unread.begin(), form.unread.end(), [](const auto& unread) {
    return unread.problem() == "Almost was taken";
  });
  EXPECT_EQ(doubts, 1);
}

TEST_P(OfficialTemplate, IsReadWithATableOfElements) {
  Answer("Data elements", "See the table:");
  pugi::xml_node table = Cell(Row(2, "Data elements"), 2).append_child("w:tbl");
  for (const auto& cells : std::vector<std::vector<std::string>>{
           {"Field Name", "Definition", "Type", "Required"},
           {"Birth Date", "Day of birth", "Date/time", "Yes"},
           {"Odd", "Something", "Hologram", "perhaps"},
           {"", "Nameless", "Text", "No"},
       }) {
    pugi::xml_node row = table.append_child("w:tr");
    for (const std::string& cell : cells) Type(row.append_child("w:tc").append_child("w:p"), cell);
  }
  const ReadForm form = MustRead();
  const auto& elements = form.content.technical().data_elements().elements();
  ASSERT_EQ(elements.size(), 2);
  EXPECT_EQ(elements[0].type(), v1::ELEMENT_TYPE_DATE_TIME);
  EXPECT_TRUE(elements[0].required());
  EXPECT_EQ(elements[0].definition(), "Day of birth");
  EXPECT_EQ(elements[1].type(), v1::ELEMENT_TYPE_OTHER);
  EXPECT_EQ(form.unread.size(), 4);
  EXPECT_EQ(form.unread[0].problem(), "it stands beside the table");
  EXPECT_EQ(form.unread[0].text(), "See the table:");
}

TEST_P(OfficialTemplate, WithMovedHeadersReportsWhatIsMissing) {
  Row(2, "Data users").parent().remove_child(Row(2, "Data users"));
  Type(Row(2, "Data transfer/management").child("w:tc").child("w:p"), " as we call it");
  const std::vector<std::string> fields = FieldsOf(MustRead());
  EXPECT_THAT(fields, Contains("technical.data_users"));
  EXPECT_THAT(fields, Contains("technical.data_transfer"));
  EXPECT_THAT(fields, Contains(""));
}

INSTANTIATE_TEST_SUITE_P(Every, OfficialTemplate, ::testing::Values("v3-single-dept", "v2-multiple-dept"),
                         [](const auto& made) { return std::string(made.param).substr(0, 2); });

// A rendered file in which an editor kept the words and lost the styles.
TEST(ARenderedForm, IsReadWithoutItsStyles) {
  const v1::Content content = CompleteContent();
  const Facts facts = FactsOf(content);
  auto parts = UnpackDocx(ToDocx(Compose(BucpWith(content), "d", facts, View::kForm)));
  ASSERT_THAT(parts, testing::IsOk());
  std::string& xml = parts->document;
  for (size_t at; (at = xml.find("<w:pStyle")) != std::string::npos;)
    xml.erase(at, xml.find('>', at) - at + 1);
  auto read = ReadDocx(PackDocx({{"[Content_Types].xml", kContentTypes}, {"word/document.xml", xml}}));
  ASSERT_THAT(read, testing::IsOk());
  ResolveWith(facts, *read);
  // The style says to whom a column of the checklist belongs. Everything else is words.
  EXPECT_EQ(read->content.DebugString(), WithoutEmptyParts(content).DebugString());
}

TEST(Answers, AreReadAsPeopleWriteThem) {
  std::string rest;
  EXPECT_EQ(LeadingAnswer("Yes", rest), 1);
  EXPECT_EQ(LeadingAnswer("yes - with an agreement", rest), 1);
  EXPECT_EQ(rest, "with an agreement");
  EXPECT_EQ(LeadingAnswer("Yes \u2014 to counties", rest), 1);
  EXPECT_EQ(rest, "to counties");
  // Without its first word it would mean the opposite.
  EXPECT_EQ(LeadingAnswer("No contractors have access.", rest), 2);
  EXPECT_EQ(rest, "No contractors have access.");
  EXPECT_EQ(LeadingAnswer("N", rest), 2);
  EXPECT_EQ(LeadingAnswer("No.", rest), 2);
  EXPECT_EQ(LeadingAnswer("None.", rest), 2);
  EXPECT_EQ(rest, "");
  for (const char* none : {"", "N/A", "Y/N", "Nothing", "Not yet decided", "Yesterday", "maybe"}) {
    EXPECT_EQ(LeadingAnswer(none, rest), 0) << none;
  }
}

TEST(Dates, AreReadAsPeopleWriteThem) {
  for (const char* text : {"01/04/2027", "1/4/27", "01-04-2027", "2027-01-04", "starts 1/4/2027.",
                           "January 4, 2027", "on Jan. 4th 2027", "JAN 4, 2027"}) {
    const auto date = FindDate(text);
    ASSERT_TRUE(date.has_value()) << text;
    EXPECT_EQ(DateText(*date), "01/04/2027");
  }
  for (const char* text : {"", "MM/DD/YY", "13/01/2027", "2/30/2027", "2027-00-10", "soon", "1/2/20277",
                           "Janus 4", "maybe 4, 2027", "February 30, 2027", "1/4-2027"}) {
    EXPECT_FALSE(FindDate(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace idea::drafting::document
