#ifndef IDEA_SERVICES_DRAFTING_CONTENT_CONTENT_WALK_H_
#define IDEA_SERVICES_DRAFTING_CONTENT_CONTENT_WALK_H_

#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "idea/drafting/v1/drafting.pb.h"

// The content of a BUCP by its paths, as the .proto describes it.
namespace idea::drafting {

// The type of the template's field "section.field"; the field must be there.
const google::protobuf::Descriptor* FieldTypeOf(std::string_view path);

// The template's field "section.field" within the content.
google::protobuf::Message& FieldIn(v1::Content& content, std::string_view path);

// The lists of a type in which every department has an entry of its own: their entries name an `entity`.
std::vector<const google::protobuf::FieldDescriptor*> EntriesIn(const google::protobuf::Descriptor* type);

// The department of an entry of such a list.
std::string EntityOf(const google::protobuf::Message& entry);

// Proto3 JSON.
std::string JsonOf(const google::protobuf::Message& message);

// What differs, field by field, in the order of the .proto. Entries of lists are told apart by their
// department or field name.
std::vector<v1::FieldChange> DiffContents(const v1::Content& before, const v1::Content& after);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_CONTENT_CONTENT_WALK_H_
