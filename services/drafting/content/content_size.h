#ifndef IDEA_SERVICES_DRAFTING_CONTENT_CONTENT_SIZE_H_
#define IDEA_SERVICES_DRAFTING_CONTENT_CONTENT_SIZE_H_

#include <cstddef>

#include "absl/status/status.h"
#include "idea/drafting/v1/content.pb.h"

// How much the content of a BUCP may hold, so that every answer about it fits a client that takes 4 MiB.
namespace idea::drafting {

// The maximum size of a content, as ContentSize() counts it.
inline constexpr size_t kMaxContentSize = 1 << 20;

// The bytes of the content, where each character that a document writes as an escape (& < > " ' and a line
// break) counts as six.
size_t ContentSize(const v1::Content& content);

// INVALID_FIELD naming the largest field if `after` is larger than kMaxContentSize. A content that was stored
// before the limit may stay larger as long as an edit makes it smaller.
absl::Status CheckContentSize(const v1::Content& before, const v1::Content& after);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_CONTENT_CONTENT_SIZE_H_
