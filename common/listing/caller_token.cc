#include "common/listing/caller_token.h"

#include "common/ids/ids.h"
#include "common/status/status.h"

namespace idea::listing {
namespace {

constexpr size_t kSealSize = 16;

std::string SealOf(const std::string& caller, const std::string& token) {
  return ids::Sha256Hex(caller + '#' + token).substr(0, kSealSize);
}

}  // namespace

std::string BindToCaller(const std::string& caller, const std::string& token) {
  return token.empty() ? "" : SealOf(caller, token) + token;
}

absl::StatusOr<std::string> TokenOfCaller(const std::string& caller, const std::string& token) {
  if (token.empty()) return token;
  if (token.size() > kSealSize) {
    std::string bound = token.substr(kSealSize);
    if (token.compare(0, kSealSize, SealOf(caller, bound)) == 0) return bound;
  }
  return status::Error(status::Reason::ERROR_REASON_PAGE_TOKEN_INVALID,
                       "page_token has to be a next_page_token that the same caller received")
      .Field("page_token", "a next_page_token that the same caller received");
}

}  // namespace idea::listing
