#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_DOCX_CONTROLS_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_DOCX_CONTROLS_H_

#include <pugixml.hpp>
#include <string>
#include <string_view>

// What the controls of a Word form hold: content controls, form fields and symbols.
namespace idea::drafting::document {

// "p" of "w:p".
std::string_view LocalName(const pugi::xml_node& node);
// The first child of that local name; null if there is none.
pugi::xml_node Child(const pugi::xml_node& node, std::string_view name);
// The attribute of that local name; empty if there is none.
std::string Attribute(const pugi::xml_node& node, std::string_view name);
// The attribute "val".
std::string Value(const pugi::xml_node& node);

// Whether the node is a content control that still shows its prompt.
bool ShowsPrompt(const pugi::xml_node& node);

// Whether the node is a content control with a check box, and whether that is checked.
bool IsCheckBox(const pugi::xml_node& node);
bool IsChecked(const pugi::xml_node& node);

// What a legacy form field shows that has no text: a check box, or the chosen entry of a list.
std::string FormFieldOf(const pugi::xml_node& field_char);

// A character of a symbol font: check boxes, else nothing.
std::string SymbolOf(const pugi::xml_node& symbol);

// The text without the prompts that Word shows in empty controls, where only their words were left.
std::string WithoutPrompts(std::string text);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_DOCX_CONTROLS_H_
