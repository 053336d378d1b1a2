#ifndef IDEA_SERVICES_DRAFTING_TEMPLATE_TEMPLATE_FIELDS_H_
#define IDEA_SERVICES_DRAFTING_TEMPLATE_TEMPLATE_FIELDS_H_

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "idea/drafting/v1/drafting.pb.h"

// The fields of the BUCP template (V3 and V2; guidebook step 3) and those that the agreement's Addendum B
// adds, one row each. GetTemplate returns them, CheckCompleteness checks them, and edits are allowed by them.
namespace idea::drafting {

enum class CompletedBy { kRecipient, kBoth, kEach };

// "Data Recipient", "Data Recipient and Data Provider", "each department".
std::string_view NameOf(CompletedBy completed_by);

struct FieldRule {
  // Path in the content.
  std::string_view field;
  // Number in the template, from 1. 0 if the template does not have the field.
  int number;
  std::string_view title;
  v1::Requirement requirement;
  CompletedBy completed_by;
  // What to write into the field.
  std::string_view help;
  // Returns what is missing, or an empty text.
  std::string (*lacks)(const v1::Content&);
  // For REQUIREMENT_CONDITIONAL: the condition, its citation, and whether it holds.
  std::string_view condition = {};
  std::string_view citation = {};
  bool (*applies)(const v1::Content&) = nullptr;
};

// In the template's order.
std::span<const FieldRule> FieldRules();

// The newest version that is part of the product, for one department on each side or for several.
v1::Template BuiltInTemplate(bool several_departments);

// The texts of versions of the template other than the built-in ones.
struct TemplateTexts {
  // Paths of the template's fields by the titles in these versions.
  std::map<std::string, std::string> titles = {};
  std::set<std::string> helps = {};
};

// Returns `bucp_template` with everything that it leaves out taken from `before`.
v1::Template Complete(const v1::Template& bucp_template, const v1::Template& before);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_TEMPLATE_TEMPLATE_FIELDS_H_
