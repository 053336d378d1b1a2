#ifndef IDEA_COMMON_LISTING_WORDS_H_
#define IDEA_COMMON_LISTING_WORDS_H_

#include <set>
#include <string>
#include <string_view>

// The normal form of texts for filters.
namespace idea::listing {

// Adds the words of a UTF-8 text, without case and accents, until `words` has `most`. Words are runs of
// letters and digits, cut to 40 characters.
void AddWords(std::string_view text, size_t most, std::set<std::string>& words);

// The key of a name in UTF-8. Names that differ only in case and surrounding white space have the same key.
std::string NameKey(std::string_view name);

}  // namespace idea::listing

#endif  // IDEA_COMMON_LISTING_WORDS_H_
