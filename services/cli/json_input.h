#ifndef IDEA_SERVICES_CLI_JSON_INPUT_H_
#define IDEA_SERVICES_CLI_JSON_INPUT_H_

#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"

namespace idea::cli {

// The value of an enum by its name with or without the prefix, in any case, or by the section of the
// agreement that it stands for, if that is the section of one value only. Fails with what is wanted.
absl::StatusOr<const google::protobuf::EnumValueDescriptor*> EnumValueOf(
    const google::protobuf::EnumDescriptor& type, const std::string& text);

// The proto3 JSON of a message from JSON as people write it: enum values as EnumValueOf takes them, dates as
// 2026-07-01. Fails with the path of the first part that cannot be: a field that does not exist (with the one
// that was probably meant), a value of an enum, a date, or a text that is still the placeholder of a
// skeleton.
absl::StatusOr<std::string> Proto3JsonOf(const std::string& text,
                                         const google::protobuf::Descriptor& message);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_JSON_INPUT_H_
