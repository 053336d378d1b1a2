#ifndef IDEA_SERVICES_DRAFTING_CONTENT_CONTENT_DIFF_H_
#define IDEA_SERVICES_DRAFTING_CONTENT_CONTENT_DIFF_H_

#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "idea/drafting/v1/drafting.pb.h"

namespace idea::drafting {

// Proto3 JSON.
std::string JsonOf(const google::protobuf::Message& message);

// The differences, field by field, in the order of the .proto. Entries of lists are matched by their
// department or field name.
std::vector<v1::FieldChange> DiffContents(const v1::Content& before, const v1::Content& after);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_CONTENT_CONTENT_DIFF_H_
