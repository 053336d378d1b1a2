#ifndef IDEA_COMMON_LISTING_SOURCE_H_
#define IDEA_COMMON_LISTING_SOURCE_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/listing/listing.h"
#include "common/storage/database.h"

// Pages of large lists with bounded work, whatever the filter.
namespace idea::listing {

// Returns the FROM clause for a page of `<item>_list`, and adds its conditions to the page:
//   a filter for a rare word or a rare value (Field::rare): its few rows, in any order
//   otherwise: the list in the order of the page, of which at most the window (Spec::window) is read
// The tables are described in common/listing/word_index.h. Those of words are only read for filters with
// words.
absl::StatusOr<std::string> Source(storage::Transaction& db, const std::string& item, Page* page);

}  // namespace idea::listing

#endif  // IDEA_COMMON_LISTING_SOURCE_H_
