#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_CELL_TEXT_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_CELL_TEXT_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "google/type/date.pb.h"

// Texts as people type them into a form.
namespace idea::drafting::document {

// Removes white space at both ends, and replaces each other white space by a single space.
std::string Tidy(std::string_view text);

// The first `most` bytes, without an incomplete character at the end.
std::string Cut(std::string_view text, size_t most);

// Keeps only lower-case letters and digits before the first bracket: "Research (see Appendix A)" becomes
// "research".
std::string KeyOf(std::string_view text);

// Removes a list mark: "PII" for "- PII" and "1. PII".
std::string WithoutBullet(std::string_view item);

// The lines of a text. One empty line if the text is empty.
std::vector<std::string> LinesOf(std::string_view text);

// The items of a list separated by any of the marks, outside of brackets. Items are not empty.
std::vector<std::string> SplitList(std::string_view line, std::string_view marks);

// A check box with the text after it.
struct Option {
  bool checked;
  std::string text;
};
// The options of a line that begins with a check box: "\u2612 Yes \u2610 No", "[X] Yes [ ] No", "__ Yes _X_
// No"; or has one after each answer: "Yes [ ] No [X]". Empty for other lines.
std::vector<Option> OptionsOf(std::string_view line);

// The text after "Label:" and one space. nullopt if the line does not begin with the label.
std::optional<std::string> AfterLabel(std::string_view line, std::string_view label);

// Returns 1 for a text that begins with "Yes" ("Yes, under ..."), 2 for "No." and "Not permitted", 0
// otherwise. "Yes/No:" and "Answer:" before it are left out. Sets `rest` to the remaining text.
int LeadingAnswer(std::string_view text, std::string& rest);

// The first unambiguous date in the text, if any.
std::optional<google::type::Date> FindDate(std::string_view text);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_CELL_TEXT_H_
