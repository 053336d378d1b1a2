#ifndef IDEA_SERVICES_REVIEW_ROUTING_RULES_H_
#define IDEA_SERVICES_REVIEW_ROUTING_RULES_H_

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "idea/drafting/v1/drafting.pb.h"
#include "idea/review/v1/routing.pb.h"

// Two tables: the rules that ask departments for steps on a frozen revision, and the fields of the revision
// that each discipline looks at. No step exists without a rule.
namespace idea::review {

// The departments that a rule asks.
enum class Assignees { kEachDepartment, kLeadRecipient, kEducationAgency };

// One rule: the step, the departments that it asks, and when it applies.
struct Rule {
  std::string_view name;
  v1::StepKind kind;
  v1::Discipline discipline;  // of an opinion
  v1::Capacity capacity;      // of a signature
  Assignees assignees;
  bool (*applies)(const v1::RevisionFacts&);  // null for a rule that always applies
  std::string_view when;                      // the same as text
  std::string_view asks;
  std::string_view citation;
};

inline constexpr auto kRoutingRules = [] {
  using enum v1::StepKind;
  using enum v1::Discipline;
  using enum v1::Capacity;
  using enum Assignees;
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

// A field that a discipline looks at. If it changes, opinions of the discipline do not carry over.
struct ReviewedField {
  v1::Discipline discipline;
  std::string_view field;  // path into the content
};

// Guidebook FAQ, "registered opinion" and "What exactly are legal representatives agreeing to", and where the
// agreement makes a field a duty: who has access (5.7), re-disclosure (8.7), destruction (8.8), research,
// funds (5.21). All disciplines look at the parties and the use. A test fails if a field is in neither of the
// two tables.
inline constexpr auto kReviewedFields = [] {
  using enum v1::Discipline;
  return std::to_array<ReviewedField>({
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

// A field that no discipline looks at, whether or not a technology opinion is needed. If it changes, every
// opinion carries over.
struct UnreviewedField {
  std::string_view field;
  std::string_view why;
};
inline constexpr auto kUnreviewedFields = std::to_array<UnreviewedField>({
    {"business_case.use_case_name", "a name; what is done stands in the description"},
    {"business_case.contact_information", "whom to talk to; who signs is checked when they sign"},
    {"administrative.anticipated_risks", "an argument of a dispute, for those who mediate and decide it"},
    {"administrative.possible_alternatives", "an argument of a dispute"},
    {"administrative.department_positions", "an argument of a dispute"},
    {"administrative.approvals", "how the BUCP is undisputed, in the Data Recipient's words"},
    {"administrative.critical_dates",
     "when and how often; what is shared, for what and with whom is in other fields"},
});

// The facts of a revision that the rules use. `technology` is the setting IDEA_TECHNOLOGY_OPINION.
v1::RevisionFacts FactsOf(const drafting::v1::Content& content, bool technology);

// Every department of both sides once, recipients first.
std::vector<std::string> DepartmentsOf(const v1::Routing& routing);

// The departments, and the other entities that the steps ask. They see the routing and receive its events.
std::vector<std::string> AudienceOf(const v1::Routing& routing);

// Adds the steps that the rules ask for, in their order. A department on both sides is asked once. A step for
// a statement is done if the revision has the statement.
void AddSteps(v1::Routing& routing);

// Whether `rule` asks for a step in this routing. An education agency that is a party signs as a party.
bool Asks(const Rule& rule, const v1::Routing& routing);

// The rule of a step.
const Rule& RuleOf(const v1::RoutingStep& step);

// Whether `a` and `b` are equal in every field that the discipline looks at.
bool SameFields(v1::Discipline discipline, const v1::RevisionFacts& a, const v1::RevisionFacts& b);

// Whether a side has several departments, so that a review may not apply to one of them (template V2M).
bool HasSeveralDepartments(const v1::Routing& routing);

// The role that takes a step. DATA_COORDINATOR for a step that is not an opinion or a signature.
common::v1::ContactRole RoleOf(const v1::RoutingStep& step);
common::v1::ContactRole RoleOf(v1::Discipline discipline);
common::v1::ContactRole RoleOf(v1::Capacity capacity);

// The stage of a step: opinions, sponsors or coordinators. A statement is in the first stage. UNSPECIFIED for
// a reminder, for which nothing waits.
v1::RoutingState StageOf(const v1::RoutingStep& step);

}  // namespace idea::review

#endif  // IDEA_SERVICES_REVIEW_ROUTING_RULES_H_
