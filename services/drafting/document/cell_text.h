#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_CELL_TEXT_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_CELL_TEXT_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "google/type/date.pb.h"

// Texts as people type them into a form.
namespace idea::drafting::document {

// Without white space around, each white space inside a single space.
std::string Tidy(std::string_view text);

// The first `most` bytes, without half a character at the end.
std::string Cut(std::string_view text, size_t most);

// Lower-case letters and digits only, up to a bracket: "Research (see Appendix A)" is "research".
std::string KeyOf(std::string_view text);

// "PII" of "- PII" and "1. PII".
std::string WithoutBullet(std::string_view item);

// The items of a list that is parted by any of the marks, outside of brackets; none is empty.
std::vector<std::string> SplitList(std::string_view line, std::string_view marks);

// A check box with the text behind it.
struct Option {
  bool checked;
  std::string text;
};
// The options of a line that begins with a check box: "\u2612 Yes \u2610 No", "[X] Yes [ ] No". None
// otherwise.
std::vector<Option> OptionsOf(std::string_view line);

// The text behind "Label:"; nullopt if the line does not begin with it. One space behind the colon belongs to
// neither.
std::optional<std::string> AfterLabel(std::string_view line, std::string_view label);

// "Yes, under ..." begins with 1, "No." and "Not permitted" with 2, anything else with 0. `rest` becomes what
// is behind.
int LeadingAnswer(std::string_view text, std::string& rest);

// The first date in the text that is certain. nullopt if there is none.
std::optional<google::type::Date> FindDate(std::string_view text);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_CELL_TEXT_H_
