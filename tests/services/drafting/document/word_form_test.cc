#include "tests/services/drafting/document/read_word_form.h"

#include "services/drafting/content/content_path.h"

// The template as people fill it in, a class of files a test: each says what is read, what is reported, and
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
constexpr char kElements[] = "technical.data_elements";

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
        "Health and Human Services Agency, Dept. of Social Services",
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

TEST(DepartmentLines, OfAFormerNameOrAPartAreTakenAndReported) {
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
  // The caller decides; nothing else changes.
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

TEST(DepartmentNames, MeanNobodyWhereTheyMeanSomethingElse) {
  for (const char* text :
       {"Volunteers", "the state library card", "Department", "Aging adults", "Board", "", "ada"}) {
    EXPECT_EQ(Finder().Find(text).entity, "") << text;
  }
  EXPECT_EQ(Finder().Find("California Volunteers").entity, "entities/volunteers");
  EXPECT_EQ(Finder().Find("Commission on Aging").entity, "entities/commission-on-aging");
  EXPECT_EQ(Finder().Find("Department of Aging").entity, "entities/aging");
  const MeantDepartment two = Finder().Find("CDSS and FTB");
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

TEST(TextOfDepartments, ThatOnlyMentionsOneIsNotItsOwn) {
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
    {"no end date", "", "", RECURRENCE_UNSPECIFIED, "", "no end date", 0},
    {"Starts 4 January 2027, no end date", "01/04/2027", "", RECURRENCE_UNSPECIFIED, "",
     "Starts 4 January 2027, no end date", 0},
    {"Ongoing, twice a year", "", "", RECURRENCE_ONGOING, "twice a year", "", 0},
    {"Ongoing, on demand of the county", "", "", RECURRENCE_ONGOING, "on demand of the county", "", 0},
    {"First file due by 2/1/2027.", "", "", RECURRENCE_UNSPECIFIED, "", "First file due by 2/1/2027.", 0},
    {"One-time or ongoing: Ongoing", "", "", RECURRENCE_ONGOING, "", "", 0},
    {"One time, monthly", "", "", RECURRENCE_UNSPECIFIED, "", "One time, monthly", 1},
    {"\u2612 Ongoing \u2610 One-time", "", "", RECURRENCE_ONGOING, "", "", 0},
    {"Begins 2/30/2027", "", "", RECURRENCE_UNSPECIFIED, "", "Begins 2/30/2027", 0},
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

TEST(DatesOfTheChecklist, AreTakenOrReported) {
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

TEST(Answers, ThatAreYesSayWhatFollows) {
  const ReadForm form = MustRead(WordForm()
                                     .Put("administrative.research", {"Yes, approved by CPHS on May 3."})
                                     .Put("administrative.redisclosure", {"Permitted: to counties."})
                                     .Docx());
  EXPECT_EQ(form.content.administrative().research().approval_statement(), "approved by CPHS on May 3.");
  EXPECT_EQ(form.content.administrative().redisclosure().allowed(), v1::ANSWER_YES);
  EXPECT_EQ(form.content.administrative().redisclosure().terms(), "to counties.");
}

TEST(Answers, ThatAreNoneAreReportedAndNeverAnApproval) {
  const ReadForm form = MustRead(WordForm().Put("administrative.research", {"To be decided."}).Docx());
  EXPECT_EQ(form.content.administrative().research().research(), v1::ANSWER_UNSPECIFIED);
  EXPECT_EQ(form.content.administrative().research().approval_statement(), "");
  EXPECT_EQ(form.content.administrative().research().answer_note(), "To be decided.");
  EXPECT_THAT(Reported(form, "administrative.research"), ElementsAre(HasSubstr("| To be decided.")));
}

TEST(CheckBoxes, AreAnswers) {
  struct Case {
    std::vector<std::string> lines;
    v1::Answer answer;
    size_t reported;
  };
  for (const Case& each : {Case{{"\u2612 Yes \u2610 No"}, v1::ANSWER_YES, 0},
                           {{"\u2610 Yes", "\u2612 No"}, v1::ANSWER_NO, 0},
                           {{"[X] Yes [ ] No"}, v1::ANSWER_YES, 0},
                           {{"[ ] Yes [x] No"}, v1::ANSWER_NO, 0},
                           {{"\u2610 Yes \u2610 No"}, v1::ANSWER_UNSPECIFIED, 0},
                           {{"\u2612 Yes \u2612 No"}, v1::ANSWER_UNSPECIFIED, 1}}) {
    const ReadForm form = MustRead(WordForm().Put("administrative.redisclosure", each.lines).Docx());
    EXPECT_EQ(form.content.administrative().redisclosure().allowed(), each.answer) << each.lines[0];
    EXPECT_EQ(form.content.administrative().redisclosure().terms(), "") << each.lines[0];
    EXPECT_EQ(Reported(form, "administrative.redisclosure").size(), each.reported) << each.lines[0];
  }
  const ReadForm form =
      MustRead(WordForm().Put("business_case.data_categories", {"\u2612 PII", "\u2610 Demographic"}).Docx());
  EXPECT_THAT(form.content.business_case().data_categories().categories(), ElementsAre("PII"));
  EXPECT_THAT(Reported(form, "business_case.data_categories"),
              ElementsAre("it is not checked | Demographic"));
}

TEST(Controls, ThatShowTheirPromptAreEmpty) {
  const std::string prompt = "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>" +
                             P("Describe the purpose.") + "</w:sdtContent></w:sdt>";
  const ReadForm form = MustRead(WordForm()
                                     .PutXml("business_case.use_case_description", prompt)
                                     .Put("business_case.use_case_name", {"Click or tap here to enter text."})
                                     .Put("administrative.research", {"Choose an item."})
                                     .Docx());
  EXPECT_EQ(form.content.DebugString(), "");
  EXPECT_THAT(Reported(form, "administrative.research"), IsEmpty());
}

TEST(Categories, AreNotSplitWithinBrackets) {
  const ReadForm form = MustRead(
      WordForm()
          .Put("business_case.data_categories",
               {"PII (name, date of birth; SSN), demographic; \u2022 program usage (a, b", "a) wages"})
          .Docx());
  EXPECT_THAT(form.content.business_case().data_categories().categories(),
              ElementsAre("PII (name, date of birth; SSN)", "demographic", "program usage (a, b", "wages"));
}

TEST(Rows, ThatAreMergedOrSplitAreOneField) {
  const std::string title = "Use Case Description/Purpose";
  WordForm merged;
  merged.PutRows("business_case.use_case_description",
                 Tr({Tc(P(title), "<w:vMerge w:val=\"restart\"/>"), Tc(P("Required")), Tc(P("first half"))}) +
                     Tr({Tc("<w:p/>", "<w:vMerge/>"), Tc("<w:p/>"), Tc(P("second half"))}));
  EXPECT_EQ(MustRead(merged.Docx()).content.business_case().use_case_description().purpose(),
            "first half\nsecond half");
  WordForm split;
  split.PutRows("business_case.use_case_description",
                Tr({Tc(P(title)), Tc(P("Required")), Tc(P("first half"))}) +
                    Tr({Tc("<w:p/>"), Tc("<w:p/>"), Tc(P("second half"))}));
  EXPECT_EQ(MustRead(split.Docx()).content.business_case().use_case_description().purpose(),
            "first half\nsecond half");
  WordForm wide;
  wide.PutRows("business_case.use_case_description",
               Tr({Tc(P(title)), Tc(P("Required") + P("all of it"), "<w:gridSpan w:val=\"2\"/>")}));
  EXPECT_EQ(MustRead(wide.Docx()).content.business_case().use_case_description().purpose(), "all of it");
  WordForm twice;
  twice.PutRows("business_case.use_case_description",
                Tr({Tc(P(title)), Tc(P("Required")), Tc(P("once"))}) +
                    Tr({Tc(P(title)), Tc(P("Required, see law")), Tc(P("again"))}));
  const ReadForm form = MustRead(twice.Docx());
  EXPECT_EQ(form.content.business_case().use_case_description().purpose(), "once\nagain");
  EXPECT_THAT(Reported(form, "business_case.use_case_description"),
              ElementsAre(HasSubstr("the field is there twice"), HasSubstr("| Required, see law")));
}

TEST(Tables, OfATemplateInSeveralPiecesAreOneForm) {
  WordForm file;
  for (const Layout& layout : kLayouts) {
    if (std::string_view(layout.path).ends_with("education_records")) continue;
    if (std::string(layout.path) == "technical.data_elements" ||
        std::string(layout.path) == "administrative.research") {
      file.SplitAt(std::string(layout.path));
    }
  }
  file.Put("business_case.use_case_name", {"A match"}).Put("administrative.research", {"No"});
  const ReadForm form = MustRead(file.Docx());
  EXPECT_EQ(form.content.business_case().use_case_name().title(), "A match");
  EXPECT_EQ(form.content.administrative().research().research(), v1::ANSWER_NO);
  EXPECT_THAT(form.unread, IsEmpty());
}

TEST(ElementTables, AreReadByGridAndSynonyms) {
  const std::string table =
      "<w:tbl>" +
      Tr({Tc(P("Data Element"), "<w:gridSpan w:val=\"2\"/>"), Tc(P("Description")), Tc(P("Data Type")),
          Tc(P("Mandatory")), Tc(P("Retention"))}) +
      Tr({Tc(P("Demographics"), "<w:gridSpan w:val=\"6\"/>")}) +
      Tr({Tc(P("\u2022 Birth Date")), Tc(P("")), Tc(P("Day of birth")), Tc(P("Date")), Tc(P("[X]")),
          Tc(P("5 years"))}) +
      Tr({Tc(P("- Case Number"), "<w:gridSpan w:val=\"2\"/>"), Tc(P("Number of the case")), Tc(P("String")),
          Tc(P("No")), Tc(P("7 years"))}) +
      Tr({Tc(P("birth date"), "<w:gridSpan w:val=\"2\"/>"), Tc(P("the same once more")), Tc(P("Date")),
          Tc(P("Yes")), Tc(P(""))}) +
      "</w:tbl>";
  const ReadForm form = MustRead(WordForm().PutXml(kElements, table + "<w:p/>").Docx());
  const auto& elements = form.content.technical().data_elements().elements();
  ASSERT_EQ(elements.size(), 2);
  EXPECT_EQ(elements[0].field_name(), "Birth Date");
  EXPECT_EQ(elements[0].definition(), "Day of birth");
  EXPECT_EQ(elements[0].type(), v1::ELEMENT_TYPE_DATE_TIME);
  EXPECT_TRUE(elements[0].required());
  EXPECT_EQ(elements[0].notes(), "Retention: 5 years");
  EXPECT_EQ(elements[1].field_name(), "Case Number");
  EXPECT_EQ(elements[1].type(), v1::ELEMENT_TYPE_TEXT);
  EXPECT_FALSE(elements[1].required());
  EXPECT_THAT(Reported(form, kElements),
              ElementsAre("columns that the template does not have were kept in the notes | Retention",
                          "row 2: a heading within the table of elements | Demographics",
                          HasSubstr("row 5: an element of this name was read before")));
}

TEST(ElementTables, WithMergedCellsGiveEachRowItsText) {
  const std::string table = "<w:tbl>" + Tr({Tc(P("Field Name")), Tc(P("Definition")), Tc(P("Source"))}) +
                            Tr({Tc(P("A")), Tc(P("first")), Tc(P("MEDS"), "<w:vMerge w:val=\"restart\"/>")}) +
                            Tr({Tc(P("B")), Tc(P("second")), Tc("<w:p/>", "<w:vMerge/>")}) +
                            Tr({Tc(P("C"), "<w:vMerge w:val=\"restart\"/>"), Tc(P("third")), Tc(P("SAWS"))}) +
                            Tr({Tc("<w:p/>", "<w:vMerge/>"), Tc(P("fourth")), Tc(P(""))}) + "</w:tbl>";
  const ReadForm form = MustRead(WordForm().PutXml(kElements, table + "<w:p/>").Docx());
  const auto& elements = form.content.technical().data_elements().elements();
  ASSERT_EQ(elements.size(), 3);
  EXPECT_EQ(elements[1].source(), "MEDS");
  EXPECT_EQ(elements[2].definition(), "third");
  EXPECT_EQ(elements[2].notes(), "fourth");
}

TEST(ElementTables, OutsideOfTheFieldAreItsOwn) {
  WordForm file;
  file.Put(kElements, {"See Appendix B."})
      .Behind(Tbl({{"Data Elements", "Description", "Data Type"}, {"Wages", "Per quarter", "Money"}}));
  const ReadForm form = MustRead(file.Docx());
  const auto& elements = form.content.technical().data_elements().elements();
  ASSERT_GE(elements.size(), 1);
  EXPECT_EQ(elements.rbegin()->field_name(), "Wages");
  EXPECT_EQ(elements.rbegin()->type(), v1::ELEMENT_TYPE_CURRENCY);
}

TEST(ElementLists, ArePartedBySemicolons) {
  const ReadForm form = MustRead(WordForm()
                                     .Put(kElements, {"\u2022 Name (first, last); Birth Date; SSN.",
                                                      "Wages, Hours, Employer", "\u2022 Case Number"})
                                     .Docx());
  std::vector<std::string> names;
  for (const auto& element : form.content.technical().data_elements().elements())
    names.push_back(element.field_name());
  EXPECT_THAT(names, ElementsAre("Name (first, last)", "Birth Date", "SSN", "Wages", "Hours", "Employer",
                                 "Case Number"));
}

TEST(ElementLists, ThatAreATextAreReported) {
  const std::string text(300, 'x');
  const ReadForm form = MustRead(WordForm().Put(kElements, {text}).Docx());
  EXPECT_EQ(form.content.technical().data_elements().elements_size(), 0);
  EXPECT_THAT(Reported(form, kElements),
              ElementsAre("wanted a table or a list of data elements, got a text | " + text));
}

TEST(Parts, AreIncludedOrReported) {
  WordForm file;
  file.PutXml("business_case.use_case_description",
              "<w:p>" + TextRun("purpose") + "<w:r><w:footnoteReference w:id=\"2\"/></w:r>" +
                  "<w:ins w:author=\"Ann Author\">" + TextRun(" inserted") +
                  "</w:ins><w:del w:author=\"Dan Deleter\">"
                  "<w:r><w:delText>withdrawn</w:delText></w:r></w:del></w:p>")
      .Part("footnotes",
            "<w:footnotes><w:footnote w:id=\"2\">" + P("underlying statute") + "</w:footnote></w:footnotes>")
      .Part("comments", "<w:comments><w:comment w:id=\"1\" w:author=\"Cy Commenter\">" + P("is that so?") +
                            "</w:comment></w:comments>")
      .Part("header", "<w:hdr>" + P("CONFIDENTIAL DRAFT") + "</w:hdr>")
      .Behind(P("A paragraph after the form."));
  const ReadForm form = MustRead(file.Docx("word/document2.xml"));
  EXPECT_EQ(form.content.business_case().use_case_description().purpose(),
            "purpose [Note: underlying statute] inserted");
  EXPECT_THAT(
      Reported(form, ""),
      ElementsAre(
          "text outside of the fields of the template | A paragraph after the form.\nCONFIDENTIAL DRAFT",
          "a comment by Cy Commenter | is that so?",
          "a text that a pending change by Dan Deleter deletes; it was left out | withdrawn",
          "1 insertions by Ann Author are pending changes; they were read as accepted"));
}

TEST(ContactsAsText, KeepEveryLine) {
  WordForm file;
  file.Put(kContacts, {"Data Recipient Contacts", "Data Coordinator Contact", "Name: Ada Coordinator",
                       "Title: Data Manager", "Division/Department: CalFresh Branch / CDSS",
                       "E-mail: ada@example.org  Telephone: 916 555 0111", "Executive Sponsor Contact",
                       "Name: Sam Sponsor", "Phone: 916 555 0112", "Call in the morning",
                       "Data Provider Contacts", "Data Coordinator Contact", "Name: Known Person",
                       "Division/Department: DHCS", "Phone: 916-555-9999"});
  const ReadForm form = MustRead(file.Docx());
  const auto& contacts = form.content.business_case().contact_information().departments();
  ASSERT_EQ(contacts.size(), 2);
  EXPECT_EQ(contacts[0].entity(), kCdss);
  const auto& coordinator = contacts[0].data_coordinator_text();
  EXPECT_EQ(coordinator.display_name(), "Ada Coordinator");
  EXPECT_EQ(coordinator.title(), "Data Manager");
  EXPECT_EQ(coordinator.division(), "CalFresh Branch / CDSS");
  EXPECT_EQ(coordinator.email(), "ada@example.org");
  EXPECT_EQ(coordinator.phone(), "916 555 0111");
  EXPECT_EQ(contacts[0].executive_sponsor_text().display_name(), "Sam Sponsor");
  EXPECT_EQ(contacts[0].executive_sponsor_text().phone(), "916 555 0112");
  EXPECT_EQ(contacts[1].data_coordinator(), std::string(kDhcs) + "/contacts/known-person");
  EXPECT_FALSE(contacts[1].has_data_coordinator_text());
  const auto reported = Reported(form, kContacts);
  EXPECT_THAT(reported, Contains("not understood | Call in the morning"));
  EXPECT_THAT(reported,
              Contains(HasSubstr(
                  "another phone of entities/dhcs/contacts/known-person: 916-555-0100 | 916-555-9999")));
}

TEST(ThePlaceOfText, IsReportedWhereItHasNone) {
  WordForm file;
  file.PutRows("technical.data_transfer",
               Tr({Tc(P("Data transfer as we call it")), Tc(P("Required")), Tc(P("by courier"))}))
      .PutXml("administrative.anticipated_risks",
              Tbl({{"Risk", "Remedy"}, {"loss", "encryption"}}) + "<w:p/>")
      .Put("administrative.approvals",
           {"It is not disputed.", "Data Recipient Approvals", "Name: Sig Natory", "PS: thanks"})
      .Put("administrative.possible_alternatives", {"N/A"});
  const ReadForm form = MustRead(file.Docx());
  EXPECT_THAT(Reported(form, ""),
              Contains(HasSubstr(
                  "is no field of the template | Data transfer as we call it | Required | by courier")));
  EXPECT_THAT(Reported(form, "technical.data_transfer"), ElementsAre("the field is not in the file"));
  EXPECT_EQ(form.content.administrative().anticipated_risks().description(),
            "Risk | Remedy\nloss | encryption");
  EXPECT_EQ(form.content.administrative().approvals().acknowledgement(), "It is not disputed.");
  EXPECT_EQ(Reported(form, "administrative.approvals").size(), 2);
  EXPECT_THAT(Reported(form, "administrative.possible_alternatives"),
              ElementsAre("it was taken as not answered | N/A"));
}

TEST(AReport, ThatIsTooLargeRefusesTheFile) {
  const auto read = ReadDocx(WordForm().Behind(P(std::string(1 << 20, 'x'))).Docx());
  EXPECT_THAT(read, testing::FailsWith(status::Reason::ERROR_REASON_DOCUMENT_REFUSED));
  EXPECT_EQ(status::MetadataOf(read.status(), "cause"), "TOO_LARGE");
}

}  // namespace
}  // namespace idea::drafting::document
