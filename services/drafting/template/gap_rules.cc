#include "services/drafting/template/gap_rules.h"

#include <algorithm>
#include <string>

#include "common/clock/date.h"
#include "common/status/status.h"
#include "services/drafting/content/content_parties.h"
#include "services/drafting/template/field_rules.h"

namespace idea::drafting {
namespace {

// The field in this version of the template.
v1::TemplateField FieldIn(const v1::Template& bucp_template, const FieldRule& rule) {
  for (const v1::TemplateField& field : bucp_template.fields()) {
    if (field.field() == rule.field) return field;
  }
  // The field is newer than the version.
  v1::TemplateField field;
  field.set_title(std::string(rule.title));
  field.set_requirement(rule.requirement);
  return field;
}

// Why the field is required. Empty if it is not.
std::string WhyOf(const FieldRule& rule, v1::Requirement requirement, const v1::Content& content,
                  bool disputed, const v1::Template& bucp_template) {
  switch (requirement) {
    case v1::REQUIREMENT_REQUIRED:
      return "required (" + bucp_template.title() + ")";
    case v1::REQUIREMENT_DISPUTED_ONLY:
      return disputed ? "required of a disputed BUCP (" + bucp_template.title() + ")" : "";
    case v1::REQUIREMENT_CONDITIONAL:
      if (rule.applies == nullptr || !rule.applies(content)) return "";
      return "required because " + std::string(rule.condition) + " (" + std::string(rule.citation) + ")";
    default:
      return "";
  }
}

constexpr char kContactInformation[] = "business_case.contact_information";

// Data Providers that are not also recipients.
std::vector<std::string> OtherProviders(const v1::Content& content) {
  std::vector<std::string> others(content.providers().begin(), content.providers().end());
  std::erase_if(others, [&](const std::string& provider) {
    const auto& recipients = content.recipients();
    return std::find(recipients.begin(), recipients.end(), provider) != recipients.end();
  });
  return others;
}

// The content without those departments and their entries in the Business Case.
v1::Content AsRecipientsComplete(const v1::Content& content, const std::vector<std::string>& others) {
  v1::Content own = content;
  const auto is_other = [&](const std::string& entity) {
    return std::find(others.begin(), others.end(), entity) != others.end();
  };
  const auto drop = [&](auto* entries) {
    entries->erase(std::remove_if(entries->begin(), entries->end(),
                                  [&](const auto& entry) { return is_other(entry.entity()); }),
                   entries->end());
  };
  auto* providers = own.mutable_providers();
  providers->erase(std::remove_if(providers->begin(), providers->end(), is_other), providers->end());
  drop(own.mutable_business_case()->mutable_contact_information()->mutable_departments());
  drop(own.mutable_business_case()->mutable_output_use()->mutable_release_approvals());
  return own;
}

bool HasRegistryContact(const v1::Content& content, const std::string& entity) {
  const auto& departments = content.business_case().contact_information().departments();
  return std::any_of(departments.begin(), departments.end(), [&](const v1::DepartmentContacts& entry) {
    return entry.entity() == entity &&
           !(entry.data_coordinator().empty() && entry.executive_sponsor().empty());
  });
}

// Whether the BUCP names somebody to write to.
bool IsNamed(const v1::Content& content, const std::string& entity) {
  return HasRegistryContact(content, entity) || ProgramContactOf(content, entity) != nullptr;
}

}  // namespace

std::vector<v1::Gap> FindGaps(const v1::Content& content, bool disputed, const v1::Template& bucp_template) {
  std::vector<v1::Gap> gaps;
  for (const FieldRule& rule : FieldRules()) {
    const v1::TemplateField field = FieldIn(bucp_template, rule);
    const std::string why = WhyOf(rule, field.requirement(), content, disputed, bucp_template);
    if (why.empty()) continue;
    const std::string problem = rule.lacks(content);
    if (problem.empty()) continue;
    v1::Gap& gap = gaps.emplace_back();
    gap.set_field(std::string(rule.field));
    gap.set_title(field.title());
    gap.set_problem(problem);
    gap.set_why(why);
    gap.set_completed_by(std::string(NameOf(rule.completed_by)));
  }
  return gaps;
}

std::vector<v1::Gap> FindSendingGaps(const v1::Content& content, bool disputed,
                                     const v1::Template& bucp_template) {
  const std::vector<std::string> others = OtherProviders(content);
  std::vector<v1::Gap> gaps = FindGaps(AsRecipientsComplete(content, others), disputed, bucp_template);
  std::erase_if(gaps, [](const v1::Gap& gap) { return !gap.field().starts_with("business_case."); });
  std::string problem;
  for (const std::string& provider : others) {
    if (IsNamed(content, provider)) continue;
    problem +=
        (problem.empty() ? "name a program contact, with name and e-mail address, of " : ", ") + provider;
  }
  if (problem.empty()) return gaps;
  const auto same = std::find_if(gaps.begin(), gaps.end(),
                                 [](const v1::Gap& gap) { return gap.field() == kContactInformation; });
  if (same != gaps.end()) {
    same->set_problem(same->problem() + "; " + problem);
    return gaps;
  }
  v1::Gap& gap = gaps.emplace_back();
  gap.set_field(kContactInformation);
  gap.set_title("Contact Information");
  gap.set_problem(problem);
  gap.set_why("the Data Recipient writes to a program contact of the Data Provider (guidebook step 4)");
  gap.set_completed_by(std::string(NameOf(CompletedBy::kRecipient)));
  return gaps;
}

std::vector<std::string> ProvidersToInvite(const v1::Content& content) {
  std::vector<std::string> invited = OtherProviders(content);
  std::erase_if(invited, [&](const std::string& provider) { return HasRegistryContact(content, provider); });
  return invited;
}

absl::Status CheckEndDate(const v1::Content& content, absl::CivilDay today) {
  const auto& dates = content.administrative().critical_dates();
  if (!dates.has_end_date()) return absl::OkStatus();
  std::string wanted;
  if (clock::DayOf(dates.end_date()) < today) wanted = "today or a later day";
  if (dates.has_start_date() && clock::DayOf(dates.end_date()) < clock::DayOf(dates.start_date()))
    wanted = "a day that is not before the start date";
  if (wanted.empty()) return absl::OkStatus();
  return status::Error(status::Reason::ERROR_REASON_INVALID_FIELD, "the agreement would never be in force")
      .Field("content.administrative.critical_dates.end_date", wanted);
}

}  // namespace idea::drafting
