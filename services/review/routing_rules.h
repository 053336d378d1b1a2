#ifndef IDEA_SERVICES_REVIEW_ROUTING_RULES_H_
#define IDEA_SERVICES_REVIEW_ROUTING_RULES_H_

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "idea/drafting/v1/drafting.pb.h"
#include "idea/review/v1/routing.pb.h"

// Who is asked for what on a frozen revision, as two tables: the rules that ask for steps, and the fields of
// the revision that each discipline looks at. What is not in them nobody is asked for.
namespace idea::review {

// Whom a rule asks.
enum class Whom { kEachDepartment, kLeadRecipient, kEducationAgency };

// One rule: whom it asks for what, and when.
struct Rule {
  std::string_view name;
  v1::StepKind kind;
  v1::Discipline discipline;  // of an opinion
  v1::Capacity capacity;      // of a signature
  Whom whom;
  bool (*applies)(const v1::RevisionFacts&);  // null: always
  std::string_view when;                      // the same in words
  std::string_view asks;
  std::string_view citation;
};

inline constexpr auto kRoutingRules = [] {
  using enum v1::StepKind;
  using enum v1::Discipline;
  using enum v1::Capacity;
  using enum Whom;
  using F = v1::RevisionFacts;
  constexpr auto kNone = DISCIPLINE_UNSPECIFIED;
  constexpr auto kNobody = CAPACITY_UNSPECIFIED;
  return std::to_array<Rule>({
      {"legal-opinion", STEP_KIND_OPINION, DISCIPLINE_LEGAL, kNobody, kEachDepartment, nullptr, "always",
       "register the legal opinion", "BUCP template, checklist row 3"},
      {"privacy-opinion", STEP_KIND_OPINION, DISCIPLINE_PRIVACY, kNobody, kEachDepartment, nullptr, "always",
       "register the privacy opinion", "BUCP template, checklist row 4"},
      {"security-opinion", STEP_KIND_OPINION, DISCIPLINE_SECURITY, kNobody, kEachDepartment, nullptr,
       "always", "register the security opinion", "BUCP template, checklist row 5"},
      {"technology-opinion", STEP_KIND_OPINION, DISCIPLINE_TECHNOLOGY, kNobody, kEachDepartment,
       [](const F& f) { return f.technology(); }, "where the setting asks for it",
       "register the technology opinion", "guidebook step 5"},
      {"research-approval", STEP_KIND_STATEMENT, kNone, kNobody, kLeadRecipient,
       [](const F& f) { return f.research(); }, "only for research",
       "state in the BUCP that CPHS or an IRB has approved the research", "BUCP template, Research field"},
      {"separate-agreement", STEP_KIND_REMINDER, kNone, kNobody, kLeadRecipient,
       [](const F& f) { return f.funds(); }, "only where funds are transferred",
       "put the transfer of funds into a separate agreement, with the BUCP as its exhibit",
       "agreement 5.21; guidebook FAQ"},
      {"sponsor-signature", STEP_KIND_SIGNATURE, kNone, CAPACITY_EXECUTIVE_SPONSOR, kEachDepartment, nullptr,
       "always", "weigh the opinions and sign as Executive Sponsor", "BUCP template, checklist row 6"},
      {"education-agency-signature", STEP_KIND_SIGNATURE, kNone, CAPACITY_EDUCATION_AGENCY, kEducationAgency,
       [](const F& f) { return f.education_records() && !f.education_agency().empty(); },
       "only for education records whose original source is a signatory",
       "sign for the education agency that is the original source", "agreement, Addendum B 1.4"},
      {"coordinator-signature", STEP_KIND_SIGNATURE, kNone, CAPACITY_DATA_COORDINATOR, kEachDepartment,
       nullptr, "always", "check that all steps are complete and sign as Data Coordinator",
       "BUCP template, checklist row 7"},
  });
}();

// One field that a discipline looks at. A change of it makes the discipline's opinions stale.
struct LooksAt {
  v1::Discipline discipline;
  std::string_view field;  // path into the content
};

// Guidebook FAQ, "registered opinion" and "What exactly are legal representatives agreeing to", and where the
// agreement makes a field a duty: who has access (5.7), re-disclosure (8.7), destruction (8.8), research,
// funds (5.21). Who shares what with whom matters to all. A field that stands in neither of the two tables
// fails a test.
inline constexpr auto kLooksAt = [] {
  using enum v1::Discipline;
  return std::to_array<LooksAt>({
      {DISCIPLINE_LEGAL, "recipients"},
      {DISCIPLINE_LEGAL, "providers"},
      {DISCIPLINE_LEGAL, "administrative.legal_authority"},
      {DISCIPLINE_LEGAL, "business_case.use_case_description"},
      {DISCIPLINE_LEGAL, "business_case.data_categories"},
      {DISCIPLINE_LEGAL, "business_case.output_use"},
      {DISCIPLINE_LEGAL, "technical.data_users"},   // contractors: agreement 5.7
      {DISCIPLINE_LEGAL, "technical.destruction"},  // agreement 8.8
      {DISCIPLINE_LEGAL, "administrative.transfer_of_funds"},
      {DISCIPLINE_LEGAL, "administrative.redisclosure"},  // agreement 8.7
      {DISCIPLINE_LEGAL, "administrative.research"},
      {DISCIPLINE_LEGAL, "administrative.privacy_requirements"},
      {DISCIPLINE_LEGAL, "administrative.security_requirements"},
      {DISCIPLINE_LEGAL, "administrative.education_records"},  // the ground is law: Addendum B 1.3

      {DISCIPLINE_PRIVACY, "recipients"},
      {DISCIPLINE_PRIVACY, "providers"},
      {DISCIPLINE_PRIVACY, "administrative.privacy_requirements"},
      {DISCIPLINE_PRIVACY, "business_case.use_case_description"},
      {DISCIPLINE_PRIVACY, "business_case.data_categories"},
      {DISCIPLINE_PRIVACY, "business_case.output_use"},
      {DISCIPLINE_PRIVACY, "technical.data_users"},
      {DISCIPLINE_PRIVACY, "technical.destruction"},
      {DISCIPLINE_PRIVACY, "administrative.redisclosure"},
      {DISCIPLINE_PRIVACY, "administrative.research"},
      {DISCIPLINE_PRIVACY, "technical.data_elements"},  // re-identification risk
      {DISCIPLINE_PRIVACY, "administrative.education_records"},

      {DISCIPLINE_SECURITY, "recipients"},
      {DISCIPLINE_SECURITY, "providers"},
      {DISCIPLINE_SECURITY, "administrative.security_requirements"},
      {DISCIPLINE_SECURITY, "business_case.use_case_description"},
      {DISCIPLINE_SECURITY, "business_case.output_use"},
      {DISCIPLINE_SECURITY, "technical.data_users"},
      {DISCIPLINE_SECURITY, "technical.destruction"},
      {DISCIPLINE_SECURITY, "technical.data_transfer"},  // transfer and storage

      {DISCIPLINE_TECHNOLOGY, "recipients"},  // no source says what it looks at: what is technical
      {DISCIPLINE_TECHNOLOGY, "providers"},
      {DISCIPLINE_TECHNOLOGY, "technical"},
  });
}();

// Fields that no discipline looks at, whether or not a technology opinion is asked for: their changes leave
// every opinion as it is.
struct LooksAtNothing {
  std::string_view field;
  std::string_view why;
};
inline constexpr auto kNobodyLooksAt = std::to_array<LooksAtNothing>({
    {"business_case.use_case_name", "a name; what is done stands in the description"},
    {"business_case.contact_information", "whom to talk to; who signs is checked when they sign"},
    {"administrative.anticipated_risks", "an argument of a dispute, for those who mediate and decide it"},
    {"administrative.possible_alternatives", "an argument of a dispute"},
    {"administrative.department_positions", "an argument of a dispute"},
    {"administrative.approvals", "how the BUCP is undisputed, in the Data Recipient's words"},
    {"administrative.critical_dates",
     "when and how often; what is shared, for what and with whom is in other fields"},
});

// What the rules want to know of a revision. `technology` is the setting.
v1::RevisionFacts FactsOf(const drafting::v1::Content& content, bool technology);

// Every department of both sides once, recipients first.
std::vector<std::string> DepartmentsOf(const v1::Routing& routing);

// The departments, and who else the steps ask: they see the routing and are told.
std::vector<std::string> AudienceOf(const v1::Routing& routing);

// Adds every step that the rules ask for, in their order. A department that is on both sides is asked once. A
// statement is done if the revision holds it.
void AddSteps(v1::Routing& routing);

// Whether `rule` asks for a step here; an education agency that is a party signs as one.
bool Asks(const Rule& rule, const v1::Routing& routing);

// The rule of a step.
const Rule& RuleOf(const v1::RoutingStep& step);

// Whether `a` and `b` say the same in every field that the discipline looks at.
bool SameFields(v1::Discipline discipline, const v1::RevisionFacts& a, const v1::RevisionFacts& b);

// Several departments on a side: then a review may not apply to one of them (template V2M).
bool IsSeveralDepartments(const v1::Routing& routing);

// The role that takes a step; DATA_COORDINATOR for what is no opinion or signature.
common::v1::ContactRole RoleOf(const v1::RoutingStep& step);
common::v1::ContactRole RoleOf(v1::Discipline discipline);
common::v1::ContactRole RoleOf(v1::Capacity capacity);

// When a step is taken: with the opinions, the sponsors or the coordinators. A statement is wanted from the
// beginning. UNSPECIFIED for a reminder, which nothing waits for.
v1::RoutingState StageOf(const v1::RoutingStep& step);

}  // namespace idea::review

#endif  // IDEA_SERVICES_REVIEW_ROUTING_RULES_H_
