#ifndef IDEA_COMMON_VALIDATION_FIELD_MASK_H_
#define IDEA_COMMON_VALIDATION_FIELD_MASK_H_

#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"

// Update masks (AIP-134). The paths of a mask are relative to the message field that stands before the mask
// in the request.
namespace idea::validation {

// Whether `path` is exactly the path of a field of `type`: the fields' names joined by single dots, each but
// the last one a singular message field. Lists and maps are replaced whole. So are timestamps and dates,
// whose parts are valid only together: no path leads into them.
bool IsFieldPath(const google::protobuf::Descriptor& type, std::string_view path);

// The mask with "*" written out as `changeable`, the fields that an update may change. INVALID_FIELD naming a
// path that is not one of them.
absl::StatusOr<google::protobuf::FieldMask> ChangeableFields(const google::protobuf::FieldMask& mask,
                                                             std::span<const std::string_view> changeable);

// Replaces each field of `to` that the mask names by what `from` has there; a field that `from` does not have
// is cleared, but no message is created in `to` only to clear a field of it. "*" names every field that is
// not OUTPUT_ONLY. Neither the order nor the repetition of paths matters, and a path beside one of its
// parents adds nothing. Both messages have the same type, and the paths are field paths of that type.
void ReplaceFields(const google::protobuf::Message& from, const google::protobuf::FieldMask& mask,
                   google::protobuf::Message* to);

}  // namespace idea::validation

#endif  // IDEA_COMMON_VALIDATION_FIELD_MASK_H_
