#include "services/drafting/document/docx_tables.h"

#include "common/status/status.h"
#include "tests/support/matchers.h"

// Documents as Word, LibreOffice and attackers write them.
namespace idea::drafting::document {
namespace {

using status::Reason;
using testing::FailsWith;

std::string Cell(const std::string& inside) {
  return "<w:document><w:body><w:tbl><w:tr><w:tc>" + inside + "</w:tc></w:tr></w:tbl></w:body></w:document>";
}

// The first cell, one paragraph on each line.
std::string Read(const std::string& xml) {
  const auto body = ReadParts({.document = xml});
  EXPECT_THAT(body, testing::IsOk());
  std::string text;
  if (!body.ok() || body->tables.empty()) return text;
  for (const auto& paragraph : body->tables.at(0).at(0).at(0).paragraphs) {
    text += "[" + paragraph.style + "]" + paragraph.text + "\n";
  }
  return text;
}

std::string TextRun(const std::string& text) { return "<w:r><w:t>" + text + "</w:t></w:r>"; }

TEST(ADocument, IsReadThroughElementsOfWord) {
  EXPECT_EQ(Read(Cell("<w:p><w:pPr><w:pStyle w:val=\"X\"/></w:pPr>" + TextRun("a ") + "<w:r><w:tab/></w:r>" +
                      TextRun("b") + "</w:p>")),
            "[X]a \tb\n");
  EXPECT_EQ(
      Read(Cell("<w:sdt><w:sdtContent><w:p>" + TextRun("in a control") + "</w:p></w:sdtContent></w:sdt>")),
      "[]in a control\n");
  EXPECT_EQ(Read(Cell("<w:p><w:hyperlink>" + TextRun("link") + "</w:hyperlink><w:bookmarkStart/></w:p>")),
            "[]link\n");
  EXPECT_EQ(
      Read(Cell(
          "<w:p><w:r><w:t>&#x1F600;&amp;&lt;</w:t><w:br/><w:t xml:space=\"preserve\"> </w:t></w:r></w:p>")),
      "[]\U0001f600&<\n \n");
}

TEST(ADocument, IsReadAsIfTrackedChangesWereAccepted) {
  EXPECT_EQ(Read(Cell("<w:p><w:ins>" + TextRun("new") +
                      "</w:ins><w:del><w:r><w:delText>old</w:delText></w:r></w:del></w:p>")),
            "[]new\n");
}

ReadBody Body(const DocxParts& parts) {
  const auto body = ReadParts(parts);
  EXPECT_THAT(body, testing::IsOk());
  return body.ok() ? *body : ReadBody();
}

TEST(ADocument, ReportsDeletionsAndInsertions) {
  const ReadBody body = Body(
      {.document = Cell(
           "<w:p><w:ins w:author=\"A. Person\">" + TextRun("new") +
           "</w:ins><w:del w:author=\"B. Person\"><w:r><w:delText>old</w:delText></w:r></w:del></w:p>")});
  ASSERT_EQ(body.annotations.size(), 2);
  EXPECT_EQ(body.annotations[0].kind, Annotation::Kind::kInsertion);
  EXPECT_EQ(body.annotations[0].author, "A. Person");
  EXPECT_EQ(body.annotations[1].kind, Annotation::Kind::kDeletion);
  EXPECT_EQ(body.annotations[1].author, "B. Person");
  EXPECT_EQ(body.annotations[1].text, "old");
}

std::string Control(const std::string& properties, const std::string& inside) {
  return "<w:sdt><w:sdtPr>" + properties + "</w:sdtPr><w:sdtContent>" + inside + "</w:sdtContent></w:sdt>";
}

TEST(ADocument, IgnoresPromptsOfControls) {
  for (const std::string& xml : {
           Cell(Control("<w:showingPlcHdr/>",
                        "<w:p>" + TextRun("Click or tap here to enter text.") + "</w:p>")),
           Cell("<w:p>" + Control("<w:showingPlcHdr/>", TextRun("Write whatever")) + "</w:p>"),
           Cell("<w:p>" +
                Control("<w:dropDownList/><w:showingPlcHdr w:val=\"1\"/>", TextRun("Choose an item.")) +
                "</w:p>"),
           Cell("<w:p>" + TextRun("Choose an item.") + "</w:p>"),
           Cell("<w:p>" + TextRun("Click or tap here to") + TextRun(" enter text.") + "</w:p>"),
       }) {
    EXPECT_EQ(Read(xml), "[]\n") << xml;
  }
  EXPECT_EQ(Read(Cell("<w:p>" + Control("<w:showingPlcHdr w:val=\"0\"/>", TextRun("an answer")) + "</w:p>")),
            "[]an answer\n");
  // The cell itself is in the control. It exists and is empty.
  const ReadBody body =
      Body({.document = "<w:document><w:body><w:tbl><w:tr><w:tc><w:p>" + TextRun("a") + "</w:p></w:tc>" +
                        Control("<w:showingPlcHdr/>", "<w:tc><w:p>" + TextRun("prompt") + "</w:p></w:tc>") +
                        "</w:tr></w:tbl></w:body></w:document>"});
  ASSERT_EQ(body.tables.at(0).at(0).size(), 2);
  EXPECT_EQ(body.tables[0][0][1].paragraphs.at(0).text, "");
}

TEST(ADocument, HasTheDayOfADatePicker) {
  const auto picker = [](const std::string& shown, const std::string& more = "") {
    return Cell("<w:p><w:sdt><w:sdtPr>" + more +
                "<w:date w:fullDate=\"2027-01-04T00:00:00Z\"/></w:sdtPr><w:sdtContent>" + TextRun(shown) +
                "</w:sdtContent></w:sdt></w:p>");
  };
  EXPECT_EQ(Read(picker("04.01.2027")), "[]2027-01-04\n");
  EXPECT_EQ(Read(picker("Monday the fourth")), "[]2027-01-04\n");
  EXPECT_EQ(Read(picker("January 4, 2027")), "[]January 4, 2027\n");
  EXPECT_EQ(Read(picker("Click or tap to enter a date.", "<w:showingPlcHdr/>")), "[]\n");
}

TEST(ADocument, ShowsCheckBoxesAndListsAsTheyAreSet) {
  EXPECT_EQ(
      Read(Cell("<w:p>" + Control("<w14:checkbox><w14:checked w14:val=\"1\"/></w14:checkbox>", TextRun("x")) +
                TextRun(" Yes ") +
                Control("<w14:checkbox><w14:checked w14:val=\"0\"/></w14:checkbox>", TextRun("o")) +
                TextRun(" No") + "</w:p>")),
      "[]\u2612 Yes \u2610 No\n");
  EXPECT_EQ(
      Read(Cell("<w:p><w:r><w:fldChar w:fldCharType=\"begin\"><w:ffData><w:checkBox><w:default w:val=\"0\"/>"
                "<w:checked/></w:checkBox></w:ffData></w:fldChar></w:r>" +
                TextRun(" Yes") + "</w:p>")),
      "[]\u2612 Yes\n");
  EXPECT_EQ(
      Read(Cell("<w:p><w:r><w:fldChar w:fldCharType=\"begin\"><w:ffData><w:ddList><w:result w:val=\"1\"/>"
                "<w:listEntry w:val=\"One-time\"/><w:listEntry w:val=\"Ongoing\"/></w:ddList></w:ffData>"
                "</w:fldChar></w:r></w:p>")),
      "[]Ongoing\n");
  EXPECT_EQ(Read(Cell("<w:p><w:r><w:sym w:font=\"Wingdings\" w:char=\"F0FE\"/><w:t> Yes</w:t></w:r></w:p>")),
            "[]\u2612 Yes\n");
}

TEST(ADocument, IncludesNotesAndTextBoxes) {
  const std::string footnotes = "<w:footnotes><w:footnote w:id=\"2\"><w:p>" + TextRun("see the law") +
                                "</w:p></w:footnote>"
                                "<w:footnote w:id=\"3\"><w:p>" +
                                TextRun("used by nobody") + "</w:p></w:footnote></w:footnotes>";
  const std::string box = "<w:txbxContent><w:p>" + TextRun("boxed") + "</w:p></w:txbxContent>";
  const ReadBody body =
      Body({.document = Cell("<w:p>" + TextRun("text") +
                             "<w:r><w:footnoteReference w:id=\"2\"/></w:r>"
                             "<w:r><mc:AlternateContent><mc:Choice><w:drawing>" +
                             box +
                             "</w:drawing></mc:Choice>"
                             "<mc:Fallback><w:pict>" +
                             box + "</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"),
            .footnotes = footnotes,
            .margins = {"<w:hdr><w:p>" + TextRun("a header") + "</w:p></w:hdr>"}});
  const auto& paragraphs = body.tables.at(0).at(0).at(0).paragraphs;
  ASSERT_EQ(paragraphs.size(), 2);
  EXPECT_EQ(paragraphs[0].text, "text [Note: see the law]");
  EXPECT_EQ(paragraphs[1].text, "boxed");
  ASSERT_EQ(body.loose.size(), 2);
  EXPECT_EQ(body.loose[0].text, "a header");
  EXPECT_EQ(body.loose[1].text, "used by nobody");
}

TEST(ADocument, CountsColumnsByTheGrid) {
  const ReadBody body =
      Body({.document = "<w:document><w:body><w:tbl><w:tr><w:trPr><w:gridBefore w:val=\"1\"/></w:trPr>"
                        "<w:tc><w:tcPr><w:gridSpan w:val=\"12\"/></w:tcPr><w:p/></w:tc>"
                        "<w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc>"
                        "<w:tc><w:tcPr><w:vMerge w:val=\"restart\"/><w:gridSpan "
                        "w:val=\"999999999\"/></w:tcPr><w:p/></w:tc>"
                        "</w:tr></w:tbl></w:body></w:document>"});
  const ReadRow& row = body.tables.at(0).at(0);
  ASSERT_EQ(row.size(), 3);
  EXPECT_EQ(row[0].column, 1);
  EXPECT_EQ(row[0].span, 12);
  EXPECT_EQ(row[1].column, 13);
  EXPECT_TRUE(row[1].continues);
  EXPECT_EQ(row[2].column, 14);
  EXPECT_EQ(row[2].span, 1);
  EXPECT_FALSE(row[2].continues);
}

TEST(ADocument, IsReadInUtf16) {
  const std::string ascii =
      "<?xml version=\"1.0\" encoding=\"UTF-16\"?>" + Cell("<w:p>" + TextRun("wide") + "</w:p>");
  std::string wide = "\xff\xfe";
  for (const char c : ascii) wide += {c, '\0'};
  EXPECT_EQ(Read(wide), "[]wide\n");
}

TEST(ADocument, WithAttacksIsRefused) {
  const std::string cell = Cell("<w:p>" + TextRun("&x;") + "</w:p>");
  for (const std::string& xml : {
           std::string("<!DOCTYPE x [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>") + cell,
           std::string("<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY x \"&a;&a;&a;\">]>") + cell,
           std::string("<w:document><w:body><w:tbl>"),
           Cell("<w:p>" + TextRun("\xff\xfe\xfd") + "</w:p>"),
           std::string("not xml"),
       }) {
    EXPECT_THAT(ReadParts({.document = xml}), FailsWith(Reason::ERROR_REASON_DOCUMENT_REFUSED)) << xml;
  }
  // An undeclared entity is kept unchanged.
  EXPECT_EQ(Read(cell), "[]&x;\n");
}

TEST(ADocument, NestedTooDeeplyIsRefused) {
  std::string open, close;
  for (int i = 0; i < 100000; ++i) {
    open += "<w:sdt>";
    close += "</w:sdt>";
  }
  EXPECT_THAT(ReadParts({.document = "<w:document><w:body>" + open + close + "</w:body></w:document>"}),
              FailsWith(Reason::ERROR_REASON_DOCUMENT_REFUSED));
}

}  // namespace
}  // namespace idea::drafting::document
