#include "common/csv/csv.h"

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

TEST(Csv, HasNoRecordsInAnEmptyText) { EXPECT_TRUE(ParseCsv("").empty()); }

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

TEST(Utf8, IsTold) {
  for (const char* good : {"", "abc", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"})
    EXPECT_TRUE(IsUtf8(good)) << good;
  for (const char* bad : {"\xff", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80",
                          "\xf4\x90\x80\x80", "\x80", "\xe2\x82"}) {
    EXPECT_FALSE(IsUtf8(bad));
  }
}

}  // namespace
}  // namespace idea::csv
