#ifndef IDEA_COMMON_LISTING_SOURCE_H_
#define IDEA_COMMON_LISTING_SOURCE_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/listing/listing.h"
#include "common/storage/database.h"

// Pages of large lists in bounded work, whatever the filter.
namespace idea::listing {

// Returns what to select the page of `<item>_list` from, and adds to the page what goes with it:
//   a filter for a rare word, or a rare value (Field::rare)   the few rows that have it, in any order
//   else                                                      the list in the page's order, of which it looks
//                                                             at no more than the window (Spec::window)
// The tables are those of common/listing/word_index.h; those of words are asked only where the filter has
// words.
absl::StatusOr<std::string> Source(storage::Transaction& db, const std::string& item, Page* page);

}  // namespace idea::listing

#endif  // IDEA_COMMON_LISTING_SOURCE_H_
