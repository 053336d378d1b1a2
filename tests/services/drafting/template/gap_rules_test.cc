#include "services/drafting/template/gap_rules.h"

#include <gmock/gmock.h>

#include <functional>
#include <string>

#include "idea/common/v1/options.pb.h"
#include "services/drafting/content/content_parties.h"
#include "services/drafting/template/field_rules.h"
#include "tests/services/drafting/demo_content.h"

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

std::vector<v1::Gap> GapsIn(const v1::Content& content, bool disputed) {
  return FindGaps(content, disputed, BuiltInTemplate(false));
}

std::vector<v1::Gap> SendingGaps(const v1::Content& content) {
  return FindSendingGaps(content, false, BuiltInTemplate(false));
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

// Replaces every text of a message, at any depth, by `text`, except resource names.
void SetTexts(google::protobuf::Message& message, const std::string& text) {
  const auto* reflection = message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const auto* field : fields) {
    const bool nested = field->message_type() != nullptr;
    const bool is_text = field->type() == google::protobuf::FieldDescriptor::TYPE_STRING &&
                         field->options().GetExtension(common::v1::rule).resource().empty();
    if (!nested && is_text && !field->is_repeated()) reflection->SetString(&message, field, text);
    if (nested && !field->is_repeated()) SetTexts(*reflection->MutableMessage(&message, field), text);
    for (int i = 0; nested && field->is_repeated() && i < reflection->FieldSize(message, field); ++i)
      SetTexts(*reflection->MutableRepeatedMessage(&message, field, i), text);
  }
}

TEST(Completeness, TreatsATextOfSpacesAsMissing) {
  v1::Content none = CompleteContent();
  SetTexts(none, "");
  const auto gaps = FieldsOf(GapsIn(none, true));
  EXPECT_GT(gaps.size(), 10u);
  for (const char* blank : {" ", "\n\t ", "\u00a0\u3000"}) {
    v1::Content spaces = CompleteContent();
    SetTexts(spaces, blank);
    EXPECT_EQ(FieldsOf(GapsIn(spaces, true)), gaps) << blank;
  }
}

class RequiredField : public ::testing::TestWithParam<Removal> {};

