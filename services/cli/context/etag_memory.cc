#include "services/cli/context/etag_memory.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "common/ids/ids.h"
#include "nlohmann/json.hpp"
#include "services/cli/context/state_file.h"

namespace idea::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Json = nlohmann::ordered_json;

// The maximum number of resources stored per identity.
constexpr size_t kMaxRemembered = 500;

// A text field. Empty if the message does not have it.
std::string TextOf(const Message& message, const std::string& name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr || field->is_repeated() || field->cpp_type() != FieldDescriptor::CPPTYPE_STRING)
    return "";
  return message.GetReflection()->GetString(message, field);
}

const FieldDescriptor* MessageField(const Message& message, const std::string& name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  return field == nullptr || field->is_repeated() ? nullptr : field;
}

// The resource in a request or a response: its first message with a name and an etag. Null if it does not
// have one.
const FieldDescriptor* ResourceField(const Message& message) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    if (field->is_repeated() || field->message_type() == nullptr) continue;
    if (field->message_type()->FindFieldByName("name") != nullptr &&
        field->message_type()->FindFieldByName("etag") != nullptr)
      return field;
  }
  return nullptr;
}

void SetText(Message& message, const std::string& name, const std::string& text) {
  message.GetReflection()->SetString(&message, message.GetDescriptor()->FindFieldByName(name), text);
}

}  // namespace

EtagMemory::EtagMemory(const Variables& variables, const Target& target)
    : file_(StatePath(variables, "etags.json")) {
  const std::string certificate = ReadWhole(target.certificate).value_or("");
  if (file_.empty() || certificate.empty()) {
    file_.clear();
    return;
  }
  identity_ = ids::Sha256Hex(certificate);
  const Json all = Json::parse(ReadWhole(file_).value_or(""), nullptr, /*allow_exceptions=*/false);
  if (!all.is_object() || !all.contains(identity_) || !all[identity_].is_object()) return;
  for (const auto& [name, etags] : all[identity_].items()) {
    if (!etags.is_object()) continue;
    for (const auto& [kind, etag] : etags.items()) {
      if (etag.is_string()) known_[name][kind] = etag.get<std::string>();
    }
  }
}

EtagUse EtagMemory::Fill(Message& request) const {
  const std::string& type = request.GetDescriptor()->name();
  if (type != "ImportDataElementsRequest" && !type.starts_with("Update")) return EtagUse::kNone;
  const auto etag_of = [&](const std::string& name, const std::string& kind) {
    const auto found = known_.find(name);
    if (found == known_.end() || !found->second.contains(kind)) return std::string();
    return found->second.at(kind);
  };
  // Sets one etag, of the request or of the resource in it.
  const auto fill = [&](Message& message, const std::string& field, const std::string& kind) {
    if (!TextOf(message, field).empty()) return EtagUse::kNone;
    const std::string etag = etag_of(TextOf(message, "name"), kind);
    if (etag.empty()) return EtagUse::kMissing;
    SetText(message, field, etag);
    return EtagUse::kFilled;
  };
  const auto has = [&](const char* name) {
    return request.GetDescriptor()->FindFieldByName(name) != nullptr;
  };
  if (has("section_etag")) return fill(request, "section_etag", "technical");
  if (const FieldDescriptor* sections = MessageField(request, "section_etags")) {
    if (request.GetReflection()->HasField(request, sections)) return EtagUse::kNone;
    const auto known = known_.find(TextOf(request, "name"));
    if (known == known_.end()) return EtagUse::kMissing;
    Message& etags = *request.GetReflection()->MutableMessage(&request, sections);
    for (int i = 0; i < etags.GetDescriptor()->field_count(); ++i) {
      const std::string& section = etags.GetDescriptor()->field(i)->name();
      if (known->second.contains(section)) SetText(etags, section, known->second.at(section));
    }
    return EtagUse::kFilled;
  }
  if (has("etag")) return fill(request, "etag", "etag");
  const FieldDescriptor* resource = ResourceField(request);
  if (resource == nullptr) return EtagUse::kNone;
  return fill(*request.GetReflection()->MutableMessage(&request, resource), "etag", "etag");
}

void EtagMemory::Remember(const Message& response) {
  const FieldDescriptor* field = ResourceField(response);
  if (file_.empty() || field == nullptr) return;
  const Message& resource = response.GetReflection()->GetMessage(response, field);
  const std::string name = TextOf(resource, "name");
  const std::string etag = TextOf(resource, "etag");
  if (name.empty() || etag.empty()) return;
  std::map<std::string, std::string> etags = {{"etag", etag}};
  if (const FieldDescriptor* sections = MessageField(resource, "section_etags")) {
    const Message& values = resource.GetReflection()->GetMessage(resource, sections);
    for (int i = 0; i < values.GetDescriptor()->field_count(); ++i) {
      const std::string& section = values.GetDescriptor()->field(i)->name();
      if (const std::string value = TextOf(values, section); !value.empty()) etags[section] = value;
    }
  }
  known_[name] = etags;
  const std::filesystem::path folder = std::filesystem::path(file_).parent_path();
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  // Concurrent runs must not overwrite each other's etags: an older etag would make an update fail.
  const FileLock lock(file_ + ".lock");
  Json all = Json::parse(ReadWhole(file_).value_or(""), nullptr, /*allow_exceptions=*/false);
  if (!all.is_object()) all = Json::object();
  Json& mine = all[identity_];
  if (!mine.is_object()) mine = Json::object();
  mine.erase(name);
  mine[name] = etags;
  while (mine.size() > kMaxRemembered) mine.erase(mine.begin());
  // Renamed when complete, because another run may read the file now.
  const std::string draft = file_ + "." + std::to_string(getpid());
  std::ofstream(draft) << all.dump();
  std::filesystem::permissions(
      draft, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
  std::filesystem::rename(draft, file_, error);
  if (error) std::filesystem::remove(draft, error);
}

}  // namespace idea::cli
