#ifndef IDEA_COMMON_LISTING_OFFSET_TOKEN_H_
#define IDEA_COMMON_LISTING_OFFSET_TOKEN_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// Page tokens of an answer that is computed whole each time and given in parts.
namespace idea::listing {

// The token of the part that begins at `offset`. `whole` is whatever makes two answers the same: the parts of
// different ones do not fit together.
std::string OffsetToken(std::string_view whole, size_t offset);

// Where the part of this token begins; 0 of an empty token. Returns PAGE_TOKEN_INVALID if the token is of
// another whole.
absl::StatusOr<size_t> OffsetOf(std::string_view whole, const std::string& token);

// The same of an answer that is not computed yet: what the token says, unchecked. OffsetOf() has to follow.
size_t ClaimedOffset(const std::string& token);

}  // namespace idea::listing

#endif  // IDEA_COMMON_LISTING_OFFSET_TOKEN_H_
