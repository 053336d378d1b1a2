#include "services/drafting/document/docx_package.h"

#include <random>

#include "common/status/status.h"
#include "services/drafting/document/docx_styles.h"
#include "services/drafting/document/form_reader.h"
#include "tests/services/drafting/document/sample_forms.h"
#include "tests/support/matchers.h"

// Files that are refused, each with its cause.
namespace idea::drafting::document {
namespace {

using status::Reason;
using testing::FailsWith;
using ZipParts = std::vector<std::pair<std::string, std::string>>;

constexpr char kPlain[] = "<w:document><w:body/></w:document>";

std::string CauseOf(const std::string& docx) {
  const auto read = ReadDocx(docx);
  EXPECT_THAT(read, FailsWith(Reason::ERROR_REASON_DOCUMENT_REFUSED));
  return status::MetadataOf(read.status(), "cause");
}

std::string FileWith(const std::string& document, const ZipParts& more = {},
                     const std::string& types = kContentTypes) {
  ZipParts parts = {{"[Content_Types].xml", types}, {"word/document.xml", document}};
  parts.insert(parts.end(), more.begin(), more.end());
  return PackDocx(parts);
}

TEST(APackage, IsUnpackedUnchanged) {
  const auto parts = UnpackDocx(FileWith(kPlain));
  ASSERT_THAT(parts, testing::IsOk());
  EXPECT_EQ(parts->document, kPlain);
}

constexpr char kOfficeRelation[] = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";

std::string Relations(const std::vector<std::pair<std::string, std::string>>& relations) {
  std::string xml = "<Relationships>";
  for (const auto& [type, target] : relations) {
    xml += "<Relationship Type=\"" + (kOfficeRelation + type) + "\" Target=\"" + target + "\"/>";
  }
  return xml + "</Relationships>";
}

TEST(APackage, IsReadByItsRelationships) {
  for (const char* target : {"word/document2.xml", "/word/document2.xml", "./word/document2.xml"}) {
    const auto parts = UnpackDocx(
        PackDocx({{"[Content_Types].xml", kContentTypes},
                  {"_rels/.rels", Relations({{"officeDocument", target}})},
                  {"word/document.xml", "<old/>"},
                  {"word/document2.xml", kPlain},
                  {"word/_rels/document2.xml.rels", Relations({{"footnotes", "footnotes2.xml"},
                                                               {"comments", "../word/comments.xml"},
                                                               {"header", "/word/header1.xml"},
                                                               {"footer", "missing.xml"}})},
                  {"word/footnotes2.xml", "<f/>"},
                  {"word/comments.xml", "<c/>"},
                  {"word/header1.xml", "<h/>"}}));
    ASSERT_THAT(parts, testing::IsOk()) << target;
    EXPECT_EQ(parts->document, kPlain);
    EXPECT_EQ(parts->footnotes, "<f/>");
    EXPECT_EQ(parts->comments, "<c/>");
    EXPECT_THAT(parts->margins, ::testing::ElementsAre("<h/>"));
  }
}

TEST(APackage, ThatIsNotADocxIsRefused) {
  EXPECT_EQ(CauseOf(""), "NOT_DOCX");
  EXPECT_EQ(CauseOf("%PDF-1.7"), "NOT_DOCX");
  EXPECT_EQ(CauseOf("<html>" + std::string(100000, 'x')), "NOT_DOCX");
  EXPECT_EQ(CauseOf(PackDocx({{"readme.txt", "hello"}})), "NOT_DOCX");
  EXPECT_EQ(CauseOf(PackDocx({{"[Content_Types].xml", kContentTypes}, {"xl/workbook.xml", "<x/>"}})),
            "NOT_DOCX");
  const std::string whole = FileWith(kPlain);
  EXPECT_EQ(CauseOf(whole.substr(0, whole.size() / 2)), "NOT_DOCX");
}

TEST(APackage, ThatIsAnotherFormIsRefused) {
  EXPECT_EQ(CauseOf(FileWith(kPlain)), "NOT_TEMPLATE");
  EXPECT_EQ(
      CauseOf(FileWith("<w:document><w:body><w:tbl><w:tr><w:tc><w:p><w:r><w:t>Use Case Name</w:t></w:r></w:p>"
                       "</w:tc></w:tr></w:tbl></w:body></w:document>")),
      "NOT_TEMPLATE");
  EXPECT_EQ(CauseOf(FileWith("<note>not Word's</note>")), "NOT_DOCX");
}

TEST(APackage, WithMacrosIsRefused) {
  EXPECT_EQ(CauseOf(FileWith(kPlain, {{"word/vbaProject.bin", "MZ"}})), "MACRO");
  EXPECT_EQ(CauseOf(FileWith(kPlain, {{"WORD/VBAPROJECT.BIN", "MZ"}})), "MACRO");
  EXPECT_EQ(CauseOf(FileWith(kPlain, {{"custom/other.bin", "x"}},
                             "<Types>application/vnd.ms-word.document.macroEnabled.main+xml</Types>")),
            "MACRO");
}

TEST(APackage, ThatExpandsTooMuchIsRefused) {
  const std::string bomb = "<w:document>" + std::string(kMaxUnpackedBytes, ' ') + "</w:document>";
  EXPECT_EQ(CauseOf(FileWith(bomb)), "TOO_LARGE");
  // Within the size, far beyond the ratio.
  EXPECT_EQ(CauseOf(FileWith(std::string(kFreeBytes + 100000, 'a'))), "TOO_LARGE");
  ZipParts many;
  for (int i = 0; i < kMaxParts; ++i) many.emplace_back("part" + std::to_string(i), "");
  EXPECT_EQ(CauseOf(FileWith(kPlain, many)), "TOO_LARGE");
}

TEST(APackage, OfManyPartsOrTagsIsRefusedWithoutTheirMemory) {
  // Each part is within its limit, but all together are not.
  std::string random;
  for (uint32_t x = 1; random.size() < kMaxUnpackedBytes / 2; x = x * 1664525 + 1013904223) {
    random += static_cast<char>('a' + (x >> 24U) % 26);
  }
  EXPECT_EQ(CauseOf(FileWith(
                "<w:document><w:body><w:p><w:r><w:t>" + random + "</w:t></w:r></w:p></w:body></w:document>",
                {{"word/_rels/document.xml.rels",
                  Relations({{"header", "header1.xml"}, {"header", "header2.xml"}})},
                 {"word/header1.xml", "<h>" + random + "</h>"},
                 {"word/header2.xml", "<h>" + random + "</h>"}})),
            "TOO_LARGE");
  std::string tags;
  for (int i = 0; i <= kMaxTags; ++i) tags += "<x/>";
  EXPECT_EQ(CauseOf(FileWith("<w:document><w:body>" + tags + "</w:body></w:document>")), "TOO_LARGE");
}

TEST(APackage, WithAPartTwiceIsRefused) {
  EXPECT_EQ(CauseOf(FileWith(kPlain, {{"WORD/document.xml", "<other/>"}})), "BROKEN");
}

TEST(APackage, WithAnyByteChangedNeverCrashes) {
  const std::string whole = ToDocx(Compose(BucpWith(CompleteContent()), "d", {}, View::kForm));
  for (size_t at = 0; at < whole.size(); at += 1 + at / 40) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x55);
    (void)ReadDocx(changed);
    (void)ReadDocx(changed.substr(0, at));
  }
}

