#ifndef IDEA_COMMON_LISTING_OFFSET_TOKEN_H_
#define IDEA_COMMON_LISTING_OFFSET_TOKEN_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// Page tokens for an answer that is computed as a whole each time and returned in parts.
namespace idea::listing {

// The token of the part that begins at `offset`. `whole` identifies the answer: parts of different answers
// cannot be combined.
std::string OffsetToken(std::string_view whole, size_t offset);

// The offset of a token; 0 for an empty token. Fails with PAGE_TOKEN_INVALID if the token belongs to another
// answer.
absl::StatusOr<size_t> OffsetOf(std::string_view whole, const std::string& token);

// The unchecked offset of a token, for an answer that is not computed yet. OffsetOf() must follow.
size_t ClaimedOffset(const std::string& token);

}  // namespace idea::listing

#endif  // IDEA_COMMON_LISTING_OFFSET_TOKEN_H_
