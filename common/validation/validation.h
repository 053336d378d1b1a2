#ifndef IDEA_COMMON_VALIDATION_VALIDATION_H_
#define IDEA_COMMON_VALIDATION_VALIDATION_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

// Whether a request is well formed, by what stands beside its fields in the .proto: google.api.field_behavior
// and (idea.common.v1.rule). Where the .proto says nothing:
//   texts      at most 1,000 code points of UTF-8; no control characters but line feed and tab; no
//   bidirectional overrides (they make a
//              text read other than it is), no noncharacters
//   bytes      at most 1,000
//   lists      at most 100 items, none of them empty or an UNSPECIFIED value
//   enums      only values that the .proto names
//   dates      a real day of the years 1 to 9999; timestamps within the same years
//   masks      at most 100 paths, each exactly the path of a field of the message before the mask
//              (common/validation/field_mask.h); or "*" alone
// REQUIRED means: set, not empty, not UNSPECIFIED, not 0; inside a message only if that message is set, and
// inside an update only where its update_mask points. A field that is empty and not REQUIRED is not checked
// further. OUTPUT_ONLY fields are not checked. A request is normalized before.
namespace idea::validation {

// OK, or one INVALID_FIELD with a BadRequest field violation for each fault (the first 50), the field by its
// path: "content.technical.data_elements.elements[3].field_name".
absl::Status Validate(const google::protobuf::Message& request);

// The largest request, in bytes.
inline constexpr size_t kMaxRequestBytes = 4 << 20;

// The largest number of items in one request: elements of lists, messages and unknown fields, at any depth.
inline constexpr size_t kMaxItems = 200'000;

// OK, or INVALID_FIELD with a field violation for what takes the most, if the request has too many bytes or
// items; MALFORMED_MESSAGE if nothing can be named. Looks at the bytes as they came, so that nothing is made
// of them: many small items take many times their bytes in memory.
absl::Status CheckSize(const google::protobuf::Descriptor& type, std::string_view bytes);

// The path of what takes the most of a message's bytes: one value, or a list of many. Empty if nothing in
// them is known.
std::string PathOfLargest(const google::protobuf::Descriptor& type, std::string_view bytes);

// Gives what means the same one form, at every depth: OUTPUT_ONLY fields are emptied, for what a caller
// writes there counts for nothing (AIP-203); a page_size above its largest value is reduced to it (AIP-158);
// UUIDs, also within resource names, are in lower case.
void Normalize(google::protobuf::Message* request);

}  // namespace idea::validation

#endif  // IDEA_COMMON_VALIDATION_VALIDATION_H_