// XML that is well formed, or nearly, and that Word does not write.
TEST(APackage, WithAnyXmlChangedNeverCrashes) {
  const auto whole = UnpackDocx(ToDocx(Compose(BucpWith(CompleteContent()), "d", {}, View::kForm)));
  ASSERT_THAT(whole, testing::IsOk());
  const std::vector<std::string> pieces = {"</w:tc>",
                                           "<w:tc>",
                                           "<w:tbl>",
                                           "</w:tr>",
                                           "<w:sdt>",
                                           "<w:vMerge/>",
                                           "<w:gridSpan w:val=\"-1\"/>",
                                           "<w:del w:author=\"x\">",
                                           "<w:txbxContent>",
                                           "&#0;",
                                           "\xff\xfe",
                                           "]]>",
                                           "<!--",
                                           "<w:t/>",
                                           "&lt;",
                                           "<w:footnoteReference w:id=\"1\"/>",
                                           "<w:p><w:p>",
                                           "<?x?>",
                                           std::string(100, '(')};
  std::mt19937 random(7);
  size_t read = 0;
  for (int i = 0; i < 300; ++i) {
    std::string xml = whole->document;
    for (size_t changes = 1 + random() % 4; changes > 0; --changes) {
      const size_t at = random() % xml.size();
      if (random() % 3 == 0) {
        xml.erase(at, random() % 200);
      } else {
        xml.insert(at, pieces[random() % pieces.size()]);
      }
    }
    const auto form = ReadDocx(FileWith(xml));
    if (form.ok()) {
      ++read;
    } else {
      EXPECT_THAT(form, FailsWith(Reason::ERROR_REASON_DOCUMENT_REFUSED));
    }
  }
  EXPECT_GT(read, 0);
}

// Nested cells, as many as the limits allow.
TEST(APackage, OfDeepOrHugeTablesIsReadOrRefused) {
  std::string open, close;
  for (int i = 0; i < 5000; ++i) {
    open += "<w:tbl><w:tr><w:tc>";
    close += "</w:tc></w:tr></w:tbl>";
  }
  EXPECT_EQ(CauseOf(FileWith("<w:document><w:body>" + open + close + "</w:body></w:document>")), "BROKEN");
  std::string rows;
  for (int i = 0; i < 50000; ++i) rows += "<w:tr><w:tc><w:p/></w:tc><w:tc/></w:tr>";
  EXPECT_EQ(CauseOf(FileWith("<w:document><w:body><w:tbl>" + rows + "</w:tbl></w:body></w:document>")),
            "NOT_TEMPLATE");
}

TEST(APackage, WithAnAttackInAnyPartIsRefused) {
  const std::string entity = "<!DOCTYPE x [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>";
  for (const char* type : {"footnotes", "endnotes", "comments", "header", "footer"}) {
    for (const std::string& part : {entity + "<w:x>&x;</w:x>", std::string("<w:x>"), std::string("no xml")}) {
      EXPECT_EQ(CauseOf(FileWith(kPlain, {{"word/_rels/document.xml.rels", Relations({{type, "part.xml"}})},
                                          {"word/part.xml", part}})),
                "BROKEN")
          << type;
    }
  }
  EXPECT_EQ(CauseOf(FileWith(kPlain, {{"_rels/.rels", "<Relationships>"}})), "BROKEN");
}

}  // namespace
}  // namespace idea::drafting::document
