#ifndef IDEA_SERVICES_DRAFTING_TEMPLATE_TEMPLATE_FIELDS_H_
#define IDEA_SERVICES_DRAFTING_TEMPLATE_TEMPLATE_FIELDS_H_

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "idea/drafting/v1/drafting.pb.h"

// The fields of the BUCP template (V3 and V2; guidebook step 3) and what the agreement's Addendum B adds to
// them, one row each: what GetTemplate tells, CheckCompleteness asks, and who may edit it.
namespace idea::drafting {

enum class CompletedBy { kRecipient, kBoth, kEach };

// "Data Recipient", "Data Recipient and Data Provider", "each department".
std::string_view NameOf(CompletedBy completed_by);

struct FieldRule {
  // Path into the content.
  std::string_view field;
  // In the template, from 1; 0: not there.
  int number;
  std::string_view title;
  v1::Requirement requirement;
  CompletedBy completed_by;
  // What belongs into it.
  std::string_view help;
  // What it lacks; empty if nothing.
  std::string (*lacks)(const v1::Content&);
  // Of REQUIREMENT_CONDITIONAL: when, where that stands, and whether it is so.
  std::string_view condition = {};
  std::string_view citation = {};
  bool (*applies)(const v1::Content&) = nullptr;
};

// In the template's order.
std::span<const FieldRule> FieldRules();

// The newest version that came with the product, for one department on each side or for several.
v1::Template BuiltInTemplate(bool several_departments);

// The texts of versions of the template other than the built-in ones.
struct TemplateTexts {
  // Paths of the template's fields by the titles in these versions.
  std::map<std::string, std::string> titles = {};
  std::set<std::string> helps = {};
};

// `form` with what it leaves out as it is in `before`.
v1::Template Complete(const v1::Template& form, const v1::Template& before);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_TEMPLATE_TEMPLATE_FIELDS_H_
