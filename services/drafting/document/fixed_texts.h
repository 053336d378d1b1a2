#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_FIXED_TEXTS_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_FIXED_TEXTS_H_

#include <string_view>

namespace idea::drafting::document {

// Whether the official templates (V3 of July 1, 2026; V2 of August 15, 2025) or the form of this suite print
// the paragraph, so that nobody wrote it. White space must be single spaces.
bool IsFixedText(std::string_view text);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_FIXED_TEXTS_H_
