#include "common/listing/words.h"

#include <gmock/gmock.h>

namespace idea::listing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::set<std::string> Of(std::string_view text, size_t most = 100) {
  std::set<std::string> words;
  AddWords(text, most, words);
  return words;
}

TEST(WordsOfAText, AreRunsOfLettersAndDigitsWithoutCaseAndAccents) {
  EXPECT_THAT(Of("Medi-Cal MEMBERS, 2026; members"), ElementsAre("2026", "cal", "medi", "members"));
  EXPECT_THAT(Of("Pe\u00f1a pen\u0303a \uff30ENA stra\u00dfe"), ElementsAre("pena", "strasse"));
  EXPECT_THAT(Of("\u8cc7\u6599 \U0001f600"), ElementsAre("\u8cc7\u6599"));
  EXPECT_THAT(Of(""), IsEmpty());
  EXPECT_THAT(Of("100% _ \\ \n\t%"), ElementsAre("100"));
}

TEST(WordsOfAText, AreLimitedInNumberAndLength) {
  EXPECT_THAT(Of("a b c d", 2), ElementsAre("a", "b"));
  EXPECT_THAT(Of(std::string(1000, 'x')), ElementsAre(std::string(40, 'x')));
  EXPECT_THAT(Of("\xff\xfe broken"), ElementsAre("broken"));
}

TEST(NameKey, IsTheSameWhateverTheCaseAndTheWhiteSpaceAround) {
  EXPECT_EQ(NameKey("  Case Number\t"), "case number");
  EXPECT_EQ(NameKey("CASE NUMBER"), NameKey("case number"));
  EXPECT_EQ(NameKey("\u00c9TAT\u00a0"), NameKey("e\u0301tat"));
  EXPECT_NE(NameKey("\u00e9tat"), NameKey("etat"));
  EXPECT_NE(NameKey("CaseNumber"), NameKey("Case Number"));
  EXPECT_EQ(NameKey(" \u00a0 "), "");
}

}  // namespace
}  // namespace idea::listing
