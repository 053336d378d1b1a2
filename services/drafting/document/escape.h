#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_ESCAPE_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_ESCAPE_H_

#include <string>
#include <string_view>
#include <vector>

namespace idea::drafting::document {

// Escapes a text for an XML or HTML element or attribute.
std::string Escape(std::string_view text);

// The lines of a text. One empty line if the text is empty.
std::vector<std::string> LinesOf(std::string_view text);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_ESCAPE_H_
