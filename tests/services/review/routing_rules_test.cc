#include "services/review/routing_rules.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/field_mask_util.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace idea::review {
namespace {

using drafting::v1::Content;

v1::Routing RoutingOf(const Content& content) {
  v1::Routing routing;
  routing.add_recipients("entities/x");
  routing.add_providers("entities/y");
  *routing.mutable_facts() = FactsOf(content, false);
  AddSteps(routing);
  return routing;
}

std::multiset<std::string> RulesOf(const v1::Routing& routing) {
  std::multiset<std::string> rules;
  for (const v1::RoutingStep& step : routing.steps()) rules.insert(step.rule());
  return rules;
}

TEST(RoutingRules, NameEachRuleOnceWithItsSource) {
  std::set<std::string_view> names;
  for (const Rule& rule : kRoutingRules) {
    EXPECT_TRUE(names.insert(rule.name).second) << rule.name;
    EXPECT_FALSE(rule.citation.empty()) << rule.name;
    EXPECT_FALSE(rule.when.empty()) << rule.name;
    EXPECT_FALSE(rule.asks.empty()) << rule.name;
  }
}

TEST(RoutingRules, LookAtFieldsThatTheContentHas) {
  for (const ReviewedField& look : kReviewedFields) {
    EXPECT_TRUE(google::protobuf::util::FieldMaskUtil::IsValidPath<Content>(std::string(look.field)))
        << look.field;
  }
}

bool IsWithin(std::string_view path, std::string_view field) {
  return path == field || path.starts_with(std::string(field) + ".");
}

// Whether a table has the whole of `path`.
bool IsLookedAt(std::string_view path, bool with_technology) {
  return std::any_of(kReviewedFields.begin(), kReviewedFields.end(), [&](const ReviewedField& look) {
    return (with_technology || look.discipline != v1::DISCIPLINE_TECHNOLOGY) && IsWithin(path, look.field);
  });
}
bool IsLeftOut(std::string_view path) {
  return std::any_of(kUnreviewedFields.begin(), kUnreviewedFields.end(),
                     [&](const UnreviewedField& nobody) { return IsWithin(path, nobody.field); });
}

// The fields below `type` that are in neither table. A message is in a table if all of its fields are.
void FindUnclassified(const google::protobuf::Descriptor* type, const std::string& prefix,
                      std::vector<std::string>& out) {
  for (int i = 0; i < type->field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = type->field(i);
    const std::string path = prefix + field->name();
    if (IsLookedAt(path, false) || IsLeftOut(path)) continue;
    if (field->message_type() != nullptr && !field->is_repeated()) {
      FindUnclassified(field->message_type(), path + ".", out);
    } else {
      out.push_back(path);
    }
  }
}

TEST(RoutingRules, ListTheOpinionsThatLookAtEachField) {
  std::vector<std::string> unclassified;
  FindUnclassified(Content::descriptor(), "", unclassified);
  EXPECT_THAT(unclassified, ::testing::IsEmpty())
      << "a new field of the content: add it to kReviewedFields or to kUnreviewedFields";
  for (const UnreviewedField& nobody : kUnreviewedFields) {
    EXPECT_TRUE(google::protobuf::util::FieldMaskUtil::IsValidPath<Content>(std::string(nobody.field)))
        << nobody.field;
    EXPECT_FALSE(IsLookedAt(nobody.field, true)) << nobody.field << " stands in both tables";
    EXPECT_FALSE(nobody.why.empty());
  }
}

TEST(RoutingRules, AskForTheTemplatesTenStepsOfTwoDepartments) {
  EXPECT_EQ(
      RulesOf(RoutingOf(Content())),
      (std::multiset<std::string>{"legal-opinion", "legal-opinion", "privacy-opinion", "privacy-opinion",
                                  "security-opinion", "security-opinion", "sponsor-signature",
                                  "sponsor-signature", "coordinator-signature", "coordinator-signature"}));
}

TEST(RoutingRules, AddTheStepsThatTheRevisionNeeds) {
  Content content;
  auto& administrative = *content.mutable_administrative();
  administrative.mutable_research()->set_research(drafting::v1::ANSWER_YES);
  administrative.mutable_transfer_of_funds()->set_transfers(drafting::v1::ANSWER_YES);
  administrative.mutable_education_records()->set_source_agency("entities/education");
  const v1::Routing routing = RoutingOf(content);
  const std::multiset<std::string> rules = RulesOf(routing);
  EXPECT_EQ(rules.size(), 13u);
  for (const char* rule : {"research-approval", "separate-agreement", "education-agency-signature"}) {
    EXPECT_EQ(rules.count(rule), 1u) << rule;
  }
  EXPECT_EQ(AudienceOf(routing).size(), 3u);
  EXPECT_EQ(DepartmentsOf(routing).size(), 2u);
  // A party signs as a party, and the answer "no" overrides the fields that are filled in.
  administrative.mutable_education_records()->set_source_agency("entities/y");
  EXPECT_EQ(RulesOf(RoutingOf(content)).count("education-agency-signature"), 0u);
  administrative.mutable_education_records()->set_source_agency("entities/education");
  content.mutable_business_case()->mutable_data_categories()->set_education_records(drafting::v1::ANSWER_NO);
  EXPECT_EQ(RulesOf(RoutingOf(content)).count("education-agency-signature"), 0u);
}

TEST(RoutingRules, CarryAnOpinionOverUnlessItsFieldsChange) {
  using enum v1::Discipline;
  const Content before;
  const auto edit = [](auto change) {
    Content content;
    change(content);
    return content;
  };
  const std::tuple<const char*, Content, std::set<v1::Discipline>> edits[] = {
      {"nothing", before, {}},
      {"dates",
       edit([](Content& c) { c.mutable_administrative()->mutable_critical_dates()->set_frequency("daily"); }),
       {}},
      {"legal authority",
       edit([](Content& c) {
         c.mutable_administrative()->mutable_legal_authority()->add_departments()->set_text("W&I 10850");
       }),
       {DISCIPLINE_LEGAL}},
      {"purpose",
       edit([](Content& c) {
         c.mutable_business_case()->mutable_use_case_description()->set_purpose("outreach");
       }),
       {DISCIPLINE_LEGAL, DISCIPLINE_PRIVACY, DISCIPLINE_SECURITY}},
      {"security requirements",
       edit([](Content& c) {
         c.mutable_administrative()->mutable_security_requirements()->add_departments()->set_text("SAM 5300");
       }),
       {DISCIPLINE_LEGAL, DISCIPLINE_SECURITY}},
      {"privacy requirements",
       edit([](Content& c) {
         c.mutable_administrative()->mutable_privacy_requirements()->add_departments()->set_text("HIPAA");
       }),
       {DISCIPLINE_LEGAL, DISCIPLINE_PRIVACY}},
      {"transfer",
       edit([](Content& c) { c.mutable_technical()->mutable_data_transfer()->set_description("portal"); }),
       {DISCIPLINE_SECURITY, DISCIPLINE_TECHNOLOGY}},
      {"who has access",
       edit([](Content& c) {
         c.mutable_technical()->mutable_data_users()->set_contractors(drafting::v1::ANSWER_YES);
       }),
       {DISCIPLINE_LEGAL, DISCIPLINE_PRIVACY, DISCIPLINE_SECURITY, DISCIPLINE_TECHNOLOGY}},
      {"destruction",
       edit([](Content& c) { c.mutable_technical()->mutable_destruction()->set_description("shredded"); }),
       {DISCIPLINE_LEGAL, DISCIPLINE_PRIVACY, DISCIPLINE_SECURITY, DISCIPLINE_TECHNOLOGY}},
      {"redisclosure",
       edit([](Content& c) { c.mutable_administrative()->mutable_redisclosure()->set_terms("to counties"); }),
       {DISCIPLINE_LEGAL, DISCIPLINE_PRIVACY}},
      {"research",
       edit([](Content& c) {
         c.mutable_administrative()->mutable_research()->set_approval_statement("CPHS");
       }),
       {DISCIPLINE_LEGAL, DISCIPLINE_PRIVACY}},
      {"kinds of data",
       edit([](Content& c) { c.mutable_business_case()->mutable_data_categories()->add_categories("PII"); }),
       {DISCIPLINE_LEGAL, DISCIPLINE_PRIVACY}},
      {"funds",
       edit([](Content& c) {
         c.mutable_administrative()->mutable_transfer_of_funds()->set_transfers(drafting::v1::ANSWER_YES);
       }),
       {DISCIPLINE_LEGAL}},
      {"education records",
       edit(
           [](Content& c) { c.mutable_administrative()->mutable_education_records()->set_purpose("study"); }),
       {DISCIPLINE_LEGAL, DISCIPLINE_PRIVACY}},
      {"what is argued in a dispute",
       edit([](Content& c) {
         c.mutable_administrative()->mutable_anticipated_risks()->set_description("delay");
         c.mutable_administrative()->mutable_possible_alternatives()->set_description("none");
         c.mutable_administrative()->mutable_department_positions()->set_discussions("two meetings");
       }),
       {}},
      {"elements",
       edit([](Content& c) { c.mutable_technical()->mutable_data_elements()->add_elements(); }),
       {DISCIPLINE_PRIVACY, DISCIPLINE_TECHNOLOGY}},
      {"parties",
       edit([](Content& c) { c.add_providers("entities/z"); }),
       {DISCIPLINE_LEGAL, DISCIPLINE_PRIVACY, DISCIPLINE_SECURITY, DISCIPLINE_TECHNOLOGY}},
  };
  for (const auto& [what, content, stale] : edits) {
    for (const v1::Discipline discipline :
         {DISCIPLINE_LEGAL, DISCIPLINE_PRIVACY, DISCIPLINE_SECURITY, DISCIPLINE_TECHNOLOGY}) {
      EXPECT_EQ(SameFields(discipline, FactsOf(before, true), FactsOf(content, true)),
                !stale.contains(discipline))
          << what << " " << v1::Discipline_Name(discipline);
    }
  }
}

}  // namespace
}  // namespace idea::review
