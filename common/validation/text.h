#ifndef IDEA_COMMON_VALIDATION_TEXT_H_
#define IDEA_COMMON_VALIDATION_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace idea::validation {

// What CheckText() found.
struct TextFacts {
  size_t code_points = 0;
  std::string_view wanted;  // what the text should be; empty if it is fine
};

// Looks for what no text may hold: see validation.h. `one_line`: no line breaks and no tabs either.
TextFacts CheckText(std::string_view text, bool one_line);

// Whether a text has a character that shows nothing, or changes the order in which others are shown: what
// Unicode lets a reader ignore (zero width, tags, fillers, variation selectors), marks of direction, format
// characters, blanks that are no spaces, and characters for private use, which have no shape of their own.
// The text is UTF-8.
bool HasInvisible(std::string_view text);

// Whether a text has more combining marks after one another than any script writes: they would be shown above
// and below the lines around it. The text is UTF-8.
bool HasMarkRun(std::string_view text);

// Whether a text has no character that shows anything: it is empty, or white space and invisible characters.
bool IsBlank(std::string_view text);

// Whether it is an address as mail servers take them: ASCII, at most 254 characters, a domain with a dot.
bool IsEmail(std::string_view text);

// Whether it is 64 lower-case hexadecimal digits.
bool IsSha256(std::string_view text);

// Cuts a text after `max` code points and marks the cut with "…". The text is UTF-8.
void Truncate(size_t max, std::string& text);

}  // namespace idea::validation

#endif  // IDEA_COMMON_VALIDATION_TEXT_H_
