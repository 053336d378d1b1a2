#ifndef IDEA_COMMON_VALIDATION_TEXT_H_
#define IDEA_COMMON_VALIDATION_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace idea::validation {

// The result of CheckText().
struct TextFacts {
  size_t code_points = 0;
  std::string_view wanted;  // the expected form; empty if the text is valid
};

// Checks the rules for all texts (validation.h). `one_line`: line breaks and tabs are also invalid.
TextFacts CheckText(std::string_view text, bool one_line);

// Whether a UTF-8 text has a character that is invisible or changes the order in which others are shown:
// characters that Unicode declares ignorable (zero width, tags, fillers, variation selectors), direction
// marks, format characters, blanks other than spaces, and private-use characters.
bool HasInvisible(std::string_view text);

// Whether a UTF-8 text has more consecutive combining marks than any script uses: they would overlap the
// lines above and below.
bool HasMarkRun(std::string_view text);

// Whether a text has no visible character: it is empty, or consists of white space and invisible characters.
bool IsBlank(std::string_view text);

// Whether it is an address that mail servers accept: ASCII, at most 254 characters, a domain with a dot.
bool IsEmail(std::string_view text);

// Whether it is 64 lower-case hexadecimal digits.
bool IsSha256(std::string_view text);

// Cuts a text after `max` code points and marks the cut with "…". The text is UTF-8.
void Truncate(size_t max, std::string& text);

// Escapes a text for an XML or HTML element or attribute.
std::string EscapeMarkup(std::string_view text);

}  // namespace idea::validation

#endif  // IDEA_COMMON_VALIDATION_TEXT_H_
