#ifndef IDEA_COMMON_STATUS_TRAILER_LIMIT_H_
#define IDEA_COMMON_STATUS_TRAILER_LIMIT_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "google/rpc/status.pb.h"

namespace idea::status {

// A client accepts 8 KiB of trailers by default. They hold the message, percent-encoded, the details in
// base64, and about 1 KiB of other entries.
inline constexpr size_t kMaxEncodedMessage = 900;
inline constexpr size_t kMaxDetails = 4600;

// The longest texts inside of the details, in bytes.
inline constexpr size_t kMaxDetailKey = 64;
inline constexpr size_t kMaxDetailField = 200;
inline constexpr size_t kMaxDetailText = 500;

// `text` as UTF-8, each byte that is not replaced by U+FFFD.
std::string ToUtf8(std::string_view text);

// What stands last in a list of violations that leaves `count` of them out: "and 7 more".
std::string AndMore(size_t count);

// Cuts the message and the details of a refusal until the trailers fit: long texts end with "...", and the
// last of many violations says how many more there were. Every text becomes valid UTF-8, without which
// clients cannot read the details.
void FitIntoTrailers(google::rpc::Status& status);

}  // namespace idea::status

#endif  // IDEA_COMMON_STATUS_TRAILER_LIMIT_H_
