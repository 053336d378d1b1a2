#include "services/drafting/document/docx_tables.h"

#include "common/status/status.h"
#include "tests/support/matchers.h"

// What Word, LibreOffice and mischief put into a document.
namespace idea::drafting::document {
namespace {

using status::Reason;
using testing::FailsWith;

std::string Cell(const std::string& inside) {
  return "<w:document><w:body><w:tbl><w:tr><w:tc>" + inside + "</w:tc></w:tr></w:tbl></w:body></w:document>";
}

// The first cell, a line a paragraph.
std::string Read(const std::string& xml) {
  const auto tables = ReadTables(xml);
  EXPECT_THAT(tables, testing::IsOk());
  std::string text;
  if (!tables.ok() || tables->empty()) return text;
  for (const auto& paragraph : tables->at(0).at(0).at(0).paragraphs) {
    text += "[" + paragraph.style + "]" + paragraph.text + "\n";
  }
  return text;
}

std::string TextRun(const std::string& text) { return "<w:r><w:t>" + text + "</w:t></w:r>"; }

TEST(ADocument, IsReadThroughWhatWordPutsAround) {
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

TEST(ADocument, IsReadInUtf16) {
  const std::string ascii =
      "<?xml version=\"1.0\" encoding=\"UTF-16\"?>" + Cell("<w:p>" + TextRun("wide") + "</w:p>");
  std::string wide = "\xff\xfe";
  for (const char c : ascii) wide += {c, '\0'};
  EXPECT_EQ(Read(wide), "[]wide\n");
}

TEST(ADocument, WithTricksIsRefused) {
  const std::string cell = Cell("<w:p>" + TextRun("&x;") + "</w:p>");
  for (const std::string& xml : {
           std::string("<!DOCTYPE x [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>") + cell,
           std::string("<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY x \"&a;&a;&a;\">]>") + cell,
           std::string("<w:document><w:body><w:tbl>"),
           Cell("<w:p>" + TextRun("\xff\xfe\xfd") + "</w:p>"),
           std::string("not xml"),
       }) {
    EXPECT_THAT(ReadTables(xml), FailsWith(Reason::ERROR_REASON_DOCUMENT_REFUSED)) << xml;
  }
  // An entity that nobody declared stays what it is.
  EXPECT_EQ(Read(cell), "[]&x;\n");
}

TEST(ADocument, NestedTooDeeplyIsRefused) {
  std::string open, close;
  for (int i = 0; i < 100000; ++i) {
    open += "<w:sdt>";
    close += "</w:sdt>";
  }
  EXPECT_THAT(ReadTables("<w:document><w:body>" + open + close + "</w:body></w:document>"),
              FailsWith(Reason::ERROR_REASON_DOCUMENT_REFUSED));
}

}  // namespace
}  // namespace idea::drafting::document
