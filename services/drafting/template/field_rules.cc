#include "services/drafting/template/field_rules.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <utility>
#include <vector>

#include "common/validation/text.h"
#include "services/drafting/content/content_parties.h"
#include "services/drafting/content/content_path.h"

namespace idea::drafting {
namespace {

using v1::Content;
using validation::IsBlank;

std::set<std::string> PartiesOf(const Content& content) {
  std::set<std::string> parties(content.recipients().begin(), content.recipients().end());
  parties.insert(content.providers().begin(), content.providers().end());
  return parties;
}

std::string Unless(bool there, std::string_view problem) { return there ? "" : std::string(problem); }

// Lists the parties without a completed entry in `entries` ("legal authority is" missing for them), and the
// entries of entities that are not parties.
template <class Entries, class Filled>
std::string EachDepartment(const Content& content, const Entries& entries, Filled filled,
                           std::string_view what) {
  const std::set<std::string> parties = PartiesOf(content);
  std::set<std::string> missing = parties;
  std::string others;
  for (const auto& entry : entries) {
    if (filled(entry)) missing.erase(entry.entity());
    if (!parties.contains(entry.entity())) others += (others.empty() ? "" : ", ") + entry.entity();
  }
  std::string problem;
  for (const std::string& entity : missing) problem += (problem.empty() ? "" : ", ") + entity;
  if (!problem.empty()) problem = std::string(what) + " missing for " + problem;
  if (others.empty()) return problem;
  return problem + (problem.empty() ? "" : "; ") + "leave out entities that are not parties: " + others;
}

template <class Field>
std::string EachText(const Content& content, const Field& field, std::string_view what) {
  return EachDepartment(
      content, field.departments(), [](const auto& entry) { return !IsBlank(entry.text()); }, what);
}

std::string LacksContacts(const Content& content) {
  return EachDepartment(
      content, content.business_case().contact_information().departments(),
      [](const v1::DepartmentContacts& entry) {
        const std::string own = entry.entity() + "/";
        return entry.data_coordinator().starts_with(own) && entry.executive_sponsor().starts_with(own);
      },
      "its own Data Coordinator and Executive Sponsor are");
}

std::string LacksDescription(const Content& content) {
  const auto& described = content.business_case().use_case_description();
  if (IsBlank(described.purpose()) && IsBlank(described.benefits()))
    return "purpose and benefits are missing";
  if (IsBlank(described.purpose())) return "the purpose is missing";
  return Unless(!IsBlank(described.benefits()), "the benefits are missing");
}

std::string LacksOutput(const Content& content) {
  const auto& output = content.business_case().output_use();
  if (IsBlank(output.products())) return "the products and their use are missing";
  if (output.public_products() == v1::ANSWER_UNSPECIFIED) return "say whether any product becomes public";
  if (output.public_products() == v1::ANSWER_NO) return "";
  return EachDepartment(
      content, output.release_approvals(), [](const auto& entry) { return !IsBlank(entry.text()); },
      "who approves the release of public products is");
}

// A name alone does not describe an element (template, "detailed description"; agreement 7.6).
std::string LacksElements(const Content& content) {
  constexpr int kMaxNamesListed = 10;
  const auto& elements = content.technical().data_elements().elements();
  if (elements.empty()) return "name at least one data element";
  std::string names;
  int undefined = 0;
  for (const v1::DataElement& element : elements) {
    if (!IsBlank(element.definition()) || ++undefined > kMaxNamesListed) continue;
    names += (names.empty() ? "" : ", ") + element.field_name();
  }
  if (undefined > kMaxNamesListed) names += " and " + std::to_string(undefined - kMaxNamesListed) + " more";
  return undefined == 0 ? "" : "a definition is missing for " + names;
}

std::string LacksUsers(const Content& content) {
  const auto& users = content.technical().data_users();
  if (IsBlank(users.description())) return "who has access is missing";
  if (users.contractors() == v1::ANSWER_UNSPECIFIED) return "say whether contractors have access";
  return Unless(users.contractors() == v1::ANSWER_NO || !IsBlank(users.contractor_use()),
                "which contractors have access, and for what, is missing");
}

std::string LacksDestruction(const Content& content) {
  const auto& destruction = content.technical().destruction();
  if (IsBlank(destruction.description())) return "how data is destroyed or returned is missing";
  return Unless(destruction.products_included() != v1::ANSWER_UNSPECIFIED,
                "say whether products made from the data are destroyed or returned, too");
}

std::string LacksDates(const Content& content) {
  const auto& dates = content.administrative().critical_dates();
  if (!dates.has_start_date()) return "the start date is missing";
  if (dates.recurrence() == v1::RECURRENCE_UNSPECIFIED)
    return "say whether the exchange is one-time or ongoing";
  if (dates.recurrence() == v1::RECURRENCE_ONGOING && IsBlank(dates.frequency()))
    return "how often is missing";
  const auto day = [](const google::type::Date& date) {
    return std::array{date.year(), date.month(), date.day()};
  };
  return Unless(!dates.has_end_date() || day(dates.start_date()) <= day(dates.end_date()),
                "the end date is before the start date");
}

// The requirements on an audit, an evaluation or a study (agreement Addendum B, 2.2 and 3.4).
void AddMissingOfStudy(const v1::EducationRecords& records, std::vector<std::string_view>& missing) {
  const v1::EducationStudy& study = records.study();
  const std::pair<const std::string&, std::string_view> texts[] = {
      {study.scope(), "the scope"},
      {study.schedule(), "the schedule"},
      {study.deliverables(), "the deliverables"},
      {study.primary_contacts(), "the primary contacts"},
      {study.program(), "the program, test, aid or instruction concerned"},
      {study.people_with_access(), "everybody with access"},
      {study.methodology(), "the methodology"},
  };
  for (const auto& [text, name] : texts) {
    if (IsBlank(text)) missing.push_back(name);
  }
  if (records.use() == v1::EDUCATION_USE_STUDY && IsBlank(study.on_behalf_of())) {
    missing.push_back("on whose behalf the study is made");
  }
}

std::string LacksEducationRecords(const Content& content) {
  const v1::EducationRecords& records = content.administrative().education_records();
  std::vector<std::string_view> missing;
  const std::pair<bool, std::string_view> wanted[] = {
      {!IsBlank(records.pii_elements()), "the personally identifiable information"},
      {!IsBlank(records.purpose()), "the purpose"},
      {records.consent_exception().starts_with("34 CFR 99.31("), "the exception, as \"34 CFR 99.31(...)\""},
      {!IsBlank(records.activity()), "the activity"},
      {records.authorized_representative() == v1::ANSWER_YES, "the designation as authorized representative"},
      {records.destroy_when_not_needed() == v1::ANSWER_YES, "the duty to destroy what is no longer needed"},
      {!IsBlank(records.destruction_period()), "the time period for destruction"},
      {!IsBlank(records.protection_policies()), "the policies that protect it"},
      {records.destroy_on_demand() == v1::ANSWER_YES, "the covenant to destroy it at any time"},
      {!records.source_agency().empty() || !IsBlank(records.other_source()), "the original source"},
      {records.use() != v1::EDUCATION_USE_UNSPECIFIED, "the use: audit or evaluation, study, or other"},
  };
  for (const auto& [there, name] : wanted) {
    if (!there) missing.push_back(name);
  }
  const bool study =
      records.use() == v1::EDUCATION_USE_AUDIT_OR_EVALUATION || records.use() == v1::EDUCATION_USE_STUDY;
  if (study) AddMissingOfStudy(records, missing);
  std::string problem;
  for (std::string_view name : missing) problem += (problem.empty() ? "missing: " : "; ") + std::string(name);
  return problem;
}

std::string LacksFunds(const Content& content) {
  return Unless(content.administrative().transfer_of_funds().transfers() != v1::ANSWER_UNSPECIFIED,
                "say whether funds are transferred");
}

std::string LacksRedisclosure(const Content& content) {
  const auto& further = content.administrative().redisclosure();
  if (further.allowed() == v1::ANSWER_UNSPECIFIED) return "say whether the recipient may disclose further";
  return Unless(further.allowed() == v1::ANSWER_NO || !IsBlank(further.terms()),
                "to whom and for what the recipient may disclose is missing");
}

std::string LacksResearch(const Content& content) {
  const auto& research = content.administrative().research();
  if (research.research() == v1::ANSWER_UNSPECIFIED) return "say whether the use is research";
  return Unless(research.research() == v1::ANSWER_NO || !IsBlank(research.approval_statement()),
                "the statement that CPHS or IRB approval was granted is missing");
}

constexpr auto kFields = std::to_array<FieldRule>({
    {"business_case.use_case_name", 1, "Use Case Name", v1::REQUIREMENT_REQUIRED, CompletedBy::kRecipient,
     "A short title by which everybody recognizes the exchange.",
     [](const Content& c) {
       return Unless(!IsBlank(c.business_case().use_case_name().title()), "the title is missing");
     }},
    {"business_case.contact_information", 2, "Contact Information", v1::REQUIREMENT_REQUIRED,
     CompletedBy::kEach,
     "For each department its Data Coordinator and its Executive Sponsor, as contacts of the registry.",
     LacksContacts},
    {"business_case.use_case_description", 3, "Use Case Description/Purpose", v1::REQUIREMENT_REQUIRED,
     CompletedBy::kRecipient,
     "What is in scope, why the data is asked for and needed, and who benefits: the department, other "
     "stakeholders, the persons whom the data describes.",
     LacksDescription},
    {"business_case.data_categories", 4, "Data types/categories", v1::REQUIREMENT_REQUIRED,
     CompletedBy::kRecipient,
     "The kinds of data in a few words, such as personally identifiable information, demographics or program "
     "usage; and whether education records are among them.",
     [](const Content& c) {
       return Unless(!c.business_case().data_categories().categories().empty(), "name at least one category");
     }},
    {"business_case.output_use", 5, "Output/Use", v1::REQUIREMENT_REQUIRED, CompletedBy::kRecipient,
     "What is made from the data on the way and in the end, which decisions and processes it serves, whether "
     "it becomes public, and who in each department approves a public release.",
     LacksOutput},
    {"technical.data_elements", 6, "Data elements", v1::REQUIREMENT_REQUIRED, CompletedBy::kBoth,
     "Each element with its type, its meaning, its valid values and its source: the columns of the Data "
     "Field Definitions template. Ask for the least that the purpose needs.",
     LacksElements},
    {"technical.data_users", 7, "Data users", v1::REQUIREMENT_REQUIRED, CompletedBy::kBoth,
     "Who has access, by role rather than by name, with responsibilities; whether contractors have access, "
     "and for what.",
     LacksUsers},
    {"technical.data_transfer", 8, "Data transfer/management", v1::REQUIREMENT_REQUIRED, CompletedBy::kBoth,
     "How the data travels, where it is kept and how it is managed. Choose the method of transfer early.",
     [](const Content& c) {
       return Unless(!IsBlank(c.technical().data_transfer().description()),
                     "how data is transferred and kept is missing");
     }},
    {"technical.destruction", 9, "Destruction and/or Return", v1::REQUIREMENT_REQUIRED, CompletedBy::kBoth,
     "How the data is destroyed or returned in the end, whether products are too, and how products may be "
     "used afterwards.",
     LacksDestruction},
    {"administrative.anticipated_risks", 10, "Anticipated risks", v1::REQUIREMENT_DISPUTED_ONLY,
     CompletedBy::kBoth,
     "Stakeholders and outside entities, what happens without the data, and what each department and its "
     "agency risk by sharing or by not sharing.",
     [](const Content& c) {
       return Unless(!IsBlank(c.administrative().anticipated_risks().description()),
                     "a disputed BUCP names its risks");
     }},
    {"administrative.legal_authority", 11, "Legal authority", v1::REQUIREMENT_REQUIRED, CompletedBy::kEach,
     "The opinion of each department's legal representative: the authority of the recipient to receive and "
     "use the data, of the provider to disclose it, with the statutes.",
     [](const Content& c) {
       return EachText(c, c.administrative().legal_authority(), "legal authority is");
     }},
    {"administrative.transfer_of_funds", 12, "Transfer of Funds", v1::REQUIREMENT_REQUIRED,
     CompletedBy::kBoth,
     "Whether money is paid for the work. If so, a separate agreement is made; it may go on at the same "
     "time.",
     LacksFunds},
    {"administrative.possible_alternatives", 13, "Possible alternatives", v1::REQUIREMENT_DISPUTED_ONLY,
     CompletedBy::kBoth, "What else would be feasible instead of this exchange.",
     [](const Content& c) {
       return Unless(!IsBlank(c.administrative().possible_alternatives().description()),
                     "a disputed BUCP names its alternatives");
     }},
    {"administrative.critical_dates", 14, "Critical dates", v1::REQUIREMENT_REQUIRED, CompletedBy::kBoth,
     "Start, end if there is one, deadlines; whether the exchange is one-time or goes on, and how often.",
     LacksDates},
    {"administrative.redisclosure", 15, "Re-disclosure/further disclosure", v1::REQUIREMENT_REQUIRED,
     CompletedBy::kBoth, "Whether the recipient may pass the data on: to whom, for what.", LacksRedisclosure},
    {"administrative.research", 16, "Research (see Appendix A)", v1::REQUIREMENT_REQUIRED, CompletedBy::kBoth,
     "Whether the use is meant to add to generalizable knowledge. If so, the statement that the Committee "
     "for the Protection of Human Subjects or an IRB has approved it.",
     LacksResearch},
    {"administrative.privacy_requirements", 17, "Privacy Requirements", v1::REQUIREMENT_REQUIRED,
     CompletedBy::kEach,
     "The opinion of each department's privacy representative: how sensitive data is handled, and what "
     "federal or state rules or contracts ask for beyond that.",
     [](const Content& c) {
       return EachText(c, c.administrative().privacy_requirements(), "privacy requirements are");
     }},
    {"administrative.security_requirements", 18, "Security Requirements", v1::REQUIREMENT_REQUIRED,
     CompletedBy::kEach,
     "The opinion of each department's security representative: technical and organizational safeguards, and "
     "what federal or state rules or contracts ask for beyond the baseline.",
     [](const Content& c) {
       return EachText(c, c.administrative().security_requirements(), "security requirements are");
     }},
    {"administrative.approvals", 19, "Approvals", v1::REQUIREMENT_REQUIRED, CompletedBy::kRecipient,
     "How and why the use case is not disputed, in the recipient's words; after a dispute, how it ended. The "
     "signatures are collected by the review service.",
     [](const Content& c) {
       return Unless(!IsBlank(c.administrative().approvals().acknowledgement()),
                     "say how and why the use case is undisputed, or how the dispute ended");
     }},
    {"administrative.department_positions", 20, "Departments\u2019 positions", v1::REQUIREMENT_DISPUTED_ONLY,
     CompletedBy::kEach, "What each department holds and why, and what was tried to come to an agreement.",
     [](const Content& c) {
       const auto& field = c.administrative().department_positions();
       const std::string missing = EachText(c, field, "a position is");
       if (!missing.empty()) return missing;
       return Unless(!IsBlank(field.discussions()), "the summary of discussions is missing");
     }},
    {"administrative.education_records", 0, "Education records (FERPA)", v1::REQUIREMENT_CONDITIONAL,
     CompletedBy::kBoth,
     "What the agreement asks for where education records are shared: the information, the purpose with the "
     "exception of 34 CFR 99.31, the activity, destruction, protection and the original source; for an "
     "audit, an evaluation or a study also its plan.",
     LacksEducationRecords, "education records are shared", "agreement Addendum B, 1.3",
     SharesEducationRecords},
});
static_assert(kFields.size() == 21);

struct SectionTitle {
  const char* section;
  const char* title;
  const char* completed_by;
};
constexpr SectionTitle kSections[] = {
    {"business_case", "Business Case Fields", "Data Recipient"},
    {"technical", "Technical Fields", "Data Recipient and Data Provider"},
    {"administrative", "Administrative Fields", "Data Recipient with the Data Provider's help"},
};

v1::TemplateField FieldOf(const FieldRule& rule) {
  v1::TemplateField field;
  field.set_field(std::string(rule.field));
  field.set_number(rule.number);
  field.set_title(std::string(rule.title));
  field.set_requirement(rule.requirement);
  field.set_condition(std::string(rule.condition));
  field.set_completed_by(std::string(NameOf(rule.completed_by)));
  field.set_per_department(!EntriesIn(FieldTypeOf(rule.field)).empty());
  field.set_help(std::string(rule.help));
  return field;
}

}  // namespace

std::string_view NameOf(CompletedBy completed_by) {
  constexpr std::string_view kNames[] = {"Data Recipient", "Data Recipient and Data Provider",
                                         "each department"};
  return kNames[static_cast<size_t>(completed_by)];
}

std::span<const FieldRule> FieldRules() { return kFields; }

v1::Template BuiltInTemplate(bool several_departments) {
  v1::Template bucp_template;
  bucp_template.set_name(several_departments ? "templates/v2-multiple" : "templates/v3");
  bucp_template.set_title(several_departments ? "BUCP template V2, multiple departments"
                                              : "BUCP template V3, single department");
  auto& date = *bucp_template.mutable_version_date();
  date.set_year(several_departments ? 2025 : 2026);
  date.set_month(several_departments ? 8 : 7);
  date.set_day(several_departments ? 15 : 1);
  bucp_template.set_several_departments(several_departments);
  for (const SectionTitle& row : kSections) {
    auto& section = *bucp_template.add_sections();
    section.set_section(row.section);
    section.set_title(row.title);
    section.set_completed_by(row.completed_by);
  }
  for (const FieldRule& rule : kFields) *bucp_template.add_fields() = FieldOf(rule);
  return bucp_template;
}

v1::Template Complete(const v1::Template& bucp_template, const v1::Template& before) {
  v1::Template whole = bucp_template;
  *whole.mutable_sections() = before.sections();
  *whole.mutable_fields() = before.fields();
  for (auto& field : *whole.mutable_fields()) {
    for (const auto& change : bucp_template.fields()) {
      // An empty title or help text and an UNSPECIFIED requirement do not merge, so the previous values
      // remain.
      if (change.field() == field.field()) field.MergeFrom(change);
    }
  }
  return whole;
}

}  // namespace idea::drafting
