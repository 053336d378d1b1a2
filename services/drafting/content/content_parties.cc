#include "services/drafting/content/content_parties.h"

#include <algorithm>
#include <cctype>

#include "common/validation/text.h"

namespace idea::drafting {

bool IsParty(const v1::Content& content, const std::string& entity) {
  const auto has = [&](const auto& names) {
    return std::find(names.begin(), names.end(), entity) != names.end();
  };
  return has(content.recipients()) || has(content.providers());
}

bool SharesEducationRecords(const v1::Content& content) {
  const auto& named = content.business_case().data_categories();
  if (named.education_records() != v1::ANSWER_UNSPECIFIED) return named.education_records() == v1::ANSWER_YES;
  if (content.administrative().has_education_records()) return true;
  return std::any_of(named.categories().begin(), named.categories().end(), [](std::string category) {
    std::transform(category.begin(), category.end(), category.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    return category.find("education record") != std::string::npos ||
           category.find("student record") != std::string::npos ||
           category.find("ferpa") != std::string::npos;
  });
}

std::string SigningAgencyOf(const v1::Content& content) {
  const std::string& agency = content.administrative().education_records().source_agency();
  const bool signs = SharesEducationRecords(content) && !IsParty(content, agency);
  return signs ? agency : std::string();
}

const v1::ContactText* ProgramContactOf(const v1::Content& content, const std::string& entity) {
  for (const v1::DepartmentContacts& entry : content.business_case().contact_information().departments()) {
    if (entry.entity() != entity) continue;
    for (const v1::ContactText* person :
         {&entry.program_contact(), &entry.data_coordinator_text(), &entry.executive_sponsor_text()}) {
      if (!person->display_name().empty() && validation::IsEmail(person->email())) return person;
    }
  }
  return nullptr;
}

}  // namespace idea::drafting
