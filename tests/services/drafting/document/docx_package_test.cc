#include "services/drafting/document/docx_package.h"

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
using Parts = std::vector<std::pair<std::string, std::string>>;

constexpr char kPlain[] = "<w:document><w:body/></w:document>";

std::string CauseOf(const std::string& docx) {
  const auto read = ReadDocx(docx);
  EXPECT_THAT(read, FailsWith(Reason::ERROR_REASON_DOCUMENT_REFUSED));
  return status::MetadataOf(read.status(), "cause");
}

std::string FileWith(const std::string& document, const Parts& more = {},
                     const std::string& types = kContentTypes) {
  Parts parts = {{"[Content_Types].xml", types}, {"word/document.xml", document}};
  parts.insert(parts.end(), more.begin(), more.end());
  return PackDocx(parts);
}

TEST(APackage, IsUnpackedAsItWasPacked) {
  const auto text = UnpackDocument(FileWith(kPlain));
  ASSERT_THAT(text, testing::IsOk());
  EXPECT_EQ(*text, kPlain);
}

TEST(APackage, ThatIsNoDocxIsRefused) {
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

TEST(APackage, ThatSwellsIsRefused) {
  const std::string bomb = "<w:document>" + std::string(kLargestPart, ' ') + "</w:document>";
  EXPECT_EQ(CauseOf(FileWith(bomb)), "TOO_LARGE");
  // Within the size, far beyond the ratio.
  EXPECT_EQ(CauseOf(FileWith(std::string(kFreeBytes + 100000, 'a'))), "TOO_LARGE");
  Parts many;
  for (int i = 0; i < kMostParts; ++i) many.emplace_back("part" + std::to_string(i), "");
  EXPECT_EQ(CauseOf(FileWith(kPlain, many)), "TOO_LARGE");
}

TEST(APackage, WithAPartTwiceIsRefused) {
  EXPECT_EQ(CauseOf(FileWith(kPlain, {{"WORD/document.xml", "<other/>"}})), "BROKEN");
}

TEST(APackage, WithAnyByteChangedNeverCrashes) {
  const std::string whole = ToDocx(Compose(BucpWith(CompleteContent()), "d", {}, false));
  for (size_t at = 0; at < whole.size(); at += 1 + at / 40) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x55);
    (void)ReadDocx(changed);
    (void)ReadDocx(changed.substr(0, at));
  }
}

}  // namespace
}  // namespace idea::drafting::document
