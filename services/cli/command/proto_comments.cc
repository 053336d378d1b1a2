#include "services/cli/command/proto_comments.h"

#include <map>
#include <sstream>
#include <vector>

#include "google/protobuf/descriptor.pb.h"

// The bytes of a FileDescriptorSet with source information.
__asm__(
    ".section .rodata\n"
    "idea_descriptors_begin:\n"
    ".incbin \"" IDEA_DESCRIPTORS
    "\"\n"
    "idea_descriptors_end:\n"
    ".previous\n");
extern "C" {
extern const char idea_descriptors_begin[];
extern const char idea_descriptors_end[];
}

namespace idea::cli {
namespace {

using google::protobuf::DescriptorProto;
using google::protobuf::EnumDescriptorProto;
using google::protobuf::FileDescriptorProto;
using Path = std::vector<int>;
using Names = std::map<Path, std::string>;

Path Below(Path path, int field, int index) {
  path.push_back(field);
  path.push_back(index);
  return path;
}

// The full name of an enum value has the scope of the enum, without the enum's name.
void AddEnum(const EnumDescriptorProto& type, const Path& path, const std::string& scope, Names& names) {
  names[path] = scope + type.name();
  for (int i = 0; i < type.value_size(); ++i)
    names[Below(path, EnumDescriptorProto::kValueFieldNumber, i)] = scope + type.value(i).name();
}

void AddMessage(const DescriptorProto& type, const Path& path, const std::string& scope, Names& names) {
  const std::string name = scope + type.name();
  names[path] = name;
  for (int i = 0; i < type.field_size(); ++i)
    names[Below(path, DescriptorProto::kFieldFieldNumber, i)] = name + "." + type.field(i).name();
  for (int i = 0; i < type.nested_type_size(); ++i)
    AddMessage(type.nested_type(i), Below(path, DescriptorProto::kNestedTypeFieldNumber, i), name + ".",
               names);
  for (int i = 0; i < type.enum_type_size(); ++i)
    AddEnum(type.enum_type(i), Below(path, DescriptorProto::kEnumTypeFieldNumber, i), name + ".", names);
}

// The full name at each path of a file.
Names NamesIn(const FileDescriptorProto& file) {
  Names names;
  const std::string scope = file.package() + ".";
  for (int i = 0; i < file.message_type_size(); ++i)
    AddMessage(file.message_type(i), {FileDescriptorProto::kMessageTypeFieldNumber, i}, scope, names);
  for (int i = 0; i < file.enum_type_size(); ++i)
    AddEnum(file.enum_type(i), {FileDescriptorProto::kEnumTypeFieldNumber, i}, scope, names);
  for (int i = 0; i < file.service_size(); ++i) {
    const auto& service = file.service(i);
    for (int k = 0; k < service.method_size(); ++k)
      names[Below({FileDescriptorProto::kServiceFieldNumber, i},
                  google::protobuf::ServiceDescriptorProto::kMethodFieldNumber, k)] =
          scope + service.name() + "." + service.method(k).name();
  }
  return names;
}

std::string OneParagraph(const std::string& comment) {
  std::string paragraph;
  std::istringstream words(comment);
  for (std::string word; words >> word;) paragraph += (paragraph.empty() ? "" : " ") + word;
  return paragraph;
}

const std::map<std::string, std::string>& Comments() {
  static const std::map<std::string, std::string>& comments = *[] {
    auto* found = new std::map<std::string, std::string>;
    google::protobuf::FileDescriptorSet set;
    set.ParseFromArray(idea_descriptors_begin,
                       static_cast<int>(idea_descriptors_end - idea_descriptors_begin));
    for (const FileDescriptorProto& file : set.file()) {
      const Names names = NamesIn(file);
      for (const auto& location : file.source_code_info().location()) {
        const auto name = names.find({location.path().begin(), location.path().end()});
        if (name != names.end() && location.has_leading_comments())
          (*found)[name->second] = OneParagraph(location.leading_comments());
      }
    }
    return found;
  }();
  return comments;
}

}  // namespace

std::string CommentOf(const std::string& full_name) {
  const auto found = Comments().find(full_name);
  return found == Comments().end() ? "" : found->second;
}

std::string SummaryOf(const std::string& full_name) {
  std::string comment = CommentOf(full_name);
  const size_t end = comment.find(". ");
  if (end != std::string::npos) return comment.substr(0, end);
  if (comment.ends_with(".")) comment.pop_back();
  return comment;
}

}  // namespace idea::cli
