#ifndef IDEA_SERVICES_CLI_SKELETON_H_
#define IDEA_SERVICES_CLI_SKELETON_H_

#include <nlohmann/json.hpp>
#include <string>

#include "google/protobuf/descriptor.h"

namespace idea::cli {

// JSON of the message to fill in: every field that a caller may set with an example of its value, texts as
// placeholders that say what is wanted, lists with one item, the first of several alternatives. It is a
// request as it stands, but for the placeholders.
nlohmann::ordered_json SkeletonOf(const google::protobuf::Descriptor& message);

// What the skeleton has for a text: "<The title of the use case>", or "entities/{id}". Such a value is
// refused in a request.
std::string PlaceholderOf(const google::protobuf::FieldDescriptor& field);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_SKELETON_H_
