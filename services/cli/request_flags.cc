#include "services/cli/request_flags.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "google/api/field_behavior.pb.h"
#include "idea/common/v1/options.pb.h"
#include "services/cli/commands.h"
#include "services/cli/field_values.h"

namespace idea::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::string_view kRequestId = "request_id";

std::string FlagName(const FieldDescriptor& field) {
  std::string name = "--" + field.name();
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

bool IsRequired(const FieldDescriptor& field) {
  const auto& options = field.options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == google::api::REQUIRED) return true;
  }
  return false;
}

const common::v1::FieldRule& RuleOf(const FieldDescriptor& field) {
  return field.options().GetExtension(common::v1::rule);
}

std::string WantedText(const FieldDescriptor& field) {
  const common::v1::FieldRule& rule = RuleOf(field);
  if (!rule.resource().empty()) return rule.resource();
  switch (rule.format()) {
    case common::v1::TEXT_FORMAT_UUID4:
      return "random UUID";
    case common::v1::TEXT_FORMAT_SHA256:
      return "SHA-256 in 64 hexadecimal digits";
    case common::v1::TEXT_FORMAT_EMAIL:
      return "e-mail address";
    default:
      return "text or @file";
  }
}

// A file may be sent in pieces, and is no list for it.
bool IsList(const FieldDescriptor& field) {
  return field.is_repeated() && field.type() != FieldDescriptor::TYPE_BYTES;
}

std::string Wanted(const FieldDescriptor& field) {
  const std::string one =
      field.type() == FieldDescriptor::TYPE_STRING ? WantedText(field) : WantedValue(field);
  return IsList(field) ? one + ", comma list or repeated" : one;
}

// Splits what was typed for a repeated field into its items.
absl::StatusOr<std::vector<std::string>> Items(const FieldDescriptor& field, const std::string& text,
                                               bool is_file) {
  std::vector<std::string> items;
  if (text.starts_with("[")) {
    const auto array = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!array.is_array()) return absl::InvalidArgumentError("wanted a JSON array");
    for (const auto& item : array) items.push_back(item.is_string() ? item.get<std::string>() : item.dump());
    return items;
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) return std::vector<std::string>{text};
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find_first_of(is_file ? ",\n" : ",", begin), text.size());
    std::string item = text.substr(begin, end - begin);
    item.erase(0, item.find_first_not_of(" \r"));
    item.erase(item.find_last_not_of(" \r") + 1);
    if (item.empty() && !is_file) return absl::InvalidArgumentError("an item is empty");
    if (!item.empty()) items.push_back(item);
    begin = end + 1;
  }
  return items;
}

absl::Status FillField(const FieldDescriptor& field, const std::string& typed, FileReader& files,
                       Message& request) {
  ASSIGN_OR_RETURN(const std::string text, files.Expand(field, typed));
  // A larger message would be refused before the server reads which field it is.
  const auto most = static_cast<size_t>(RuleOf(field).max_length());
  if (field.type() == FieldDescriptor::TYPE_BYTES && most > 0 && text.size() > most) {
    return absl::InvalidArgumentError("at most " + std::to_string(most) + " bytes, not " +
                                      std::to_string(text.size()));
  }
  if (!IsList(field)) return SetValue(field, text, request);
  ASSIGN_OR_RETURN(const std::vector<std::string> items, Items(field, text, typed != text));
  for (const std::string& item : items) {
    RETURN_IF_ERROR(SetValue(field, item, request));
  }
  return absl::OkStatus();
}

absl::Status Refuse(const RequestFlag& flag, const std::string& problem) {
  std::string line = flag.name + ": wanted " + flag.wanted;
  if (!problem.empty()) line += ": " + problem;
  std::replace(line.begin(), line.end(), '\n', ' ');
  return absl::InvalidArgumentError(line);
}

}  // namespace

std::vector<RequestFlag> FlagsOf(const Descriptor& request) {
  std::vector<RequestFlag> flags;
  for (int i = 0; i < request.field_count(); ++i) {
    const FieldDescriptor& field = *request.field(i);
    flags.push_back({&field, FlagName(field), Wanted(field), IsRequired(field) && field.name() != kRequestId,
                     field.type() == FieldDescriptor::TYPE_BOOL && !field.is_repeated()});
  }
  return flags;
}

const FieldDescriptor* PositionalOf(const Descriptor& request) {
  const FieldDescriptor* names = nullptr;
  const FieldDescriptor* file = nullptr;
  for (int i = 0; i < request.field_count(); ++i) {
    const FieldDescriptor& field = *request.field(i);
    const bool is_name = field.type() == FieldDescriptor::TYPE_STRING && IsRequired(field) &&
                         !RuleOf(field).resource().empty();
    if (is_name && !field.is_repeated()) return &field;
    if (is_name && names == nullptr) names = &field;
    const bool is_file = field.type() == FieldDescriptor::TYPE_BYTES;
    if (is_file && file == nullptr) file = &field;
  }
  return file != nullptr ? file : names;
}

const FieldDescriptor* FieldForFile(const Descriptor& request, const FieldDescriptor& field,
                                    const std::string& file) {
  const FieldDescriptor* markdown = request.FindFieldByName("markdown");
  const bool files = field.type() == FieldDescriptor::TYPE_BYTES && markdown != nullptr;
  return files && file.ends_with(".md") ? markdown : &field;
}

absl::Status FillRequest(const Given& given, std::istream& in, Message& request) {
  FileReader files(in);
  for (const RequestFlag& flag : FlagsOf(*request.GetDescriptor())) {
    const auto found = given.find(flag.field->name());
    if (found == given.end()) {
      if (flag.field->name() == kRequestId) {
        request.GetReflection()->SetString(&request, flag.field, ids::NewUuid());
      }
      continue;
    }
    if (!flag.field->is_repeated() && found->second.size() > 1) {
      return Refuse(flag, "given " + std::to_string(found->second.size()) + " times");
    }
    for (const std::string& typed : found->second) {
      absl::Status status = FillField(*flag.field, typed, files, request);
      if (!status.ok()) return Refuse(flag, std::string(status.message()));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckRequired(const Given& given, const Descriptor& request) {
  const FieldDescriptor* positional = PositionalOf(request);
  std::string missing;
  for (const RequestFlag& flag : FlagsOf(request)) {
    if (!flag.required || given.contains(flag.field->name())) continue;
    const std::string name = flag.field == positional ? "<" + flag.field->name() + ">" : flag.name;
    missing += (missing.empty() ? "" : "; ") + name + " is missing, wanted " + flag.wanted;
  }
  return missing.empty() ? absl::OkStatus() : absl::InvalidArgumentError(missing);
}

}  // namespace idea::cli
