#include "services/drafting/content/content_path.h"
#include "tests/services/drafting/document/read_word_form.h"

// The template as people complete it, one class of files for each test: what is read, what is reported, and
// that no word is lost (read_word_form.h).
namespace idea::drafting::document {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kContacts[] = "business_case.contact_information";
constexpr char kLegal[] = "administrative.legal_authority";
constexpr char kDates[] = "administrative.critical_dates";

// Contacts that name the departments of both sides as written.
WordForm FormOf(const std::string& recipient, const std::string& provider) {
  return WordForm().Put(
      kContacts, {"Data Recipient Contacts", "Data Coordinator Contact", "Name: Ada Coordinator",
                  "Division/Department: " + recipient, "Data Provider Contacts", "Data Coordinator Contact",
                  "Name: Bo Coordinator", "Division/Department: " + provider});
}

TEST(DepartmentLines, AreReadInOrdinarySpellings) {
  for (const char* spelling :
       {"California Department of Social Services",
        "CalFresh Branch / California Department of Social Services", "CalFresh Branch, CDSS",
        "CalFresh Branch (CDSS)", "Calif. Dept. of Social Services", "CA Dept of Social Services",
        "Social Services, Department of", "Department of Social Services (CDSS)", "cdss",
        "DEPARTMENT OF SOCIAL SERVICES", "CalHHS / CDSS",
        "Health and Human Services Agency, Dept. of Social Services", "California Dep't of Social Srvcs",
        "the State Department of Social Services\u2019 CalFresh Branch"}) {
    const ReadForm form = MustRead(FormOf(spelling, "DHCS").Docx());
    EXPECT_THAT(form.content.recipients(), ElementsAre(kCdss)) << spelling;
    EXPECT_THAT(form.content.providers(), ElementsAre(kDhcs)) << spelling;
    EXPECT_THAT(Reported(form, "recipients"), IsEmpty()) << spelling;
    const auto& contacts = form.content.business_case().contact_information().departments();
    ASSERT_EQ(contacts.size(), 2) << spelling;
    EXPECT_EQ(contacts[0].entity(), kCdss);
    EXPECT_EQ(contacts[0].data_coordinator_text().display_name(), "Ada Coordinator");
    EXPECT_EQ(contacts[0].data_coordinator_text().division(), spelling);
  }
}

TEST(DepartmentLines, AreReadWithWordsWrittenTogether) {
  const ReadForm form = MustRead(FormOf("CDSS", "Department of Healthcare Services").Docx());
  EXPECT_THAT(form.content.providers(), ElementsAre(kDhcs));
  EXPECT_THAT(Reported(form, "providers"), IsEmpty());
}

TEST(DepartmentLines, AreReadByAcronymsOfSeveralWords) {
  for (const char* spelling : {"Cal OES", "cal oes", "Recovery Branch, Cal OES"}) {
    EXPECT_EQ(Finder().Find(spelling).entity, "entities/oes") << spelling;
    EXPECT_EQ(Finder().Find(spelling).doubt, "") << spelling;
  }
}

// Another spelling of an acronym is used, and reported.
TEST(DepartmentLines, AreReadByAcronymsInOtherSpellings) {
  for (const auto& [spelling, entity] : {std::pair("CalOES Recovery", "entities/oes"),
                                         {"CALOES", "entities/oes"},
                                         {"C.D.S.S.", kCdss},
                                         {"CalFresh Branch, cdss", kCdss},
                                         {"D H C S", kDhcs}}) {
    EXPECT_EQ(Finder().Find(spelling).entity, entity) << spelling;
    EXPECT_NE(Finder().Find(spelling).doubt, "") << spelling;
  }
}

TEST(DepartmentLines, WithAFormerNameOrAPartAreUsedAndReported) {
  const ReadForm form = MustRead(FormOf("Social Services", "Department of Health Services").Docx());
  EXPECT_THAT(form.content.recipients(), ElementsAre(kCdss));
  EXPECT_THAT(form.content.providers(), ElementsAre(kCdph));
  EXPECT_THAT(
      Reported(form, "recipients", v1::UNREAD_KIND_GUESSED),
      ElementsAre(
          "\"Social Services\" was taken as California Department of Social Services (entities/cdss) | "
          "Social Services"));
  EXPECT_EQ(Reported(form, "providers", v1::UNREAD_KIND_GUESSED).size(), 1);
}

TEST(DepartmentLines, ThatAreNotRecognizedAreReportedAndTheRestIsRead) {
  WordForm file = FormOf("CalFresh Branch", "Health Branch").Put("business_case.use_case_name", {"A match"});
  const ReadForm form = MustRead(file.Docx());
  EXPECT_THAT(form.content.recipients(), IsEmpty());
  EXPECT_EQ(form.content.business_case().use_case_name().title(), "A match");
  EXPECT_THAT(Reported(form, "recipients", v1::UNREAD_KIND_NOT_STORED),
              ElementsAre("the registry has no department \"CalFresh Branch\" | CalFresh Branch"));
  const auto provider = std::find_if(form.unread.begin(), form.unread.end(),
                                     [](const auto& unread) { return unread.field() == "providers"; });
  ASSERT_NE(provider, form.unread.end());
  EXPECT_FALSE(provider->candidates().empty());
  // The caller decides. Nothing else changes.
  const ReadForm decided = MustRead(file.Docx(), {kCdss}, {kDhcs});
  EXPECT_THAT(decided.content.recipients(), ElementsAre(kCdss));
  EXPECT_EQ(decided.content.business_case().contact_information().departments_size(), 2);
}

TEST(DepartmentLines, ThatAreEmptyKeepTheContact) {
  const ReadForm form = MustRead(FormOf("", "").Docx(), {kCdss}, {kDhcs});
  const auto& contacts = form.content.business_case().contact_information().departments();
  ASSERT_EQ(contacts.size(), 2);
  EXPECT_EQ(contacts[1].entity(), kDhcs);
  EXPECT_EQ(contacts[1].data_coordinator_text().display_name(), "Bo Coordinator");
}

TEST(DepartmentNames, AreIgnoredInOtherMeanings) {
  for (const char* text : {"Volunteers", "the state library card", "Department", "Aging adults", "Board", "",
                           "ada", "Post-award branch"}) {
    EXPECT_EQ(Finder().Find(text).entity, "") << text;
  }
  EXPECT_EQ(Finder().Find("California Volunteers").entity, "entities/volunteers");
  EXPECT_EQ(Finder().Find("Commission on Aging").entity, "entities/commission-on-aging");
  EXPECT_EQ(Finder().Find("Department of Aging").entity, "entities/aging");
  const DepartmentMatch two = Finder().Find("CDSS and FTB");
  EXPECT_EQ(two.entity, "");
  EXPECT_EQ(two.candidates.size(), 2);
}

TEST(TextOfDepartments, GoesToTheDepartmentThatItNames) {
  WordForm file = FormOf("CDSS", "DHCS");
  file.Put(kLegal, {"CDSS: W&I Code 10850.", "More of it.", "CDPH - Health Code 100330 permits.",
                    "Franchise Tax Board (FTB): RTC 19551.", "Calif. Department of Health Care Services",
                    "UIC 1095 permits.", "DHCS Legal Division: read and approved."});
  const ReadForm form = MustRead(file.Docx());
  const auto& entries = form.content.administrative().legal_authority().departments();
  ASSERT_EQ(entries.size(), 4);
  EXPECT_EQ(entries[0].entity(), kCdss);
  EXPECT_EQ(entries[0].text(), "W&I Code 10850.\nMore of it.");
  EXPECT_EQ(entries[1].entity(), kCdph);
  EXPECT_EQ(entries[1].text(), "Health Code 100330 permits.");
  EXPECT_EQ(entries[2].entity(), kFtb);
  EXPECT_EQ(entries[2].text(), "RTC 19551.");
  EXPECT_EQ(entries[3].entity(), kDhcs);
  EXPECT_EQ(entries[3].text(), "UIC 1095 permits.\nDHCS Legal Division: read and approved.");
  EXPECT_THAT(Reported(form, kLegal), ElementsAre("the text of entities/cdph, which is not a party",
                                                  "the text of entities/ftb, which is not a party"));
}

TEST(TextOfDepartments, ThatOnlyMentionsOneDoesNotBelongToIt) {
  WordForm file = FormOf("CDSS", "DHCS");
  file.Put(kLegal, {"CDSS:", "The law lets DHCS disclose.", "DHCS may disclose under 1095: see there.",
                    "Data that CDPH - formerly part of it - holds is not meant."});
  const ReadForm form = MustRead(file.Docx());
  const auto& entries = form.content.administrative().legal_authority().departments();
  ASSERT_EQ(entries.size(), 1);
  EXPECT_EQ(entries[0].entity(), kCdss);
}

struct DatesCase {
  const char* text;
  const char* start;
  const char* end;
  v1::Recurrence recurrence;
  const char* frequency;
  const char* deadlines;
  int reported;
};
using enum v1::Recurrence;
const DatesCase kDatesCases[] = {
    {"Start date: January 4, 2027. End date: 12/31/2029. Ongoing, monthly.", "01/04/2027", "12/31/2029",
     RECURRENCE_ONGOING, "monthly", "", 0},
    {"1/4/27 \u2013 12/31/29, monthly", "01/04/2027", "12/31/2029", RECURRENCE_ONGOING, "monthly", "", 0},
    {"1/4/27-12/31/29", "01/04/2027", "12/31/2029", RECURRENCE_UNSPECIFIED, "", "", 0},
    {"From July 1, 2026 through June 30, 2027, annually", "07/01/2026", "06/30/2027", RECURRENCE_ONGOING,
     "annually", "", 0},
    {"2027-01-04 to 2029-12-31; quarterly", "01/04/2027", "12/31/2029", RECURRENCE_ONGOING, "quarterly", "",
     0},
    {"One time extract, 3/1/2027", "03/01/2027", "", RECURRENCE_ONE_TIME, "", "One time extract, 3/1/2027",
     1},
    {"31.12.2026", "", "", RECURRENCE_UNSPECIFIED, "", "31.12.2026", 1},
    {"Ends 31.12.2026", "", "12/31/2026", RECURRENCE_UNSPECIFIED, "", "", 0},
    {"Starts 04.01.2027", "", "", RECURRENCE_UNSPECIFIED, "", "Starts 04.01.2027", 1},
    {"Ongoing, no end date.", "", "", RECURRENCE_ONGOING, "", "Ongoing, no end date.", 0},
    {"2027/01/04 to 2029/12/31", "01/04/2027", "12/31/2029", RECURRENCE_UNSPECIFIED, "", "", 0},
    {"Start date: 04-Jan-2027, end 31-Dec-29", "01/04/2027", "12/31/2029", RECURRENCE_UNSPECIFIED, "", "", 0},
    {"20270104", "", "", RECURRENCE_UNSPECIFIED, "", "20270104", 1},
    {"Frequency: Monthly", "", "", RECURRENCE_ONGOING, "Monthly", "", 0},
    {"no end date", "", "", RECURRENCE_UNSPECIFIED, "", "no end date", 0},
    {"Starts 4 January 2027, no end date", "01/04/2027", "", RECURRENCE_UNSPECIFIED, "",
     "Starts 4 January 2027, no end date", 0},
    {"Ongoing, twice a year", "", "", RECURRENCE_ONGOING, "twice a year", "", 0},
    {"Ongoing, on demand of the county", "", "", RECURRENCE_ONGOING, "on demand of the county", "", 0},
    {"First file due by 2/1/2027.", "", "", RECURRENCE_UNSPECIFIED, "", "First file due by 2/1/2027.", 0},
    {"One-time or ongoing: Ongoing", "", "", RECURRENCE_ONGOING, "", "", 0},
    {"One time, monthly", "", "", RECURRENCE_UNSPECIFIED, "", "One time, monthly", 1},
    {"\u2612 Ongoing \u2610 One-time", "", "", RECURRENCE_ONGOING, "", "", 0},
    {"Begins 2/30/2027", "", "", RECURRENCE_UNSPECIFIED, "", "Begins 2/30/2027", 1},
    {"Start date: TBD", "", "", RECURRENCE_UNSPECIFIED, "", "Start date: TBD", 1},
    {"FY 2026-27", "", "", RECURRENCE_UNSPECIFIED, "", "FY 2026-27", 1},
    {"Jan 2027 to Dec 2029", "", "", RECURRENCE_UNSPECIFIED, "", "Jan 2027 to Dec 2029", 1},
    {"Upon execution until 12/31/2028", "", "12/31/2028", RECURRENCE_UNSPECIFIED, "",
     "Upon execution until 12/31/2028", 1},
    {"Starts 1/4/2027, ends 12/31/2026", "01/04/2027", "", RECURRENCE_UNSPECIFIED, "", "End date: 12/31/2026",
     1},
    {"Report to the county due by March 2027", "", "", RECURRENCE_UNSPECIFIED, "",
     "Report to the county due by March 2027", 0},
    {"3/1/2027", "", "", RECURRENCE_UNSPECIFIED, "", "3/1/2027", 1},
};

TEST(DatesInOneLine, AreReadOrKeptAndReported) {
  for (const DatesCase& each : kDatesCases) {
    const ReadForm form = MustRead(WordForm().Put(kDates, {each.text}).Docx());
    const auto& dates = form.content.administrative().critical_dates();
    EXPECT_EQ(DateText(dates.start_date()), each.start) << each.text;
    EXPECT_EQ(DateText(dates.end_date()), each.end) << each.text;
    EXPECT_EQ(dates.recurrence(), each.recurrence) << each.text;
    EXPECT_EQ(dates.frequency(), each.frequency) << each.text;
    EXPECT_EQ(dates.deadlines(), each.deadlines) << each.text;
    EXPECT_EQ(Reported(form, kDates).size(), each.reported) << each.text;
  }
}

TEST(DatesOfTheChecklist, AreUsedOrReported) {
  const std::string checklist = Tbl({{"Task Name", "Task Description", "Data Recipient*", "Data Provider*"},
                                     {"Draft BUCP", "fill in", "Date BUCP Draft Finalized: 3/1/2026", "N/A"},
                                     {"Send BUCP", "send", "Date BUCP Draft Sent: April 2, 2026", "N/A"},
                                     {"Legal Review", "opinion", "Department: CDSS", "Department: DHCS"},
                                     {"BUCP Start Date", "from", "1/4/2027", "1/5/2027"},
                                     {"BUCP End Date", "until", "12/31/2029 at the latest", "MM/DD/YY"}});
  const ReadForm form =
      MustRead(WordForm().Checklist(checklist).Put(kDates, {"Start date: 1/6/2027"}).Docx());
  EXPECT_THAT(form.content.recipients(), ElementsAre(kCdss));
  EXPECT_THAT(form.content.providers(), ElementsAre(kDhcs));
  const auto& dates = form.content.administrative().critical_dates();
  EXPECT_EQ(DateText(dates.start_date()), "01/06/2027");
  EXPECT_EQ(DateText(dates.end_date()), "12/31/2029");
  EXPECT_THAT(Reported(form, "", v1::UNREAD_KIND_NOTE),
              ::testing::IsSupersetOf({HasSubstr("| Date BUCP Draft Finalized: 3/1/2026"),
                                       HasSubstr("| Date BUCP Draft Sent: April 2, 2026")}));
  EXPECT_THAT(Reported(form, kDates),
              ElementsAre(HasSubstr("| 1/5/2027"), HasSubstr("| 12/31/2029 at the latest"),
                          HasSubstr("| 01/04/2027")));
}

TEST(Answers, WithAReasonKeepItAsANote) {
  WordForm file;
  file.Put("administrative.research", {"No \u2013 program operations only.", "Nobody publishes it."})
      .Put("administrative.redisclosure", {"Not permitted."})
      .Put("administrative.transfer_of_funds", {"No, both sides bear their costs."})
      .Put("technical.data_users", {"Four analysts.", "Contractors have access: No"});
  const ReadForm form = MustRead(file.Docx());
  const auto& administrative = form.content.administrative();
  EXPECT_EQ(administrative.research().research(), v1::ANSWER_NO);
  EXPECT_EQ(administrative.research().approval_statement(), "");
  EXPECT_EQ(administrative.research().answer_note(), "program operations only.\nNobody publishes it.");
  EXPECT_EQ(administrative.redisclosure().allowed(), v1::ANSWER_NO);
  EXPECT_EQ(administrative.redisclosure().terms(), "");
  EXPECT_EQ(administrative.transfer_of_funds().answer_note(), "both sides bear their costs.");
  EXPECT_EQ(form.content.technical().data_users().contractors(), v1::ANSWER_NO);
}

TEST(Answers, ThatAreYesKeepTheirExplanation) {
  const ReadForm form = MustRead(WordForm()
                                     .Put("administrative.research", {"Yes, approved by CPHS on May 3."})
                                     .Put("administrative.redisclosure", {"Permitted: to counties."})
                                     .Docx());
  EXPECT_EQ(form.content.administrative().research().approval_statement(), "approved by CPHS on May 3.");
  EXPECT_EQ(form.content.administrative().redisclosure().allowed(), v1::ANSWER_YES);
  EXPECT_EQ(form.content.administrative().redisclosure().terms(), "to counties.");
}

TEST(Answers, ThatAreUnclearAreReportedAndNeverAnApproval) {
  const ReadForm form = MustRead(WordForm().Put("administrative.research", {"To be decided."}).Docx());
  EXPECT_EQ(form.content.administrative().research().research(), v1::ANSWER_UNSPECIFIED);
  EXPECT_EQ(form.content.administrative().research().approval_statement(), "");
  EXPECT_EQ(form.content.administrative().research().answer_note(), "To be decided.");
  EXPECT_THAT(Reported(form, "administrative.research"), ElementsAre(HasSubstr("| To be decided.")));
}

}  // namespace
}  // namespace idea::drafting::document
