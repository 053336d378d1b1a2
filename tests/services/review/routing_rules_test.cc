#include "services/review/routing_rules.h"

#include <google/protobuf/util/field_mask_util.h>
#include <gtest/gtest.h>

#include <set>

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
  for (const LooksAt& look : kLooksAt) {
    EXPECT_TRUE(google::protobuf::util::FieldMaskUtil::IsValidPath<Content>(std::string(look.field)))
        << look.field;
  }
}

TEST(RoutingRules, AskForTheTemplatesTenStepsOfTwoDepartments) {
  EXPECT_EQ(
      RulesOf(RoutingOf(Content())),
      (std::multiset<std::string>{"legal-opinion", "legal-opinion", "privacy-opinion", "privacy-opinion",
                                  "security-opinion", "security-opinion", "sponsor-signature",
                                  "sponsor-signature", "coordinator-signature", "coordinator-signature"}));
}

TEST(RoutingRules, AddWhatTheRevisionCallsFor) {
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
  // A party signs as one, and an answer "no" counts more than what was filled in.
  administrative.mutable_education_records()->set_source_agency("entities/y");
  EXPECT_EQ(RulesOf(RoutingOf(content)).count("education-agency-signature"), 0u);
  administrative.mutable_education_records()->set_source_agency("entities/education");
  content.mutable_business_case()->mutable_data_categories()->set_education_records(drafting::v1::ANSWER_NO);
  EXPECT_EQ(RulesOf(RoutingOf(content)).count("education-agency-signature"), 0u);
}

TEST(RoutingRules, LetAnOpinionStandUnlessItsFieldsChange) {
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
