#include "services/drafting/document/docx_controls.h"

#include <algorithm>
#include <cstdlib>

#include "services/drafting/document/docx_tables.h"

namespace idea::drafting::document {
namespace {

std::string_view LocalPart(std::string_view name) {
  const size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

// An element that is true unless it has another value.
bool IsOn(const pugi::xml_node& node) {
  const std::string value = Value(node);
  return node && value != "0" && value != "false" && value != "off";
}

}  // namespace

std::string_view LocalName(const pugi::xml_node& node) { return LocalPart(node.name()); }

pugi::xml_node Child(const pugi::xml_node& node, std::string_view name) {
  for (const pugi::xml_node child : node.children()) {
    if (LocalName(child) == name) return child;
  }
  return {};
}

std::string Attribute(const pugi::xml_node& node, std::string_view name) {
  for (const pugi::xml_attribute attribute : node.attributes()) {
    if (LocalPart(attribute.name()) == name) return attribute.value();
  }
  return "";
}

std::string Value(const pugi::xml_node& node) { return Attribute(node, "val"); }

bool ShowsPrompt(const pugi::xml_node& node) {
  return LocalName(node) == "sdt" && IsOn(Child(Child(node, "sdtPr"), "showingPlcHdr"));
}

bool IsCheckBox(const pugi::xml_node& node) {
  return LocalName(node) == "sdt" && Child(Child(node, "sdtPr"), "checkbox");
}

bool IsChecked(const pugi::xml_node& node) {
  return IsOn(Child(Child(Child(node, "sdtPr"), "checkbox"), "checked"));
}

std::string ChosenDay(const pugi::xml_node& node) {
  if (LocalName(node) != "sdt" || ShowsPrompt(node)) return "";
  // "2027-01-04T00:00:00Z"
  constexpr size_t kDay = 10;
  const std::string time = Attribute(Child(Child(node, "sdtPr"), "date"), "fullDate");
  return time.size() > kDay && time[kDay] == 'T' ? time.substr(0, kDay) : "";
}

std::string FormFieldOf(const pugi::xml_node& field_char) {
  const pugi::xml_node data = Child(field_char, "ffData");
  if (const pugi::xml_node box = Child(data, "checkBox")) {
    const pugi::xml_node checked = Child(box, "checked");
    return std::string(IsOn(checked ? checked : Child(box, "default")) ? kChecked : kUnchecked);
  }
  const pugi::xml_node list = Child(data, "ddList");
  if (!list) return "";
  const pugi::xml_node result = Child(list, "result");
  long chosen = std::strtol(Value(result ? result : Child(list, "default")).c_str(), nullptr, 10);
  for (const pugi::xml_node entry : list.children()) {
    if (LocalName(entry) == "listEntry" && chosen-- == 0) return Value(entry);
  }
  return "";
}

std::string SymbolOf(const pugi::xml_node& symbol) {
  std::string code = Attribute(symbol, "char");
  std::transform(code.begin(), code.end(), code.begin(), ::toupper);
  // Characters of Wingdings and Wingdings 2. Word adds F000 to the number.
  if (code.size() == 4 && code[0] == 'F') code.erase(0, 2);
  if (code.size() == 4) code.erase(0, 2);
  for (const char* checked : {"FE", "FD", "78", "52", "53", "FC"}) {
    if (code == checked) return std::string(kChecked);
  }
  for (const char* open : {"A8", "6F", "A3", "71"}) {
    if (code == open) return std::string(kUnchecked);
  }
  return "";
}

std::string WithoutPrompts(std::string text) {
  constexpr std::string_view kPrompts[] = {
      "Click or tap here to enter text.", "Click here to enter text.", "Click or tap to enter a date.",
      "Click here to enter a date.",      "Choose an item.",           "Choose a building block."};
  for (const std::string_view prompt : kPrompts) {
    for (size_t at; (at = text.find(prompt)) != std::string::npos;) text.erase(at, prompt.size());
  }
  return text;
}

}  // namespace idea::drafting::document
