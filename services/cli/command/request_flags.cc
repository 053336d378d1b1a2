#include "services/cli/command/request_flags.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/util/json_util.h"
#include "idea/common/v1/options.pb.h"
#include "services/cli/command/commands.h"
#include "services/cli/command/field_values.h"
#include "services/cli/command/json_input.h"

namespace idea::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::string_view kRequestId = "request_id";
constexpr std::string_view kValidateOnly = "validate_only";

std::string FlagName(const FieldDescriptor& field) {
  std::string name = "--" + field.name();
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

bool Behaves(const FieldDescriptor& field, google::api::FieldBehavior behavior) {
  const auto& options = field.options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == behavior) return true;
  }
  return false;
}

bool IsRequired(const FieldDescriptor& field) { return Behaves(field, google::api::REQUIRED); }

const common::v1::FieldRule& RuleOf(const FieldDescriptor& field) {
  return field.options().GetExtension(common::v1::rule);
}

// The minimum max_length of a free text; names are shorter.
constexpr uint32_t kFreeText = 1'001;

// The free text with the largest max_length, the first of several. Null if there is none.
const FieldDescriptor* LongestText(const Descriptor& message) {
  const FieldDescriptor* longest = nullptr;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    const common::v1::FieldRule& rule = RuleOf(field);
    const bool is_free = field.type() == FieldDescriptor::TYPE_STRING && !field.is_repeated() &&
                         rule.max_length() >= kFreeText && rule.resource().empty() &&
                         rule.format() == common::v1::TEXT_FORMAT_UNSPECIFIED;
    if (is_free && (longest == nullptr || rule.max_length() > RuleOf(*longest).max_length()))
      longest = &field;
  }
  return longest;
}

bool HasParts(const Descriptor& message) {
  for (int i = 0; i < message.field_count(); ++i) {
    const Descriptor* part = message.field(i)->message_type();
    if (part != nullptr && !message.field(i)->is_repeated() && part->full_name().starts_with("idea.") &&
        !Behaves(*message.field(i), google::api::OUTPUT_ONLY))
      return true;
  }
  return false;
}

std::string ExpectedText(const FieldDescriptor& field) {
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

// Whether the field is a list for the user. A file that is sent in pieces is not.
bool IsList(const FieldDescriptor& field) {
  return field.is_repeated() && field.type() != FieldDescriptor::TYPE_BYTES;
}

std::string ExpectedOf(const FieldDescriptor& field) {
  const std::string one =
      field.type() == FieldDescriptor::TYPE_STRING ? ExpectedText(field) : ExpectedValue(field);
  return IsList(field) ? one + ", comma list or repeated" : one;
}

// Splits the typed text of a repeated field into its items.
absl::StatusOr<std::vector<std::string>> Items(const FieldDescriptor& field, const std::string& text,
                                               bool is_file) {
  std::vector<std::string> items;
  if (text.starts_with("[")) {
    const auto array = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!array.is_array()) return absl::InvalidArgumentError("expected a JSON array");
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
  // The server would refuse a larger message without naming the field.
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
  std::string line = flag.name + ": expected " + flag.expected;
  if (!problem.empty()) line += ": " + problem;
  std::replace(line.begin(), line.end(), '\n', ' ');
  return absl::InvalidArgumentError(line);
}

// Fills the request from JSON or @file. Flags override it.
absl::Status FillWhole(const std::vector<std::string>& typed, FileReader& files, Message& request) {
  const auto refuse = [](const std::string& problem) {
    return absl::InvalidArgumentError(
        "--request: expected the JSON of the request, as --skeleton prints it, or @file: " + problem);
  };
  if (typed.size() != 1) return refuse("given " + std::to_string(typed.size()) + " times");
  const auto text = files.ExpandText(typed[0]);
  if (!text.ok()) return refuse(std::string(text.status().message()));
  const auto json = Proto3JsonOf(*text, *request.GetDescriptor());
  if (!json.ok()) return refuse(std::string(json.status().message()));
  const auto status = google::protobuf::util::JsonStringToMessage(*json, &request);
  return status.ok() ? absl::OkStatus() : refuse(std::string(status.message()));
}

// Whether the flag, or one for a part of it, is given.
bool IsGiven(const RequestFlag& flag, const FlagValues& flags) {
  const std::string key = flag.Key();
  return std::any_of(flags.begin(), flags.end(), [&](const auto& item) {
    return item.first == key || item.first.starts_with(key + ".");
  });
}

}  // namespace

bool IsOutput(const FieldDescriptor& field) { return Behaves(field, google::api::OUTPUT_ONLY); }

std::string RequestFlag::Key() const {
  return part_of == nullptr ? field->name() : part_of->name() + "." + field->name();
}

FreeText FreeTextOf(const Descriptor& request) {
  if (const FieldDescriptor* own = LongestText(request)) return {own, nullptr};
  for (int i = 0; i < request.field_count(); ++i) {
    const FieldDescriptor& part = *request.field(i);
    // In a message with parts, no text is the main one.
    if (part.is_repeated() || part.message_type() == nullptr || HasParts(*part.message_type())) continue;
    if (const FieldDescriptor* text = LongestText(*part.message_type())) return {text, &part};
  }
  return {};
}

