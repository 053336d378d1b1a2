#include "services/cli/command/json_input.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <vector>

#include "common/status/status.h"
#include "google/type/date.pb.h"
#include "idea/common/v1/options.pb.h"
#include "services/cli/command/commands.h"
#include "services/cli/command/field_values.h"
#include "services/cli/command/skeleton.h"
#include "services/cli/command/suggestion.h"

namespace idea::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using Json = nlohmann::ordered_json;

absl::Status ErrorAt(const std::string& path, const std::string& problem) {
  return absl::InvalidArgumentError(path.empty() ? problem : path + ": " + problem);
}

std::string Upper(std::string text) {
  for (char& c : text) c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

const FieldDescriptor* FieldOf(const Descriptor& message, const std::string& key) {
  for (int i = 0; i < message.field_count(); ++i) {
    if (message.field(i)->name() == key || message.field(i)->json_name() == key) return message.field(i);
  }
  return nullptr;
}

std::string Joined(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

absl::Status Convert(Json& json, const Descriptor& message, const std::string& path);

absl::Status ConvertDate(Json& json, const std::string& path) {
  if (!json.is_string()) return absl::OkStatus();
  google::type::Date date;
  const absl::Status status = ParseDate(json.get<std::string>(), date);
  if (!status.ok())
    return ErrorAt(path, "expected a date such as 2026-07-01, got \"" + json.get<std::string>() + "\"");
  json = {{"year", date.year()}, {"month", date.month()}, {"day", date.day()}};
  return absl::OkStatus();
}

absl::Status ConvertValue(Json& json, const FieldDescriptor& field, const std::string& path) {
  if (field.message_type() != nullptr) {
    if (field.message_type()->full_name() == "google.type.Date") return ConvertDate(json, path);
    return json.is_object() ? Convert(json, *field.message_type(), path) : absl::OkStatus();
  }
  if (!json.is_string()) return absl::OkStatus();
  const auto text = json.get<std::string>();
  if (field.enum_type() != nullptr) {
    const auto value = EnumValueOf(*field.enum_type(), text);
    if (!value.ok()) return ErrorAt(path, std::string(value.status().message()));
    json = (*value)->name();
  } else if (text == PlaceholderOf(field)) {
    return ErrorAt(path, "replace the placeholder " + text + " of the skeleton");
  }
  return absl::OkStatus();
}

absl::Status Convert(Json& json, const Descriptor& message, const std::string& path) {
  if (message.full_name().starts_with("google.protobuf.")) return absl::OkStatus();
  for (const auto& [key, value] : json.items()) {
    const FieldDescriptor* field = FieldOf(message, key);
    if (field == nullptr) {
      std::vector<std::string> known;
      for (int i = 0; i < message.field_count(); ++i) known.push_back(message.field(i)->json_name());
      return ErrorAt(Joined(path, key), "not a field of " + message.name() + DidYouMean(key, known) +
                                            "; expected one of " + Listed(known));
    }
    const std::string at = Joined(path, key);
    if (field->is_map() || value.is_null()) continue;
    if (!field->is_repeated()) {
      RETURN_IF_ERROR(ConvertValue(value, *field, at));
    } else if (value.is_array()) {
      for (size_t i = 0; i < value.size(); ++i)
        RETURN_IF_ERROR(ConvertValue(value[i], *field, at + "[" + std::to_string(i) + "]"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<const EnumValueDescriptor*> EnumValueOf(const EnumDescriptor& type, const std::string& text) {
  const std::string name = Upper(text);
  std::vector<const EnumValueDescriptor*> by_section;
  std::vector<std::string> known;
  for (int i = 0; i < type.value_count(); ++i) {
    const EnumValueDescriptor* value = type.value(i);
    if (value->name() == name || ShortName(*value) == name) return value;
    if (value->number() != 0) known.push_back(ShortName(*value));
    for (int k = 0; k < value->options().ExtensionSize(common::v1::clause); ++k) {
      if (Upper(value->options().GetExtension(common::v1::clause, k)) == name) by_section.push_back(value);
    }
  }
  if (by_section.size() == 1) return by_section[0];
  if (by_section.empty())
    return ErrorAt("", "\"" + text + "\" is none of them" + DidYouMean(text, known) + "; expected one of " +
                           Listed(known));
  std::vector<std::string> names;
  for (const EnumValueDescriptor* value : by_section) names.push_back(ShortName(*value));
  return ErrorAt("", "section " + text + " is that of several: " + Listed(names));
}

absl::StatusOr<std::string> Proto3JsonOf(const std::string& text, const Descriptor& message) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  // protobuf reports the position of malformed JSON.
  if (!json.is_object()) return text;
  RETURN_IF_ERROR(Convert(json, message, ""));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace idea::cli
