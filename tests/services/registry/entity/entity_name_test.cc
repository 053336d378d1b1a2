#include "services/registry/entity/entity_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace idea::registry {
namespace {

using ::testing::ElementsAre;

TEST(EntityNames, MayHaveAccentsDigitsAndSigns) {
  for (const char* name :
       {"Department of Aging", "FI$Cal", "Comisi\u00f3n 9", "Governor\u2019s Office (Cabinet)", "A & B",
        "California Complete Count - Census", ""}) {
    EXPECT_EQ(NameRequirement(name), "") << name;
  }
}

TEST(EntityNames, CannotDeceiveTheEye) {
  for (const char* name : {"D\u0435partment of Aging", "Department \u03bff Aging", "Department\u200bof",
                           "Department\u2060 of", "Depart\u00adment", "Dep\u0661rtment"}) {
    EXPECT_NE(NameRequirement(name), "") << name;
  }
}

TEST(EntityNames, ThatLookTheSameHaveTheSameKey) {
  EXPECT_EQ(NameKey("DEPARTMENT OF AGING"), NameKey("Department of Aging"));
  EXPECT_EQ(NameKey("\uff24epartment"), NameKey("department"));
  EXPECT_EQ(NameKey("\u0410\u0421\u0415"), NameKey("ace")) << "all in Cyrillic";
  EXPECT_NE(NameKey("Department of Aging"), NameKey("Department of Ageing"));
}

TEST(EntityNames, HaveWordsWithoutCaseAccentsAndApostrophes) {
  EXPECT_THAT(WordsOf("Governor\u2019s Office & Comisi\u00f3n-FI$Cal"),
              ElementsAre("governors", "office", "and", "comision", "fi$cal"));
  EXPECT_THAT(WordsOf(" ,- "), ElementsAre());
}

TEST(EntityNames, HaveTheSameLooseKeyWithoutCommonWords) {
  EXPECT_EQ(LooseKey("Aging, Department of"), LooseKey("California Department of Aging"));
  EXPECT_EQ(LooseKey("Environmental Protection"), LooseKey("California Environmental Protection Agency"));
  EXPECT_EQ(LooseKey("Transportation Agency"), LooseKey("California State Transportation Agency"));
  EXPECT_NE(LooseKey("Transportation Agency"), LooseKey("Department of Transportation"));
  EXPECT_NE(LooseKey("University of California"), LooseKey("California State University"));
  EXPECT_NE(LooseKey("Coastal Commission, California"), LooseKey("State Coastal Conservancy"));
}

}  // namespace
}  // namespace idea::registry
