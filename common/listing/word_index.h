#ifndef IDEA_COMMON_LISTING_WORD_INDEX_H_
#define IDEA_COMMON_LISTING_WORD_INDEX_H_

#include <cstdint>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "common/listing/listing.h"
#include "common/storage/database.h"

// Where filters of kWords look: the words of each item, in two tables beside the list of the items. For the
// item "bucp":
//   bucp_list   what is listed, with a column bucp
//   bucp_texts  (bucp TEXT PRIMARY KEY, words TEXT): all words of an item, with a blank before each
//   bucp_words  (word BLOB, bucp TEXT, PRIMARY KEY (word, bucp)): each word on its own, as bytes, so that
//   those
//               that begin alike stand together in every locale
namespace idea::listing {

// Stores the words of an item (see AddWords) in place of those that were stored.
absl::Status StoreWords(storage::Transaction& db, const std::string& item, const std::string& id,
                        const std::set<std::string>& words);

// So many items are looked up one by one.
inline constexpr int64_t kFew = 4000;

// Adds to the page that every word of its text filters begins a word of the item. Returns how to select, as
// `hit`, the items that have the rarest word; nothing if no word is that of fewer than kFew items.
absl::StatusOr<std::string> FindWords(storage::Transaction& db, const std::string& item, Page* page);

}  // namespace idea::listing

#endif  // IDEA_COMMON_LISTING_WORD_INDEX_H_
