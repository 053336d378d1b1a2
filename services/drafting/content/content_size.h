#ifndef IDEA_SERVICES_DRAFTING_CONTENT_CONTENT_SIZE_H_
#define IDEA_SERVICES_DRAFTING_CONTENT_CONTENT_SIZE_H_

#include <cstddef>

#include "absl/status/status.h"
#include "idea/drafting/v1/content.pb.h"

// The size limit of a content, so that every response about it fits a client that accepts 4 MiB.
namespace idea::drafting {

// The maximum size of a content as counted by ContentSize().
inline constexpr size_t kMaxContentSize = 1 << 20;

// The size of the content in bytes. Each character that documents write as an escape (& < > " ' and a line
// break) counts as six bytes.
size_t ContentSize(const v1::Content& content);

// Returns INVALID_FIELD with the path of the largest field if `after` is larger than kMaxContentSize. A
// content that was stored before the limit existed may stay larger if the edit makes it smaller.
absl::Status CheckContentSize(const v1::Content& before, const v1::Content& after);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_CONTENT_CONTENT_SIZE_H_
