#ifndef IDEA_COMMON_LISTING_WORD_INDEX_H_
#define IDEA_COMMON_LISTING_WORD_INDEX_H_

#include <cstdint>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "common/listing/listing.h"
#include "common/storage/database.h"

// The index for filters of kWords: the words of each item, in two tables beside the list of items. For the
// item "bucp":
//   bucp_list: the list, with a column bucp
//   bucp_texts (bucp TEXT PRIMARY KEY, words TEXT): all words of an item, each after a blank
//   bucp_words (word BLOB, bucp TEXT, PRIMARY KEY (word, bucp)): single words, as bytes, so that words with
//   the same prefix are adjacent in every locale
namespace idea::listing {

// Replaces the stored words of an item (see AddWords).
absl::Status StoreWords(storage::Transaction& db, const std::string& item, const std::string& id,
                        const std::set<std::string>& words);

// Up to this number, items are looked up one by one.
inline constexpr int64_t kFew = 4000;

// Adds the condition that each word of the filters is a prefix of a word of the item. Returns a SELECT, with
// the column `hit`, of the items that have the rarest word; empty if every word belongs to at least kFew
// items.
absl::StatusOr<std::string> FindWords(storage::Transaction& db, const std::string& item, Page* page);

}  // namespace idea::listing

#endif  // IDEA_COMMON_LISTING_WORD_INDEX_H_
