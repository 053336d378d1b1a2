#include "tests/services/drafting/document/read_word_form.h"

// Controls, tables and lists of the template as people complete it, one class of files for each test: what is
// read, what is reported, and that no word is lost (read_word_form.h).
namespace idea::drafting::document {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr char kContacts[] = "business_case.contact_information";
constexpr char kElements[] = "technical.data_elements";

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

TEST(CheckBoxes, MayStandAfterTheirAnswersOrBeDrawnWithLines) {
  constexpr char kFunds[] = "administrative.transfer_of_funds";
  for (const auto& [line, answer] : {std::pair("Yes [ ]  No [X]", v1::ANSWER_NO),
                                     {"Yes \u2610 No \u2612", v1::ANSWER_NO},
                                     {"Y \u2612 / N \u2610", v1::ANSWER_YES},
                                     {"___ Yes _X_ No", v1::ANSWER_NO},
                                     {"_x_ Yes ___ No", v1::ANSWER_YES},
                                     {"__ Yes  x No", v1::ANSWER_NO},
                                     {"X No", v1::ANSWER_NO},
                                     {"[\u2713] No", v1::ANSWER_NO},
                                     {"YES / NO: NO", v1::ANSWER_NO},
                                     {"Y/N: Y", v1::ANSWER_YES},
                                     {"Answer: No", v1::ANSWER_NO}}) {
    const ReadForm form = MustRead(WordForm().Put(kFunds, {line}).Docx());
    EXPECT_EQ(form.content.administrative().transfer_of_funds().transfers(), answer) << line;
    EXPECT_THAT(Reported(form, kFunds), IsEmpty()) << line;
  }
  const ReadForm reason = MustRead(WordForm().Put(kFunds, {"Yes [ ] No [X] \u2013 one program"}).Docx());
  EXPECT_EQ(reason.content.administrative().transfer_of_funds().transfers(), v1::ANSWER_NO);
  EXPECT_EQ(reason.content.administrative().transfer_of_funds().answer_note(), "one program");
}

// It is not certain which answer was given.
TEST(CheckBoxes, ThatAreUncertainAreReported) {
  constexpr char kFunds[] = "administrative.transfer_of_funds";
  for (const char* line : {"Yes \u2610 No", "Yes / No", "Yes [X] [ ] No", "Not applicable"}) {
    const ReadForm form = MustRead(WordForm().Put(kFunds, {line}).Docx());
    EXPECT_EQ(form.content.administrative().transfer_of_funds().transfers(), v1::ANSWER_UNSPECIFIED) << line;
    EXPECT_FALSE(Reported(form, kFunds).empty()) << line;
  }
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
              ElementsAre(HasSubstr("the field exists twice"), HasSubstr("| Required, see law")));
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
                          HasSubstr("row 5: an element with this name was read before")));
}

