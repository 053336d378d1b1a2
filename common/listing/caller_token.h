#ifndef IDEA_COMMON_LISTING_CALLER_TOKEN_H_
#define IDEA_COMMON_LISTING_CALLER_TOKEN_H_

#include <string>

#include "absl/status/statusor.h"

// Page tokens as callers receive them: each is for one caller, because what a page shows depends on who reads
// it. The binding finds mistakes. It is not a secret, for a token only says where a caller's own list goes
// on.
namespace idea::listing {

// Binds a page token to a caller, "entities/x" or "review". An empty token stays empty.
std::string BindToCaller(const std::string& caller, const std::string& token);

// Returns the token that was bound. Returns PAGE_TOKEN_INVALID if it was bound to another caller, or changed.
absl::StatusOr<std::string> TokenOfCaller(const std::string& caller, const std::string& token);

}  // namespace idea::listing

#endif  // IDEA_COMMON_LISTING_CALLER_TOKEN_H_
