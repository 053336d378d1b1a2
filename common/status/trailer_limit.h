#ifndef IDEA_COMMON_STATUS_TRAILER_LIMIT_H_
#define IDEA_COMMON_STATUS_TRAILER_LIMIT_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "google/rpc/status.pb.h"

namespace idea::status {

// Clients accept 8 KiB of trailers by default: the percent-encoded message, the details in base64, and about
// 1 KiB of other entries.
inline constexpr size_t kMaxEncodedMessage = 900;
inline constexpr size_t kMaxDetails = 4600;

// The maximum lengths of texts in the details, in bytes.
inline constexpr size_t kMaxDetailKey = 64;
inline constexpr size_t kMaxDetailField = 200;
inline constexpr size_t kMaxDetailText = 500;

// `text` as UTF-8. Invalid bytes become U+FFFD.
std::string ToUtf8(std::string_view text);

// The last element of a list that omits `count` violations: "and 7 more".
std::string AndMore(size_t count);

// Cuts the message and the details of a refusal until the trailers fit. Cut texts end with "...", and the
// last of many violations says how many are omitted. Every text becomes valid UTF-8, without which clients
// cannot read the details.
void FitIntoTrailers(google::rpc::Status& status);

}  // namespace idea::status

#endif  // IDEA_COMMON_STATUS_TRAILER_LIMIT_H_
