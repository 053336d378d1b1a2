#include "common/listing/offset_token.h"

#include <charconv>

#include "common/ids/ids.h"
#include "common/status/status.h"

namespace idea::listing {

std::string OffsetToken(std::string_view whole, size_t offset) {
  return ids::Base64Url(ids::Sha256Hex(std::string(whole) + '#' + std::to_string(offset)).substr(0, 32) +
                        std::to_string(offset));
}

size_t ClaimedOffset(const std::string& token) {
  const auto bytes = ids::FromBase64Url(token);
  size_t offset = 0;
  if (bytes && bytes->size() > 32) std::from_chars(bytes->data() + 32, bytes->data() + bytes->size(), offset);
  return offset;
}

absl::StatusOr<size_t> OffsetOf(std::string_view whole, const std::string& token) {
  if (token.empty()) return 0;
  const size_t offset = ClaimedOffset(token);
  if (OffsetToken(whole, offset) == token) return offset;
  return status::Error(status::Reason::ERROR_REASON_PAGE_TOKEN_INVALID,
                       "page_token belongs to another request, or the answer has changed since")
      .Field("page_token", "a next_page_token of the same request, or none to start again");
}

}  // namespace idea::listing
