#include "services/drafting/content/content_diff.h"

#include <gmock/gmock.h>

#include <array>
#include <cstdio>
#include <string>

#include "common/digest/digest.h"
#include "tests/services/drafting/demo_content.h"

namespace idea::drafting {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Diff(const v1::Content& before, const v1::Content& after) {
  std::vector<std::string> lines;
  for (const v1::FieldChange& change : DiffContents(before, after)) {
    lines.push_back(change.field() + ": " + change.before() + " -> " + change.after());
  }
  return lines;
}

TEST(DiffContents, IsEmptyForEqualContents) {
  EXPECT_THAT(Diff(CompleteContent(), CompleteContent()), ElementsAre());
}

TEST(DiffContents, ContainsEveryDifferentField) {
  v1::Content after = CompleteContent();
  after.add_providers("entities/z");
  auto& categories = *after.mutable_business_case()->mutable_data_categories();
  categories.set_categories(2, "wages");
  categories.set_education_records(v1::ANSWER_NO);
  after.mutable_technical()->clear_destruction();
  after.mutable_administrative()->mutable_critical_dates()->clear_end_date();
  EXPECT_THAT(
      Diff(CompleteContent(), after),
      ElementsAre("providers: entities/department-of-health-care-services -> "
                  "entities/department-of-health-care-services, entities/z",
                  "business_case.data_categories.categories: personally identifiable information, "
                  "demographic, program enrolment -> personally identifiable information, demographic, wages",
                  "business_case.data_categories.education_records:  -> ANSWER_NO",
                  ::testing::StartsWith("technical.destruction.description: CDSS deletes"),
                  "technical.destruction.products_included: ANSWER_YES -> ",
                  "administrative.critical_dates.end_date: 2029-12-31 -> "));
}

TEST(DiffContents, MatchesEntriesByName) {
  v1::Content before, after;
  auto& olds = *before.mutable_technical()->mutable_data_elements();
  for (const char* name : {"A", "B", "C"}) olds.add_elements()->set_field_name(name);
  auto& notifier = *after.mutable_technical()->mutable_data_elements();
  for (const char* name : {"C", "D", "A"}) notifier.add_elements()->set_field_name(name);
  notifier.mutable_elements(2)->set_required(true);
  EXPECT_THAT(Diff(before, after),
              ElementsAre("technical.data_elements.elements[A].required: false -> true",
                          "technical.data_elements.elements[B]: {\"fieldName\":\"B\"} -> ",
                          "technical.data_elements.elements[D]:  -> {\"fieldName\":\"D\"}",
                          "technical.data_elements.elements: A, C -> C, A"));
}

TEST(DiffContents, MatchesEntriesByDepartment) {
  v1::Content after = CompleteContent();
  after.mutable_administrative()->mutable_legal_authority()->mutable_departments(1)->set_text("none");
  const auto changes = DiffContents(CompleteContent(), after);
  ASSERT_EQ(changes.size(), 1);
  EXPECT_EQ(changes[0].field(),
            "administrative.legal_authority.departments[" + std::string(kProviderDept) + "].text");
  EXPECT_EQ(changes[0].after(), "none");
}

// The output of a command with `input` as its input.
std::string Piped(const std::string& command, const std::string& input) {
  const std::string file = ::testing::TempDir() + "content_diff_test.json";
  FILE* out = std::fopen(file.c_str(), "w");
  std::fwrite(input.data(), 1, input.size(), out);
  std::fclose(out);
  FILE* pipe = popen(("cat '" + file + "' | " + command).c_str(), "r");
  std::string answer;
  std::array<char, 256> chunk;
  while (const size_t size = std::fread(chunk.data(), 1, chunk.size(), pipe))
    answer.append(chunk.data(), size);
  EXPECT_EQ(pclose(pipe), 0) << command;
  return answer;
}

// The rule of the README, with tools that are independent of this code.
TEST(TheDigest, CanBeRecomputedByAnybody) {
  v1::Content content = CompleteContent();
  content.mutable_technical()->mutable_data_transfer()->set_description(
      "\"SFTP\" \\ <&> tab\there, line\nhere; Stra\u00dfe, \U0001F600, \u2028");
  const std::string recomputed = Piped("jq -jcS . | sha256sum | cut -c1-64", JsonOf(content));
  EXPECT_EQ(recomputed, digest::Digest(content) + "\n");
}

}  // namespace
}  // namespace idea::drafting
