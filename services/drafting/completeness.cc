#include "services/drafting/completeness.h"

#include <algorithm>
#include <string>

#include "common/status/status.h"
#include "services/drafting/template_fields.h"

namespace idea::drafting {
namespace {

// The field as the version of the template has it.
v1::TemplateField FieldIn(const v1::Template& form, const FieldRule& rule) {
  for (const v1::TemplateField& field : form.fields()) {
    if (field.field() == rule.field) return field;
  }
  // Newer than the version.
  v1::TemplateField field;
  field.set_title(std::string(rule.title));
  field.set_requirement(rule.requirement);
  return field;
}

// Why the field is required; empty if it is not.
std::string WhyOf(const FieldRule& rule, v1::Requirement requirement, const v1::Content& content,
                  bool disputed, const v1::Template& form) {
  switch (requirement) {
    case v1::REQUIREMENT_REQUIRED:
      return "required (" + form.title() + ")";
    case v1::REQUIREMENT_DISPUTED_ONLY:
      return disputed ? "required of a disputed BUCP (" + form.title() + ")" : "";
    case v1::REQUIREMENT_CONDITIONAL:
      if (rule.applies == nullptr || !rule.applies(content)) return "";
      return "required because " + std::string(rule.condition) + " (" + std::string(rule.citation) + ")";
    default:
      return "";
  }
}

}  // namespace

std::vector<v1::Gap> FindGaps(const v1::Content& content, bool disputed, const v1::Template& form) {
  std::vector<v1::Gap> gaps;
  for (const FieldRule& rule : FieldRules()) {
    const v1::TemplateField field = FieldIn(form, rule);
    const std::string why = WhyOf(rule, field.requirement(), content, disputed, form);
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

std::vector<v1::Gap> BusinessCaseGaps(const std::vector<v1::Gap>& gaps) {
  std::vector<v1::Gap> out;
  std::copy_if(gaps.begin(), gaps.end(), std::back_inserter(out),
               [](const v1::Gap& gap) { return gap.field().starts_with("business_case."); });
  return out;
}

absl::Status CheckEndDate(const v1::Content& content, absl::CivilDay today) {
  const auto& dates = content.administrative().critical_dates();
  if (!dates.has_end_date()) return absl::OkStatus();
  const auto day = [](const google::type::Date& date) {
    return absl::CivilDay(date.year(), date.month(), date.day());
  };
  std::string wanted;
  if (day(dates.end_date()) < today) wanted = "today or a later day";
  if (dates.has_start_date() && day(dates.end_date()) < day(dates.start_date()))
    wanted = "a day that is not before the start date";
  if (wanted.empty()) return absl::OkStatus();
  return status::Error(status::Reason::ERROR_REASON_INVALID_FIELD, "the agreement would have no day in force")
      .Field("content.administrative.critical_dates.end_date", wanted);
}

}  // namespace idea::drafting
