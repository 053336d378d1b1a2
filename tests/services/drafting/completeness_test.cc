#include "services/drafting/completeness.h"

#include <gmock/gmock.h>

#include <functional>
#include <string>

#include "tests/services/drafting/story_content.h"

namespace idea::drafting {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> FieldsOf(const std::vector<v1::Gap>& gaps) {
  std::vector<std::string> fields;
  for (const v1::Gap& gap : gaps) {
    fields.push_back(gap.field());
    EXPECT_NE(gap.problem(), "") << gap.field();
    EXPECT_NE(gap.completed_by(), "") << gap.field();
  }
  return fields;
}

struct Removal {
  const char* section;
  const char* field;
};

// Clears a field of a section by its names.
void Clear(v1::Content& content, const Removal& removal) {
  const auto* section = v1::Content::descriptor()->FindFieldByName(removal.section);
  auto* message = content.GetReflection()->MutableMessage(&content, section);
  const auto* field = message->GetDescriptor()->FindFieldByName(removal.field);
  ASSERT_NE(field, nullptr) << removal.field;
  message->GetReflection()->ClearField(message, field);
}

class RequiredField : public ::testing::TestWithParam<Removal> {};

TEST_P(RequiredField, IsTheOneGapOnceItIsGone) {
  v1::Content content = CompleteContent();
  Clear(content, GetParam());
  EXPECT_THAT(FieldsOf(FindGaps(content, false)),
              ElementsAre(std::string(GetParam().section) + "." + GetParam().field));
}

constexpr Removal kRequired[] = {
    {"business_case", "use_case_name"},
    {"business_case", "contact_information"},
    {"business_case", "use_case_description"},
    {"business_case", "data_categories"},
    {"business_case", "output_use"},
    {"technical", "data_elements"},
    {"technical", "data_users"},
    {"technical", "data_transfer"},
    {"technical", "destruction"},
    {"administrative", "legal_authority"},
    {"administrative", "transfer_of_funds"},
    {"administrative", "critical_dates"},
    {"administrative", "redisclosure"},
    {"administrative", "research"},
    {"administrative", "privacy_requirements"},
    {"administrative", "security_requirements"},
    {"administrative", "approvals"},
};
static_assert(std::size(kRequired) == 17);
INSTANTIATE_TEST_SUITE_P(Each, RequiredField, ::testing::ValuesIn(kRequired),
                         [](const auto& row) { return std::string(row.param.field); });

TEST(Completeness, HasNoGapWhereEverythingIsThere) {
  EXPECT_THAT(FieldsOf(FindGaps(CompleteContent(), false)), ElementsAre());
}

TEST(Completeness, MindsEveryRequiredFieldOfAnEmptyOne) {
  v1::Content content;
  content.add_recipients(kRecipientDept);
  content.add_providers(kProviderDept);
  EXPECT_EQ(FindGaps(content, false).size(), 17);
  EXPECT_EQ(FindGaps(content, true).size(), 20);
}

TEST(Completeness, MindsThreeFieldsMoreOnceDisputed) {
  v1::Content content = CompleteContent();
  EXPECT_THAT(FieldsOf(FindGaps(content, true)),
              ElementsAre("administrative.anticipated_risks", "administrative.possible_alternatives",
                          "administrative.department_positions"));
  content.MergeFrom(StoryOf({"disputed.json"}));
  EXPECT_THAT(FieldsOf(FindGaps(content, true)), ElementsAre());
}

TEST(Completeness, MindsOnlyTheBusinessCaseWhenSending) {
  v1::Content content;
  const auto gaps = FindGaps(content, false);
  for (const v1::Gap& gap : BusinessCaseGaps(gaps)) EXPECT_TRUE(gap.field().starts_with("business_case."));
  EXPECT_THAT(FieldsOf(BusinessCaseGaps(FindGaps(DraftContent(), false))), ElementsAre());
}

struct HalfAnswer {
  const char* name;
  const char* field;
  void (*spoil)(v1::Content&);
};

class AnswerThatAsksForMore : public ::testing::TestWithParam<HalfAnswer> {};

TEST_P(AnswerThatAsksForMore, IsAGapUntilTheRestIsThere) {
  v1::Content content = CompleteContent();
  GetParam().spoil(content);
  EXPECT_THAT(FieldsOf(FindGaps(content, false)), ElementsAre(GetParam().field));
}

INSTANTIATE_TEST_SUITE_P(
    Each, AnswerThatAsksForMore,
    ::testing::Values(
        HalfAnswer{"PublicProductsWithoutApprovals", "business_case.output_use",
                   [](v1::Content& c) {
                     c.mutable_business_case()->mutable_output_use()->set_public_products(v1::ANSWER_YES);
                   }},
        HalfAnswer{"ContractorsWithoutTheirUse", "technical.data_users",
                   [](v1::Content& c) {
                     c.mutable_technical()->mutable_data_users()->set_contractors(v1::ANSWER_YES);
                   }},
        HalfAnswer{
            "OngoingWithoutFrequency", "administrative.critical_dates",
            [](v1::Content& c) { c.mutable_administrative()->mutable_critical_dates()->clear_frequency(); }},
        HalfAnswer{"AnEndBeforeTheStart", "administrative.critical_dates",
                   [](v1::Content& c) {
                     auto& dates = *c.mutable_administrative()->mutable_critical_dates();
                     dates.mutable_end_date()->set_year(dates.start_date().year() - 1);
                   }},
        HalfAnswer{"RedisclosureWithoutTerms", "administrative.redisclosure",
                   [](v1::Content& c) { c.mutable_administrative()->mutable_redisclosure()->clear_terms(); }},
        HalfAnswer{"ResearchWithoutApproval", "administrative.research",
                   [](v1::Content& c) {
                     c.mutable_administrative()->mutable_research()->set_research(v1::ANSWER_YES);
                   }},
        HalfAnswer{"OneDepartmentWithoutAuthority", "administrative.legal_authority",
                   [](v1::Content& c) {
                     auto& field = *c.mutable_administrative()->mutable_legal_authority();
                     field.mutable_departments()->RemoveLast();
                   }},
        HalfAnswer{"ASponsorOfAnotherDepartment", "business_case.contact_information",
                   [](v1::Content& c) {
                     auto& field = *c.mutable_business_case()->mutable_contact_information();
                     const std::string other = field.departments(1).executive_sponsor();
                     field.mutable_departments(0)->set_executive_sponsor(other);
                   }}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace idea::drafting