TEST_P(RequiredField, IsTheOnlyGapIfItIsCleared) {
  v1::Content content = CompleteContent();
  Clear(content, GetParam());
  EXPECT_THAT(FieldsOf(GapsIn(content, false)),
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

TEST(Completeness, FindsNoGapInACompleteContent) {
  EXPECT_THAT(FieldsOf(GapsIn(CompleteContent(), false)), ElementsAre());
}

TEST(Completeness, ReportsEntriesOfEntitiesThatAreNotParties) {
  v1::Content content = CompleteContent();
  content.mutable_administrative()->mutable_legal_authority()->add_departments()->set_entity(
      "entities/third");
  *content.mutable_business_case()->mutable_contact_information()->add_departments() =
      content.business_case().contact_information().departments(0);
  content.mutable_business_case()->mutable_contact_information()->mutable_departments(2)->set_entity(
      "entities/third");
  const std::vector<v1::Gap> gaps = GapsIn(content, false);
  EXPECT_THAT(FieldsOf(gaps),
              ElementsAre("business_case.contact_information", "administrative.legal_authority"));
  for (const v1::Gap& gap : gaps)
    EXPECT_EQ(gap.problem(), "leave out entities that are not parties: entities/third");
}

TEST(Completeness, ReportsWhichPartOfAFieldIsMissing) {
  v1::Content content = CompleteContent();
  content.mutable_business_case()->mutable_use_case_description()->clear_benefits();
  content.mutable_technical()->mutable_destruction()->clear_products_included();
  auto& elements = *content.mutable_technical()->mutable_data_elements();
  for (int i = 0; i < 12; ++i) elements.add_elements()->set_field_name("E" + std::to_string(i));
  std::vector<std::string> problems;
  for (const v1::Gap& gap : GapsIn(content, false)) problems.push_back(gap.problem());
  EXPECT_THAT(problems,
              ElementsAre("the benefits are missing",
                          "a definition is missing for E0, E1, E2, E3, E4, E5, E6, E7, E8, E9 and 2 more",
                          "say whether products made from the data are destroyed or returned, too"));
}

TEST(Completeness, ReportsEveryRequiredFieldOfAnEmptyContent) {
  v1::Content content;
  content.add_recipients(kRecipientDept);
  content.add_providers(kProviderDept);
  EXPECT_EQ(GapsIn(content, false).size(), 17);
  EXPECT_EQ(GapsIn(content, true).size(), 20);
}

TEST(Completeness, RequiresThreeMoreFieldsOfADisputedBucp) {
  v1::Content content = CompleteContent();
  EXPECT_THAT(FieldsOf(GapsIn(content, true)),
              ElementsAre("administrative.anticipated_risks", "administrative.possible_alternatives",
                          "administrative.department_positions"));
  content.MergeFrom(DemoContentOf({"disputed.json", "disputed-provider.json"}));
  EXPECT_THAT(FieldsOf(GapsIn(content, true)), ElementsAre());
}

TEST(Completeness, RequiresOnlyTheBusinessCaseForSending) {
  for (const v1::Gap& gap : SendingGaps({})) EXPECT_TRUE(gap.field().starts_with("business_case."));
  EXPECT_THAT(FieldsOf(SendingGaps(DraftContent())), ElementsAre());
}

// Guidebook step 4: without a directory of contacts, one begins with program contacts.
TEST(Completeness, NeedsNoContactOfTheProviderInTheRegistryWhenSending) {
  v1::Content content = CompleteContent();
  auto& departments = *content.mutable_business_case()->mutable_contact_information()->mutable_departments();
  ASSERT_EQ(departments[1].entity(), kProviderDept);
  departments.RemoveLast();
  ASSERT_THAT(FieldsOf(SendingGaps(content)), ElementsAre("business_case.contact_information"));
  EXPECT_THAT(SendingGaps(content)[0].problem(), ::testing::HasSubstr(kProviderDept));
  EXPECT_THAT(ProvidersToInvite(content), ElementsAre(kProviderDept));
  v1::DepartmentContacts& entry = *departments.Add();
  entry.set_entity(kProviderDept);
  entry.mutable_program_contact()->set_display_name("A. Lee");
  EXPECT_THAT(SendingGaps(content), ::testing::SizeIs(1)) << "no address";
  entry.mutable_program_contact()->set_email("lee at dhcs");
  EXPECT_THAT(SendingGaps(content), ::testing::SizeIs(1)) << "no address of a mail server";
  entry.mutable_program_contact()->set_email("a.lee@dhcs.example.org");
  EXPECT_THAT(FieldsOf(SendingGaps(content)), ElementsAre());
  EXPECT_THAT(ProvidersToInvite(content), ElementsAre(kProviderDept));
  // Before the freeze the Data Provider names its own contacts.
  EXPECT_THAT(FieldsOf(GapsIn(content, false)), ElementsAre("business_case.contact_information"));
  // The Data Coordinator in a completed template is also a person to write to.
  entry.mutable_data_coordinator_text()->Swap(entry.mutable_program_contact());
  entry.clear_program_contact();
  EXPECT_THAT(FieldsOf(SendingGaps(content)), ElementsAre());
  EXPECT_THAT(ProvidersToInvite(CompleteContent()), ElementsAre());
}

TEST(Completeness, NeedsTheRecipientsOwnContactsWhenSending) {
  v1::Content content = CompleteContent();
  v1::DepartmentContacts& own =
      *content.mutable_business_case()->mutable_contact_information()->mutable_departments(0);
  own.mutable_program_contact()->set_display_name("B. Diaz");
  own.mutable_program_contact()->set_email("b.diaz@cdss.example.org");
  own.clear_executive_sponsor();
  EXPECT_THAT(FieldsOf(SendingGaps(content)), ElementsAre("business_case.contact_information"));
}

TEST(Completeness, LeavesTheProvidersReleaseApprovalToTheProvider) {
  v1::Content content = CompleteContent();
  auto& output = *content.mutable_business_case()->mutable_output_use();
  output.set_public_products(v1::ANSWER_YES);
  output.clear_release_approvals();
  EXPECT_THAT(FieldsOf(SendingGaps(content)), ElementsAre("business_case.output_use"));
  v1::DepartmentText& own = *output.add_release_approvals();
  own.set_entity(kRecipientDept);
  own.set_text("the director");
  EXPECT_THAT(FieldsOf(SendingGaps(content)), ElementsAre());
  EXPECT_THAT(FieldsOf(GapsIn(content, false)), ElementsAre("business_case.output_use"));
}

// --- education records (agreement Addendum B) ---

constexpr char kEducation[] = "administrative.education_records";

TEST(EducationRecords, AreRequiredOnlyIfTheyAreShared) {
  EXPECT_THAT(FieldsOf(GapsIn(EducationContent(), false)), ElementsAre());
  v1::Content content = CompleteContent();
  auto& named = *content.mutable_business_case()->mutable_data_categories();
  named.add_categories("K-12 Education Records");
  const auto gaps = GapsIn(content, false);
  ASSERT_THAT(FieldsOf(gaps), ElementsAre(kEducation));
  EXPECT_EQ(gaps[0].why(), "required because education records are shared (agreement Addendum B, 1.3)");
  named.set_education_records(v1::ANSWER_NO);
  EXPECT_THAT(FieldsOf(GapsIn(content, false)), ElementsAre());
  named.clear_categories();
  named.add_categories("demographic");
  named.clear_education_records();
  EXPECT_THAT(FieldsOf(GapsIn(content, false)), ElementsAre());
  content.mutable_administrative()->mutable_education_records()->set_source_agency("entities/no-party");
  EXPECT_THAT(FieldsOf(GapsIn(content, false)), ElementsAre(kEducation)) << "described, though by halves";
  content.mutable_administrative()->clear_education_records();
  named.set_education_records(v1::ANSWER_YES);
  EXPECT_THAT(FieldsOf(GapsIn(content, false)), ElementsAre(kEducation));
}

TEST(EducationRecords, ReportEveryClearedField) {
  const auto* type = v1::EducationRecords::descriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    if (field->name() == "provider_terms" || field->name() == "other_source") continue;
    v1::Content content = EducationContent();
    auto* records = content.mutable_administrative()->mutable_education_records();
    records->GetReflection()->ClearField(records, field);
    EXPECT_THAT(FieldsOf(GapsIn(content, false)), ElementsAre(kEducation)) << field->name();
  }
}

TEST(EducationRecords, AreSignedByTheirSourceIfItIsASignatory) {
  v1::Content content = EducationContent();
  auto& records = *content.mutable_administrative()->mutable_education_records();
  EXPECT_EQ(SigningAgencyOf(content), "") << "a party signs anyway";
  // The agency signs, but is not a Data Provider.
  records.set_source_agency("entities/department-of-education");
  EXPECT_THAT(FieldsOf(GapsIn(content, false)), ElementsAre());
  EXPECT_EQ(SigningAgencyOf(content), "entities/department-of-education");
  content.mutable_business_case()->mutable_data_categories()->set_education_records(v1::ANSWER_NO);
  EXPECT_EQ(SigningAgencyOf(content), "");
  content.mutable_business_case()->mutable_data_categories()->set_education_records(v1::ANSWER_YES);
  records.clear_source_agency();
  records.set_other_source("a school district");
  EXPECT_THAT(FieldsOf(GapsIn(content, false)), ElementsAre());
}

TEST(EducationRecords, OfAStudyNeedItsPrincipal) {
  v1::Content content = EducationContent();
  auto& records = *content.mutable_administrative()->mutable_education_records();
  records.set_use(v1::EDUCATION_USE_STUDY);
  EXPECT_THAT(FieldsOf(GapsIn(content, false)), ElementsAre(kEducation));
  records.mutable_study()->set_on_behalf_of("a school district");
  EXPECT_THAT(FieldsOf(GapsIn(content, false)), ElementsAre());
  records.set_use(v1::EDUCATION_USE_OTHER);
  records.clear_study();
  EXPECT_THAT(FieldsOf(GapsIn(content, false)), ElementsAre());
}

struct HalfAnswer {
  const char* name;
  const char* field;
  void (*spoil)(v1::Content&);
};

class AnswerThatAsksForMore : public ::testing::TestWithParam<HalfAnswer> {};

TEST_P(AnswerThatAsksForMore, IsAGapUntilTheRestIsComplete) {
  v1::Content content = CompleteContent();
  GetParam().spoil(content);
  EXPECT_THAT(FieldsOf(GapsIn(content, false)), ElementsAre(GetParam().field));
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
