#ifndef IDEA_COMMON_VALIDATION_FIELD_MASK_H_
#define IDEA_COMMON_VALIDATION_FIELD_MASK_H_

#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"

// Update masks (AIP-134). Paths are relative to the message field before the mask in the request.
namespace idea::validation {

// Whether `path` is exactly the path of a field of `type`: field names joined by single dots, where all but
// the last are singular message fields. Lists, maps, timestamps and dates are replaced as a whole, so no path
// leads into them.
bool IsFieldPath(const google::protobuf::Descriptor& type, std::string_view path);

// The mask with "*" expanded to `changeable`, the fields that an update may change. INVALID_FIELD names a
// path that is not among them.
absl::StatusOr<google::protobuf::FieldMask> ChangeableFields(const google::protobuf::FieldMask& mask,
                                                             std::span<const std::string_view> changeable);

// Replaces each field of `to` that the mask names by its value in `from`. A field that `from` does not have
// is cleared; no message is created in `to` only to clear a field of it. "*" names every field that is not
// OUTPUT_ONLY. Order and repetition of paths do not matter, and a path has no effect beside one of its
// parents. Both messages have the same type, and the paths are field paths of that type.
void ReplaceFields(const google::protobuf::Message& from, const google::protobuf::FieldMask& mask,
                   google::protobuf::Message* to);

}  // namespace idea::validation

#endif  // IDEA_COMMON_VALIDATION_FIELD_MASK_H_