TEST(ElementTables, MayNameTheProvidersOfEachElement) {
  const std::string docx = WordForm()
                               .PutXml(kElements, Tbl({{"Field Name", "Type", "Definition", "Data Provider"},
                                                       {"County", "Text", "county of residence", "CDPH"},
                                                       {"Income", "Currency", "yearly", "CDPH, DHCS"},
                                                       {"Age", "Numeric", "in years", "all"},
                                                       {"Filing status", "Text", "of the return", "FTB"},
                                                       {"Sex", "Text", "as registered", ""}}) +
                                                      "<w:p/>")
                               .Docx();
  const ReadForm form = MustRead(docx, {kCdss}, {kDhcs, kCdph});
  const auto& elements = form.content.technical().data_elements().elements();
  ASSERT_EQ(elements.size(), 5);
  EXPECT_THAT(elements[0].providers(), ElementsAre(kCdph));
  EXPECT_THAT(elements[1].providers(), UnorderedElementsAre(kDhcs, kCdph));
  for (const int every : {2, 3, 4}) EXPECT_THAT(elements[every].providers(), IsEmpty());
  EXPECT_THAT(Reported(form, kElements, v1::UNREAD_KIND_NOT_STORED),
              ElementsAre(HasSubstr("not a Data Provider of this BUCP | FTB")));
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

TEST(ElementTables, OutsideOfTheFieldBelongToIt) {
  WordForm file;
  file.Put(kElements, {"See Appendix B."})
      .Behind(Tbl({{"Data Elements", "Description", "Data Type"}, {"Wages", "Per quarter", "Money"}}));
  const ReadForm form = MustRead(file.Docx());
  const auto& elements = form.content.technical().data_elements().elements();
  ASSERT_GE(elements.size(), 1);
  EXPECT_EQ(elements.rbegin()->field_name(), "Wages");
  EXPECT_EQ(elements.rbegin()->type(), v1::ELEMENT_TYPE_CURRENCY);
}

TEST(ElementLists, AreSeparatedBySemicolons) {
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

TEST(ElementTables, AreReadByWordsInTheirHeadings) {
  const ReadForm form = MustRead(
      WordForm()
          .PutXml(kElements, Tbl({{"Data Field Name", "Business Definition", "SQL type", "Justification"},
                                  {"County", "County of residence", "Text", "Outreach"},
                                  {"Data element version", "Meaning of the format", "Text", "Audit"}}))
          .Docx());
  const auto& elements = form.content.technical().data_elements().elements();
  ASSERT_EQ(elements.size(), 2);
  EXPECT_EQ(elements[0].field_name(), "County");
  EXPECT_EQ(elements[0].definition(), "County of residence");
  EXPECT_EQ(elements[0].type(), v1::ELEMENT_TYPE_TEXT);
  EXPECT_EQ(elements[0].notes(), "Justification: Outreach");
  EXPECT_EQ(elements[1].field_name(), "Data element version");
}

TEST(ElementLists, MayHaveCheckBoxesAndHeadings) {
  const ReadForm form =
      MustRead(WordForm()
                   .Put(kElements, {"\u2612 County", "\u2610 Income", "Person: First name; Last name",
                                    "Age: in years; Sex: as recorded"})
                   .Docx());
  std::vector<std::string> names;
  for (const auto& element : form.content.technical().data_elements().elements())
    names.push_back(element.field_name());
  EXPECT_THAT(names, ElementsAre("County", "First name", "Last name", "Age", "Sex"));
  EXPECT_THAT(Reported(form, kElements, v1::UNREAD_KIND_NOTE), SizeIs(2));
}

TEST(ElementLists, MayDefineTheElements) {
  const ReadForm form = MustRead(
      WordForm()
          .Put(kElements, {"\u2022 County: county of residence", "\u2022 Income \u2013 gross, monthly",
                           "name, birth date, and case number"})
          .Docx());
  const auto& elements = form.content.technical().data_elements().elements();
  ASSERT_EQ(elements.size(), 5);
  EXPECT_EQ(elements[0].field_name(), "County");
  EXPECT_EQ(elements[0].definition(), "county of residence");
  EXPECT_EQ(elements[1].definition(), "gross, monthly");
  EXPECT_EQ(elements[4].field_name(), "case number");
}

TEST(ElementLists, ThatAreElsewhereAreReported) {
  for (const std::string text : {"See attached spreadsheet.", "see Appendix B", "The list is attached",
                                 "The elements of the monthly extract are used."}) {
    const ReadForm form = MustRead(WordForm().Put(kElements, {text}).Docx());
    EXPECT_EQ(form.content.technical().data_elements().elements_size(), 0) << text;
    EXPECT_EQ(Reported(form, kElements, v1::UNREAD_KIND_NOT_STORED).size(), 1) << text;
  }
}

TEST(ElementLists, ThatAreATextAreReported) {
  const std::string text(300, 'x');
  const ReadForm form = MustRead(WordForm().Put(kElements, {text}).Docx());
  EXPECT_EQ(form.content.technical().data_elements().elements_size(), 0);
  EXPECT_THAT(Reported(form, kElements),
              ElementsAre("expected a table or a list of data elements, got a text | " + text));
}

TEST(Objects, ThatAreNotTextAreReported) {
  const ReadForm form =
      MustRead(WordForm()
                   .PutXml(kElements,
                           "<w:p><w:r><w:drawing><a:blip/></w:drawing></w:r><w:r><w:object/></w:r></w:p>"
                           "<w:p><w:r><w:pict><v:imagedata/></w:pict></w:r><w:r><w:drawing><c:chart/>"
                           "</w:drawing><w:drawing><dgm:relIds/></w:drawing></w:r></w:p>")
                   .Behind("<w:altChunk/>")
                   .Part("header", "<w:hdr><w:p><w:r><w:drawing><a:blip/></w:drawing></w:r></w:p></w:hdr>")
                   .Docx());
  EXPECT_THAT(Reported(form, "", v1::UNREAD_KIND_NOT_STORED),
              ::testing::IsSupersetOf({"the file contains a picture, 2 times; only text is read",
                                       "the file contains an embedded object; only text is read",
                                       "the file contains a chart; only text is read",
                                       "the file contains a diagram; only text is read",
                                       "the file contains an inserted file; only text is read"}));
}

TEST(PartsOfTheTable, AreIncludedOrReported) {
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
          "1 insertion by Ann Author is a pending change; it was read as accepted"));
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

TEST(ThePlaceOfText, IsReportedIfItIsWrong) {
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
                  "is not a field of the template | Data transfer as we call it | Required | by courier")));
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
