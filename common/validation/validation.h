#ifndef IDEA_COMMON_VALIDATION_VALIDATION_H_
#define IDEA_COMMON_VALIDATION_VALIDATION_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

// Whether a request is well formed, according to the options of its fields in the .proto:
// google.api.field_behavior and (idea.common.v1.rule). The defaults are:
//   texts: at most 1,000 code points of UTF-8; no control characters except line feed and tab; no
//   bidirectional overrides, which disguise a text; no noncharacters
//   bytes: at most 1,000
//   lists: at most 100 items, none of them empty or an UNSPECIFIED value
//   enums: only values that the .proto names
//   dates: a real day of the years 1 to 9999; timestamps within the same years
//   masks: at most 100 paths, each exactly the path of a field of the message before the mask
//   (common/validation/field_mask.h); or only "*"
// REQUIRED means: set, not empty, not UNSPECIFIED, not 0; inside a message only if that message is set, and
// in an update only for fields of its update_mask. A field that is empty and not REQUIRED is not checked
// further. OUTPUT_ONLY fields are not checked. Requests are normalized first.
namespace idea::validation {

// OK, or one INVALID_FIELD with a BadRequest field violation for each of the first 50 faults. Fields are
// named by path: "content.technical.data_elements.elements[3].field_name".
absl::Status Validate(const google::protobuf::Message& request);

// The maximum size of a request, in bytes.
inline constexpr size_t kMaxRequestBytes = 4 << 20;

// The maximum number of items in a request: elements of lists, messages and unknown fields, at any depth.
inline constexpr size_t kMaxItems = 200'000;

// OK, or INVALID_FIELD with a violation for the largest field if the request has too many bytes or items;
// MALFORMED_MESSAGE if no field can be named. Reads the bytes without parsing them, because many small items
// take many times their size in memory.
absl::Status CheckSize(const google::protobuf::Descriptor& type, std::string_view bytes);

// The path of the value or list with the largest share of the bytes of a message. Empty if it has no known
// field.
std::string PathOfLargest(const google::protobuf::Descriptor& type, std::string_view bytes);

// Normalizes a request at every depth: clears OUTPUT_ONLY fields, which callers cannot set (AIP-203), reduces
// a page_size above its maximum (AIP-158), and lowers the case of UUIDs, also in resource names.
void Normalize(google::protobuf::Message* request);

}  // namespace idea::validation

#endif  // IDEA_COMMON_VALIDATION_VALIDATION_H_
