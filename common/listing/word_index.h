#ifndef IDEA_COMMON_LISTING_WORD_INDEX_H_
#define IDEA_COMMON_LISTING_WORD_INDEX_H_

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

// Adds to the page that every word of its text filters begins a word of the item. Returns what to select
// from: the items that have a rare word, or the whole list in its order.
absl::StatusOr<std::string> FindWords(storage::Transaction& db, const std::string& item, Page* page);

}  // namespace idea::listing

#endif  // IDEA_COMMON_LISTING_WORD_INDEX_H_
