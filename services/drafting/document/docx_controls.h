#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_DOCX_CONTROLS_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_DOCX_CONTROLS_H_

#include <pugixml.hpp>
#include <string>
#include <string_view>

// The values of the controls of a Word form: content controls, form fields and symbols.
namespace idea::drafting::document {

// The local name: "p" for "w:p".
std::string_view LocalName(const pugi::xml_node& node);
// The first child with that local name, or null.
pugi::xml_node Child(const pugi::xml_node& node, std::string_view name);
// The attribute with that local name, or an empty text.
std::string Attribute(const pugi::xml_node& node, std::string_view name);
// The attribute "val".
std::string Value(const pugi::xml_node& node);

// Whether the node is a content control that still shows its prompt.
bool ShowsPrompt(const pugi::xml_node& node);

// Whether the node is a content control with a check box, and whether the box is checked.
bool IsCheckBox(const pugi::xml_node& node);
bool IsChecked(const pugi::xml_node& node);

// The day that was chosen in a date picker: "2027-01-04". Empty for other nodes, and without a choice.
std::string ChosenDay(const pugi::xml_node& node);

// The value of a legacy form field without text: a check box, or the selected entry of a list.
std::string FormFieldOf(const pugi::xml_node& field_char);

// A character of a symbol font. Empty if it is not a check box.
std::string SymbolOf(const pugi::xml_node& symbol);

// The text without the prompts of empty controls that were converted to text.
std::string WithoutPrompts(std::string text);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_DOCX_CONTROLS_H_
