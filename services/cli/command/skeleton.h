#ifndef IDEA_SERVICES_CLI_COMMAND_SKELETON_H_
#define IDEA_SERVICES_CLI_COMMAND_SKELETON_H_

#include <nlohmann/json.hpp>
#include <string>

#include "google/protobuf/descriptor.h"

namespace idea::cli {

// JSON of the message to fill in: every field that a caller may set, with an example value, placeholders for
// texts, one item in lists, and the first of several alternatives. It is a valid request except for the
// placeholders.
nlohmann::ordered_json SkeletonOf(const google::protobuf::Descriptor& message);

// The placeholder of a text: "<The title of the use case>", or "entities/{id}". It is refused in a request.
std::string PlaceholderOf(const google::protobuf::FieldDescriptor& field);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_COMMAND_SKELETON_H_
