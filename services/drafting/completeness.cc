#include "services/drafting/completeness.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

namespace idea::drafting {
namespace {

using v1::Content;

// What one field lacks; empty if nothing.
using Lacks = std::string (*)(const Content&);

struct Rule {
  std::string_view field;
  std::string_view completed_by;
  bool disputed_only;
  Lacks lacks;
};

constexpr std::string_view kRecipient = "Data Recipient";
constexpr std::string_view kBoth = "Data Recipient and Data Provider";

std::string Unless(bool there, std::string_view problem) { return there ? "" : std::string(problem); }

// The parties of which `entries` has no filled entry.
template <class Entries, class Filled>
std::string EachDepartment(const Content& content, const Entries& entries, Filled filled,
                           std::string_view what) {
  std::set<std::string> missing(content.recipients().begin(), content.recipients().end());
  missing.insert(content.providers().begin(), content.providers().end());
  for (const auto& entry : entries) {
    if (filled(entry)) missing.erase(entry.entity());
  }
  std::string problem;
  for (const std::string& entity : missing) problem += (problem.empty() ? "" : ", ") + entity;
  return problem.empty() ? "" : std::string(what) + " is missing for " + problem;
}

template <class Field>
std::string EachText(const Content& content, const Field& field, std::string_view what) {
  return EachDepartment(
      content, field.departments(), [](const auto& entry) { return !entry.text().empty(); }, what);
}

std::string LacksContacts(const Content& content) {
  return EachDepartment(
      content, content.business_case().contact_information().departments(),
      [](const v1::DepartmentContacts& entry) {
        const std::string own = entry.entity() + "/";
        return entry.data_coordinator().starts_with(own) && entry.executive_sponsor().starts_with(own);
      },
      "a Data Coordinator and an Executive Sponsor of its own");
}

std::string LacksOutput(const Content& content) {
  const auto& output = content.business_case().output_use();
  if (output.products().empty()) return "the products and their use are missing";
  if (output.public_products() == v1::ANSWER_UNSPECIFIED) return "say whether any product becomes public";
  if (output.public_products() == v1::ANSWER_NO) return "";
  return EachDepartment(
      content, output.release_approvals(), [](const auto& entry) { return !entry.text().empty(); },
      "who approves the release of public products");
}

std::string LacksUsers(const Content& content) {
  const auto& users = content.technical().data_users();
  if (users.description().empty()) return "who has access is missing";
  if (users.contractors() == v1::ANSWER_UNSPECIFIED) return "say whether contractors have access";
  return Unless(users.contractors() == v1::ANSWER_NO || !users.contractor_use().empty(),
                "which contractors have access, and for what, is missing");
}

std::string LacksDates(const Content& content) {
  const auto& dates = content.administrative().critical_dates();
  if (!dates.has_start_date()) return "the start date is missing";
  if (dates.recurrence() == v1::RECURRENCE_UNSPECIFIED)
    return "say whether the exchange is one-time or ongoing";
  if (dates.recurrence() == v1::RECURRENCE_ONGOING && dates.frequency().empty())
    return "how often is missing";
  const auto day = [](const google::type::Date& date) {
    return std::array{date.year(), date.month(), date.day()};
  };
  return Unless(!dates.has_end_date() || day(dates.start_date()) <= day(dates.end_date()),
                "the end date is before the start date");
}

std::string LacksFunds(const Content& content) {
  return Unless(content.administrative().transfer_of_funds().transfers() != v1::ANSWER_UNSPECIFIED,
                "say whether funds are transferred");
}

std::string LacksRedisclosure(const Content& content) {
  const auto& further = content.administrative().redisclosure();
  if (further.allowed() == v1::ANSWER_UNSPECIFIED) return "say whether the recipient may disclose further";
  return Unless(further.allowed() == v1::ANSWER_NO || !further.terms().empty(),
                "to whom and for what the recipient may disclose is missing");
}

std::string LacksResearch(const Content& content) {
  const auto& research = content.administrative().research();
  if (research.research() == v1::ANSWER_UNSPECIFIED) return "say whether the use is research";
  return Unless(research.research() == v1::ANSWER_NO || !research.approval_statement().empty(),
                "the statement that CPHS or IRB approval was granted is missing");
}

// The template's fields in its order.
constexpr auto kRules = std::to_array<Rule>({
    {"business_case.use_case_name", kRecipient, false,
     [](const Content& c) {
       return Unless(!c.business_case().use_case_name().title().empty(), "the title is missing");
     }},
    {"business_case.contact_information", kBoth, false, LacksContacts},
    {"business_case.use_case_description", kRecipient, false,
     [](const Content& c) {
       const auto& field = c.business_case().use_case_description();
       return Unless(!field.purpose().empty() && !field.benefits().empty(),
                     "purpose and benefits are missing");
     }},
    {"business_case.data_categories", kRecipient, false,
     [](const Content& c) {
       return Unless(!c.business_case().data_categories().categories().empty(), "name at least one category");
     }},
    {"business_case.output_use", kRecipient, false, LacksOutput},
    {"technical.data_elements", kBoth, false,
     [](const Content& c) {
       return Unless(!c.technical().data_elements().elements().empty(), "name at least one data element");
     }},
    {"technical.data_users", kBoth, false, LacksUsers},
    {"technical.data_transfer", kBoth, false,
     [](const Content& c) {
       return Unless(!c.technical().data_transfer().description().empty(),
                     "how data is transferred and kept is missing");
     }},
    {"technical.destruction", kBoth, false,
     [](const Content& c) {
       const auto& field = c.technical().destruction();
       return Unless(!field.description().empty() && field.products_included() != v1::ANSWER_UNSPECIFIED,
                     "how data is destroyed or returned, and whether products are too, is missing");
     }},
    {"administrative.anticipated_risks", kBoth, true,
     [](const Content& c) {
       return Unless(!c.administrative().anticipated_risks().description().empty(),
                     "a disputed BUCP names its risks");
     }},
    {"administrative.legal_authority", kBoth, false,
     [](const Content& c) { return EachText(c, c.administrative().legal_authority(), "legal authority"); }},
    {"administrative.transfer_of_funds", kBoth, false, LacksFunds},
    {"administrative.possible_alternatives", kBoth, true,
     [](const Content& c) {
       return Unless(!c.administrative().possible_alternatives().description().empty(),
                     "a disputed BUCP names its alternatives");
     }},
    {"administrative.critical_dates", kBoth, false, LacksDates},
    {"administrative.redisclosure", kBoth, false, LacksRedisclosure},
    {"administrative.research", kBoth, false, LacksResearch},
    {"administrative.privacy_requirements", kBoth, false,
     [](const Content& c) {
       return EachText(c, c.administrative().privacy_requirements(), "privacy requirements");
     }},
    {"administrative.security_requirements", kBoth, false,
     [](const Content& c) {
       return EachText(c, c.administrative().security_requirements(), "security requirements");
     }},
    {"administrative.approvals", kRecipient, false,
     [](const Content& c) {
       return Unless(!c.administrative().approvals().acknowledgement().empty(),
                     "say how and why the use case is undisputed, or how the dispute ended");
     }},
    {"administrative.department_positions", kBoth, true,
     [](const Content& c) {
       const auto& field = c.administrative().department_positions();
       const std::string missing = EachText(c, field, "a position");
       return missing.empty() ? Unless(!field.discussions().empty(), "the summary of discussions is missing")
                              : missing;
     }},
});
static_assert(kRules.size() == 20);

}  // namespace

std::vector<v1::Gap> FindGaps(const v1::Content& content, bool disputed) {
  std::vector<v1::Gap> gaps;
  for (const Rule& rule : kRules) {
    if (rule.disputed_only && !disputed) continue;
    const std::string problem = rule.lacks(content);
    if (problem.empty()) continue;
    v1::Gap& gap = gaps.emplace_back();
    gap.set_field(std::string(rule.field));
    gap.set_problem(problem);
    gap.set_completed_by(std::string(rule.completed_by));
  }
  return gaps;
}

std::vector<v1::Gap> BusinessCaseGaps(const std::vector<v1::Gap>& gaps) {
  std::vector<v1::Gap> out;
  std::copy_if(gaps.begin(), gaps.end(), std::back_inserter(out),
               [](const v1::Gap& gap) { return gap.field().starts_with("business_case."); });
  return out;
}

}  // namespace idea::drafting