namespace {

// The edited resource of a request without its own name: `contacts update NAME`. Null for other requests.
const FieldDescriptor* EditedResource(const Descriptor& request) {
  if (request.FindFieldByName("update_mask") == nullptr || request.FindFieldByName("name") != nullptr)
    return nullptr;
  for (int i = 0; i < request.field_count(); ++i) {
    const Descriptor* part = request.field(i)->message_type();
    if (part != nullptr && part->full_name().starts_with("idea.") && part->FindFieldByName("name") != nullptr)
      return request.field(i);
  }
  return nullptr;
}

}  // namespace

std::vector<RequestFlag> FlagsOf(const Descriptor& request) {
  std::vector<RequestFlag> flags;
  const FreeText text = FreeTextOf(request);
  const bool is_free = text.field != nullptr && request.FindFieldByName("text") == nullptr;
  for (int i = 0; i < request.field_count(); ++i) {
    const FieldDescriptor& field = *request.field(i);
    RequestFlag& flag = flags.emplace_back();
    flag.field = &field;
    flag.name = FlagName(field);
    flag.expected = ExpectedOf(field);
    flag.required = IsRequired(field) && field.name() != kRequestId;
    flag.is_switch = field.type() == FieldDescriptor::TYPE_BOOL && !field.is_repeated();
    if (is_free && &field == text.field) flag.aliases.push_back("--text");
    if (field.name() == kValidateOnly) flag.aliases.push_back("--dry-run");
  }
  if (is_free && text.part_of != nullptr)
    flags.push_back({text.field, "--text", ExpectedOf(*text.field), false, false, {}, text.part_of});
  if (const FieldDescriptor* edited = EditedResource(request)) {
    const FieldDescriptor* name = edited->message_type()->FindFieldByName("name");
    flags.push_back(
        {name, "--name", "name of the resource, where the JSON has none", false, false, {}, edited});
  }
  return flags;
}

std::vector<const FieldDescriptor*> PositionalsOf(const Descriptor& request) {
  std::vector<const FieldDescriptor*> found;
  const FieldDescriptor* names = nullptr;
  const FieldDescriptor* file = nullptr;
  const FieldDescriptor* text = nullptr;
  for (int i = 0; i < request.field_count(); ++i) {
    const FieldDescriptor& field = *request.field(i);
    const bool is_text = field.type() == FieldDescriptor::TYPE_STRING && IsRequired(field);
    const bool is_name = is_text && !RuleOf(field).resource().empty();
    if (is_name && !field.is_repeated()) found.push_back(&field);
    if (is_name && field.is_repeated() && names == nullptr) names = &field;
    if (field.type() == FieldDescriptor::TYPE_BYTES && file == nullptr) file = &field;
    if (is_text && !field.is_repeated() && field.name() != kRequestId && text == nullptr) text = &field;
  }
  if (file != nullptr) found.push_back(file);
  if (const FieldDescriptor* edited = EditedResource(request); found.empty() && edited != nullptr)
    found.push_back(edited->message_type()->FindFieldByName("name"));
  if (found.empty() && names != nullptr) found.push_back(names);
  if (found.empty() && text != nullptr) found.push_back(text);
  return found;
}

const FieldDescriptor* PositionalOf(const Descriptor& request) {
  const auto found = PositionalsOf(request);
  return found.empty() ? nullptr : found[0];
}

const FieldDescriptor* FieldForFile(const Descriptor& request, const FieldDescriptor& field,
                                    const std::string& file) {
  const FieldDescriptor* markdown = request.FindFieldByName("markdown");
  const bool files = field.type() == FieldDescriptor::TYPE_BYTES && markdown != nullptr;
  return files && file.ends_with(".md") ? markdown : &field;
}

absl::Status FillRequest(const FlagValues& flags, std::istream& in, Message& request) {
  FileReader files(in);
  if (const auto whole = flags.find(kWholeRequest); whole != flags.end()) {
    RETURN_IF_ERROR(FillWhole(whole->second, files, request));
  }
  for (const RequestFlag& flag : FlagsOf(*request.GetDescriptor())) {
    const auto found = flags.find(flag.Key());
    if (found == flags.end()) {
      if (flag.field->name() == kRequestId &&
          request.GetReflection()->GetString(request, flag.field).empty()) {
        request.GetReflection()->SetString(&request, flag.field, ids::NewUuid());
      }
      continue;
    }
    if (!flag.field->is_repeated() && found->second.size() > 1) {
      return Refuse(flag, "given " + std::to_string(found->second.size()) + " times");
    }
    if (flags.contains(kWholeRequest) && flag.part_of == nullptr)
      request.GetReflection()->ClearField(&request, flag.field);
    for (const std::string& typed : found->second) {
      Message& holder = flag.part_of == nullptr
                            ? request
                            : *request.GetReflection()->MutableMessage(&request, flag.part_of);
      absl::Status status = FillField(*flag.field, typed, files, holder);
      if (!status.ok()) return Refuse(flag, std::string(status.message()));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckRequired(const FlagValues& flags, const Descriptor& request) {
  const std::vector<const FieldDescriptor*> positionals = PositionalsOf(request);
  std::string missing;
  for (const RequestFlag& flag : FlagsOf(request)) {
    // The server checks the fields of a whole request.
    if (!flag.required || IsGiven(flag, flags) || flags.contains(kWholeRequest)) continue;
    const bool is_positional =
        std::find(positionals.begin(), positionals.end(), flag.field) != positionals.end();
    const std::string name = is_positional ? "<" + flag.field->name() + ">" : flag.name;
    missing += (missing.empty() ? "" : "; ") + name + " is missing; expected " + flag.expected;
  }
  return missing.empty() ? absl::OkStatus() : absl::InvalidArgumentError(missing);
}

}  // namespace idea::cli
