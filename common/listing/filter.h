#ifndef IDEA_COMMON_LISTING_FILTER_H_
#define IDEA_COMMON_LISTING_FILTER_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/listing/listing.h"

namespace idea::listing {

// The SQL condition of a filter that is not empty; its values are added to page->args, none is ever part of
// the text. Sets page->words and page->narrowed. Returns FILTER_INVALID.
absl::StatusOr<std::string> FilterSql(const Spec& spec, std::string_view filter, Page* page);

}  // namespace idea::listing

#endif  // IDEA_COMMON_LISTING_FILTER_H_
