#include "services/registry/entity/entity_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace idea::registry {
namespace {

using ::testing::ElementsAre;

const std::vector<SearchableName>& Names() {
  static const std::vector<SearchableName> names = {
      {"entities/coastal", "California Coastal Commission"},
      {"entities/coastal", "CCC"},
      {"entities/corps", "California Conservation Corps"},
      {"entities/corps", "CCC"},
      {"entities/health", "Department of Health Care Services"},
      {"entities/health", "DHCS"},
      {"entities/hcai", "Department of Health Care Access and Information"},
      {"entities/hcai", "Office of Statewide Health Planning and Development"},
      {"entities/youth", "Comisi\u00f3n of Youth"}};
  return names;
}

std::vector<std::string> Entities(const std::string& query, size_t max_results = 10) {
  std::vector<std::string> entities;
  for (const SearchMatch& found : Search(query, Names(), max_results)) entities.push_back(found.entity);
  return entities;
}

TEST(EntitySearch, FindsEveryEntityWithAnAcronym) {
  EXPECT_THAT(Entities("ccc"), ElementsAre("entities/coastal", "entities/corps"));
}

TEST(EntitySearch, FindsPartsAndPutsWholeNamesFirst) {
  EXPECT_THAT(Entities("health care"), ElementsAre("entities/health", "entities/hcai"));
  EXPECT_THAT(Entities("Department of Health Care Services"), ElementsAre("entities/health"));
  EXPECT_THAT(Entities("health", 1), ElementsAre("entities/health"));
  EXPECT_THAT(Entities("comision", 1), ElementsAre("entities/youth"));
}

TEST(EntitySearch, FindsFormerNames) {
  const auto found = Search("statewide health", Names(), 10);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].entity, "entities/hcai");
  EXPECT_EQ(found[0].match, v1::ENTITY_MATCH_KIND_PART);
  EXPECT_EQ(found[0].matched_text, "Office of Statewide Health Planning and Development");
}

TEST(EntitySearch, IgnoresTypingErrorsAndOrder) {
  for (const char* query :
       {"helth care servics", "care services health", "haelth services", "Health Care, Services"}) {
    EXPECT_THAT(Entities(query), ::testing::Contains("entities/health")) << query;
  }
  EXPECT_EQ(Search("coastel comission", Names(), 1)[0].match, v1::ENTITY_MATCH_KIND_SIMILAR);
  EXPECT_THAT(Entities("dhcx"), ElementsAre("entities/health"));
}

TEST(EntitySearch, FindsNothingForAnEmptyQuery) {
  for (const char* query : {"", " ", "--", "%", "xyzzy", "abc"}) EXPECT_THAT(Entities(query), ElementsAre());
}

}  // namespace
}  // namespace idea::registry
