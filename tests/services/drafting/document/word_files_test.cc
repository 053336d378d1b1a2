#include <stdlib.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>

#include "services/drafting/content/content_path.h"
#include "tests/services/drafting/document/read_word_form.h"
#include "tests/support/golden.h"

// A file that a real program wrote: python-docx, as Word packs its files, and the same file after somebody
// opened and saved it in LibreOffice.
namespace idea::drafting::document {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::ReadText;
using testing::SourcePath;

// Runs a command of the shell without output. Returns whether it succeeded.
bool Succeeds(const std::string& command) {
  // NOLINTNEXTLINE(cert-env33-c,concurrency-mt-unsafe): a test that runs its own commands.
  return std::system(("{ " + command + "; } >/dev/null 2>&1").c_str()) == 0;
}

class WordFile : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (!Succeeds("/usr/bin/python3 -c 'import docx'"))
      GTEST_SKIP() << "python-docx is not installed: apt-get install python3-docx";
    if (GetParam() && !Succeeds("command -v soffice"))
      GTEST_SKIP() << "soffice is not installed: apt-get install libreoffice-writer-nogui";
    std::string name = (std::filesystem::temp_directory_path() / "idea-word-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    ASSERT_TRUE(Succeeds("/usr/bin/python3 " +
                         SourcePath("tests/services/drafting/document/write_word_file.py").string() + " " +
                         name + "/bucp.docx"));
    if (!GetParam()) return;
    ASSERT_TRUE(Succeeds("cd " + name + " && HOME=" + name +
                         " soffice --headless --convert-to odt bucp.docx && rm bucp.docx && HOME=" + name +
                         " soffice --headless --convert-to docx:'MS Word 2007 XML' bucp.odt"));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
};
INSTANTIATE_TEST_SUITE_P(Every, WordFile, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "SavedInLibreOffice" : "OfPythonDocx"; });

TEST_P(WordFile, IsReadWithAReportOfWhatIsNotCertain) {
  const ReadForm form = MustRead(ReadText(folder_ / "bucp.docx"));
  const v1::Content& content = form.content;
  EXPECT_THAT(content.recipients(), ElementsAre(kCdss));
  EXPECT_THAT(content.providers(), ElementsAre(kDhcs));

  const auto& business = content.business_case();
  EXPECT_EQ(business.use_case_name().title(), "CalFresh outreach to Medi-Cal households");
  const auto& contacts = business.contact_information().departments();
  ASSERT_EQ(contacts.size(), 2);
  EXPECT_EQ(contacts[0].entity(), kCdss);
  EXPECT_EQ(contacts[0].data_coordinator_text().display_name(), "Ana Ruiz");
  EXPECT_EQ(contacts[0].data_coordinator_text().division(),
            "CalFresh Branch / California Department of Social Services");
  EXPECT_EQ(contacts[0].executive_sponsor_text().email(), "bo.lee@example.org");
  EXPECT_EQ(contacts[1].entity(), kDhcs);
  EXPECT_EQ(contacts[1].data_coordinator_text().phone(), "916-555-0177");
  EXPECT_EQ(business.use_case_description().benefits(), "Fewer hungry children.");
  EXPECT_THAT(business.data_categories().categories(),
              ElementsAre("Personal information (names, addresses)", "program usage", "demographics"));
  EXPECT_EQ(business.data_categories().education_records(), v1::ANSWER_NO);
  EXPECT_EQ(business.output_use().products(), "A mailing list\nCounts per county");
  EXPECT_EQ(business.output_use().public_products(), v1::ANSWER_NO);

  const auto& elements = content.technical().data_elements().elements();
  ASSERT_EQ(elements.size(), 4);
  EXPECT_EQ(elements[0].field_name(), "Residence County Code");
  EXPECT_EQ(elements[0].type(), v1::ELEMENT_TYPE_TEXT);
  EXPECT_EQ(elements[0].definition(), "County of residence, FIPS");
  EXPECT_TRUE(elements[0].required());
  EXPECT_EQ(elements[0].notes(), "Steward: Program Integrity");
  EXPECT_TRUE(elements[1].required());
  EXPECT_EQ(elements[2].type(), v1::ELEMENT_TYPE_CURRENCY);
  EXPECT_EQ(elements[3].type(), v1::ELEMENT_TYPE_DATE_TIME);
  EXPECT_EQ(elements[3].definition(), "Gross monthly income in dollars");
  EXPECT_THAT(Reported(form, "technical.data_elements"), Contains(HasSubstr("| Household")));

  EXPECT_EQ(content.technical().data_users().contractors(), v1::ANSWER_NO);
  EXPECT_EQ(content.technical().data_users().answer_note(), "staff only");
  const auto& administrative = content.administrative();
  const auto& legal = administrative.legal_authority().departments();
  ASSERT_EQ(legal.size(), 2);
  EXPECT_EQ(legal[0].entity(), kCdss);
  EXPECT_EQ(legal[1].text(), "Welfare and Institutions Code 14100.2 permits the disclosure.");
  EXPECT_EQ(administrative.transfer_of_funds().transfers(), v1::ANSWER_NO);
  EXPECT_FALSE(administrative.has_possible_alternatives());
  const auto& dates = administrative.critical_dates();
  EXPECT_EQ(DateText(dates.start_date()), "01/04/2027");
  EXPECT_EQ(DateText(dates.end_date()), "12/31/2029");
  EXPECT_EQ(dates.recurrence(), v1::RECURRENCE_ONGOING);
  EXPECT_EQ(dates.frequency(), "monthly");
  EXPECT_EQ(dates.deadlines(), "The first file is due before the open enrollment.");
  EXPECT_EQ(administrative.redisclosure().allowed(), v1::ANSWER_NO);
  EXPECT_EQ(administrative.research().research(), v1::ANSWER_NO);
  EXPECT_EQ(administrative.research().answer_note(), "program operations");
  EXPECT_THAT(administrative.research().approval_statement(), IsEmpty());

  EXPECT_THAT(Reported(form, ""), AllOf(Contains(HasSubstr("Please return it to the CalFresh Branch.")),
                                        Contains(HasSubstr("Confidential draft of the CalFresh Branch")),
                                        Contains(HasSubstr("11/02/2026"))));
  EXPECT_THAT(Reported(form, "administrative.critical_dates"), Not(Contains(HasSubstr("twice"))));
}

}  // namespace
}  // namespace idea::drafting::document
