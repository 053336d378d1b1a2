#include "common/csv/csv.h"

#include "common/status/status.h"
#include "tests/support/matchers.h"

namespace idea::csv {
namespace {

using ::testing::ElementsAre;

TEST(Csv, SplitsFieldsAndRecords) {
  const auto records = ParseCsv("a,b\r\nc,\n");
  ASSERT_EQ(records.size(), 2u);
  EXPECT_THAT(records[0].fields, ElementsAre("a", "b"));
  EXPECT_THAT(records[1].fields, ElementsAre("c", ""));
  EXPECT_EQ(records[1].line, 2);
}

TEST(Csv, ReadsQuotedFieldsWithCommasQuotesAndLineEnds) {
  const auto records = ParseCsv("\"x, \"\"y\"\"\",\"two\nlines\"\nnext\n");
  ASSERT_EQ(records.size(), 2u);
  EXPECT_THAT(records[0].fields, ElementsAre("x, \"y\"", "two\nlines"));
  EXPECT_THAT(records[1].fields, ElementsAre("next"));
  EXPECT_EQ(records[1].line, 3);
}

TEST(Csv, NeedsNoLineEndAtTheEndAndSkipsEmptyLinesAndTheByteOrderMark) {
  const auto records = ParseCsv(
      "\xef\xbb\xbf"
      "a\n\n\r\nb");
  ASSERT_EQ(records.size(), 2u);
  EXPECT_THAT(records[0].fields, ElementsAre("a"));
  EXPECT_THAT(records[1].fields, ElementsAre("b"));
  EXPECT_EQ(records[1].line, 4);
}

TEST(Csv, ReadsBackTheFieldsThatItWrote) {
  for (const char* text : {"",
                           "plain",
                           "with, comma",
                           "a \"quote\"",
                           "two\nlines",
                           "three\r\nlines",
                           "\"",
                           "=1+1",
                           "-3",
                           "+x, \"y\"",
                           "@a",
                           "\tx",
                           "\rx",
                           "'",
                           "''",
                           "'=1",
                           "''=1",
                           "'quoted'",
                           "a=b",
                           "'\t,",
                           "\uff1d1",
                           "\uff0b1",
                           "\uff0d1",
                           "\uff20a",
                           "'\uff1d1",
                           " =1",
                           "\u3000\uff1d1",
                           "\n=1",
                           "'\n",
                           "\u2212"
                           "1",
                           "\uff1b"}) {
    const auto records = ParseCsv("x," + CsvField(text) + "\n");
    ASSERT_EQ(records.size(), 1u) << text;
    EXPECT_THAT(records[0].fields, ElementsAre("x", text));
  }
}

std::vector<std::vector<std::string>> SheetOf(const std::string& bytes) {
  const auto records = ParseSheet(bytes, "csv");
  EXPECT_THAT(records, testing::IsOk());
  std::vector<std::vector<std::string>> out;
  if (!records.ok()) return out;
  for (const CsvRecord& record : *records) out.push_back(record.fields);
  return out;
}

TEST(ASheet, IsReadAsSpreadsheetsSaveIt) {
  const auto wanted = ElementsAre(ElementsAre("a", "b"), ElementsAre("c, d", "e"));
  for (const char* text : {"a,b\r\n\"c, d\",e\r\n", "a;b\r\nc, d;e\r\n", "sep=;\r\na;b\r\nc, d;e\r\n",
                           "a\tb\nc, d\te", "a,b\r\"c, d\",e\r",
                           "\xef\xbb\xbf"
                           "a,b,,\n,,,\n\"c, d\",e,,\n , ,,\n,,,\n"}) {
    EXPECT_THAT(SheetOf(text), wanted) << text;
  }
  // A column without a heading that has content is not dropped.
  EXPECT_THAT(SheetOf("a,b,\nc,d,e\n"), ElementsAre(ElementsAre("a", "b"), ElementsAre("c", "d", "e")));
  EXPECT_THAT(SheetOf("a,\n,\nb,\n"), ElementsAre(ElementsAre("a"), ElementsAre("b")));
  EXPECT_THAT(SheetOf(""), ::testing::IsEmpty());
  EXPECT_THAT(SheetOf(",,\n"), ::testing::IsEmpty());
}

TEST(ASheet, KeepsTheLinesOfTheFile) {
  const auto records = ParseSheet("sep=;\na;b\n;\nc;d\n", "csv");
  ASSERT_THAT(records, testing::IsOk());
  EXPECT_EQ(records->at(0).line, 2);
  EXPECT_EQ(records->at(1).line, 4);
}

TEST(ASheet, ThatIsNotUtf8SaysWhereAndHowToSaveIt) {
  for (const auto& [bytes, where] :
       {std::pair<std::string, std::string>("a,b\r\nc,caf\xe9\r\n", "line 2, column 6"),
        {"a,b\rc,caf\xe9\r", "line 2, column 6"},
        {"\xff\xfe"
         "a",
         "line 1, column 1"},
        {std::string("a\0,", 3), "line 1"}}) {
    const auto records = ParseSheet(bytes, "csv");
    EXPECT_THAT(records, testing::FailsWith(status::Reason::ERROR_REASON_INVALID_FIELD));
    EXPECT_THAT(status::ToWire(records.status()).DebugString(),
                AllOf(::testing::HasSubstr(where), ::testing::HasSubstr("CSV UTF-8")));
  }
}

TEST(Csv, WritesNoFormulas) {
  EXPECT_EQ(CsvLine({"=HYPERLINK(\"x\")", "-1", "+1", "@a", "\tx", "'=1", "'a", "a-b"}),
            "\"'=HYPERLINK(\"\"x\"\")\",'-1,'+1,'@a,'\tx,''=1,'a,a-b\r\n");
}

TEST(Csv, WritesNoFormulasThatOnlyLookLikeText) {
  for (const char* text : {"\uff1dHYPERLINK(x)", "\uff0b1", "\uff0d1", "\uff20a",
                           "\ufe66"
                           "1",
                           "\ufe62"
                           "1",
                           "\ufe63"
                           "1",
                           "\ufe6b"
                           "a",
                           "\u2212"
                           "1",
                           " =1", "\u00a0=1", "\u3000\uff1d1", "\u200b=1", " \t-1"}) {
    EXPECT_EQ(CsvField(text), "'" + std::string(text));
  }
  for (const char* text : {"\t=1", "\r\uff1d1", "\n+1"})
    EXPECT_EQ(CsvField(text).find("'"), text[0] == '\t' ? 0U : 1U) << text;
  for (const char* text : {"", " ", "a", "\uff1b", "\uff21", "\u3042", " a=1"})
    EXPECT_EQ(CsvField(text), text);
}

TEST(Csv, TakesAFormulaOfAnotherHandForItsText) {
  const auto records = ParseCsv("=1,-2,'=1,'tis");
  ASSERT_EQ(records.size(), 1u);
  EXPECT_THAT(records[0].fields, ElementsAre("=1", "-2", "=1", "'tis"));
}

TEST(Csv, ReadsNoRecordsFromAnEmptyText) { EXPECT_TRUE(ParseCsv("").empty()); }

TEST(Csv, EndsABrokenRecordWithItsLine) {
  for (const char* broken : {"\"never closed,b", "\"closed\" too early,b", "with\"quote,b", "x,\"a\"b"}) {
    const auto records = ParseCsv(std::string(broken) + "\ngood,row\n");
    ASSERT_EQ(records.size(), 2u) << broken;
    EXPECT_TRUE(records[0].broken) << broken;
    EXPECT_FALSE(records[1].broken) << broken;
    EXPECT_EQ(records[1].line, 2) << broken;
    EXPECT_THAT(records[1].fields, ElementsAre("good", "row")) << broken;
  }
}

TEST(Utf8, IsRecognized) {
  for (const char* good : {"", "abc", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"})
    EXPECT_TRUE(IsUtf8(good)) << good;
  for (const char* bad : {"\xff", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80",
                          "\xf4\x90\x80\x80", "\x80", "\xe2\x82"}) {
    EXPECT_FALSE(IsUtf8(bad));
  }
}

}  // namespace
}  // namespace idea::csv
