#ifndef IDEA_COMMON_LISTING_WORDS_H_
#define IDEA_COMMON_LISTING_WORDS_H_

#include <set>
#include <string>
#include <string_view>

// Texts as the text filter sees them.
namespace idea::listing {

// Adds the words of a text, without case and accents, until there are `most`: runs of letters and digits, of
// which no more than the first 40 count. The text is UTF-8.
void AddWords(std::string_view text, size_t most, std::set<std::string>& words);

// The key of a name: names with the same key are the same name, whatever their case and the white space
// around them. The text is UTF-8.
std::string NameKey(std::string_view name);

}  // namespace idea::listing

#endif  // IDEA_COMMON_LISTING_WORDS_H_
