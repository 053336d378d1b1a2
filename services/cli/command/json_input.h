#ifndef IDEA_SERVICES_CLI_COMMAND_JSON_INPUT_H_
#define IDEA_SERVICES_CLI_COMMAND_JSON_INPUT_H_

#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"

namespace idea::cli {

// The value of an enum by its name with or without the prefix, in any case, or by its section of the
// agreement, if only one value has that section. Fails with the expected values.
absl::StatusOr<const google::protobuf::EnumValueDescriptor*> EnumValueOf(
    const google::protobuf::EnumDescriptor& type, const std::string& text);

// Converts JSON with enum values as in EnumValueOf and dates such as 2026-07-01 to the proto3 JSON of a
// message. Fails with the path of the first error: an unknown field (with a similar one), a wrong value of an
// enum, a wrong date, or a placeholder of a skeleton.
absl::StatusOr<std::string> Proto3JsonOf(const std::string& text,
                                         const google::protobuf::Descriptor& message);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_COMMAND_JSON_INPUT_H_
