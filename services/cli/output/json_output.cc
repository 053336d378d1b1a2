#include "services/cli/output/json_output.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <regex>

#include "google/protobuf/util/json_util.h"

namespace idea::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Json = nlohmann::ordered_json;

// Whether every version of YAML reads the text as a plain string.
bool IsPlain(const std::string& text) {
  static const std::regex plain("[A-Za-z_/][A-Za-z0-9_./@-]*( [A-Za-z0-9_./@-]+)*");
  static const std::regex word("(y|n|yes|no|on|off|true|false|null)", std::regex::icase);
  return std::regex_match(text, plain) && !std::regex_match(text, word);
}

// Whether a literal block can hold the text as it is.
bool IsBlock(const std::string& text) {
  return text.find('\n') != std::string::npos && text.front() != ' ' && text.front() != '\n' &&
         text.find_first_of("\r\t") == std::string::npos;
}

void Emit(const Json& json, YAML::Emitter& out) {
  if (json.is_object() && !json.empty()) {
    out << YAML::BeginMap;
    for (const auto& [key, value] : json.items()) {
      out << YAML::Key << key << YAML::Value;
      Emit(value, out);
    }
    out << YAML::EndMap;
  } else if (json.is_array() && !json.empty()) {
    out << YAML::BeginSeq;
    for (const Json& value : json) Emit(value, out);
    out << YAML::EndSeq;
  } else if (json.is_string()) {
    const auto& text = json.get_ref<const std::string&>();
    if (IsBlock(text)) {
      out << YAML::Literal << text;
    } else if (IsPlain(text)) {
      out << text;
    } else {
      out << YAML::DoubleQuoted << text;
    }
  } else {
    // Numbers, true, false, null, {} and [] are the same in JSON and YAML.
    if (json.is_structured()) out << YAML::Flow;
    if (json.is_object()) {
      out << YAML::BeginMap << YAML::EndMap;
    } else if (json.is_array()) {
      out << YAML::BeginSeq << YAML::EndSeq;
    } else {
      out << json.dump();
    }
  }
}

absl::Status UsageError(const std::string& text) {
  return absl::InvalidArgumentError("jsonpath: expected a path such as .bucps[*].name, got \"" + text + "\"");
}

}  // namespace

Json JsonOf(const Message& message) {
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(message, &text).ok()) return Json::object();
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  // proto3 JSON leaves empty lists out; scripts that loop over one expect it.
  Json complete = Json::object();
  const auto& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const bool is_list = field.is_repeated() && !field.is_map();
    if (json.contains(field.json_name())) {
      complete[field.json_name()] = std::move(json[field.json_name()]);
    } else if (is_list) {
      complete[field.json_name()] = Json::array();
    }
  }
  return complete;
}

absl::StatusOr<JsonPath> JsonPath::Parse(const std::string& text) {
  std::string path = text;
  if (path.starts_with("{") && path.ends_with("}")) path = path.substr(1, path.size() - 2);
  if (path.starts_with("$")) path.erase(0, 1);
  if (!path.empty() && path[0] != '.' && path[0] != '[') path.insert(0, ".");
  static const std::regex step(
      R"re(^(?:\.([A-Za-z_][A-Za-z0-9_]*)|\.?\[(?:'([^']*)'|"([^"]*)"|(-?[0-9]{1,6})|(\*))\]|\.(\*)))re");
  JsonPath parsed;
  std::smatch match;
  for (; !path.empty() && path != "."; path = match.suffix()) {
    if (!std::regex_search(path, match, step)) return UsageError(text);
    Step next;
    if (match[5].matched || match[6].matched) {
      next.kind = Step::kAll;
    } else if (match[4].matched) {
      next.kind = Step::kIndex;
      next.index = std::stoi(match[4]);
    } else {
      next.key = match[1].matched ? match[1] : match[2].matched ? match[2] : match[3];
    }
    parsed.steps_.push_back(std::move(next));
  }
  return parsed;
}

std::vector<Json> JsonPath::Find(const Json& root) const {
  std::vector<Json> found = {root};
  for (const Step& step : steps_) {
    std::vector<Json> next;
    for (const Json& at : found) {
      if (step.kind == Step::kAll && at.is_structured()) {
        for (const Json& item : at) next.push_back(item);
      } else if (step.kind == Step::kKey && at.is_object() && at.contains(step.key)) {
        next.push_back(at[step.key]);
      } else if (step.kind == Step::kIndex && at.is_array()) {
        const int index = step.index < 0 ? step.index + static_cast<int>(at.size()) : step.index;
        if (index >= 0 && index < static_cast<int>(at.size())) next.push_back(at[index]);
      }
    }
    found = std::move(next);
  }
  return found;
}

std::string YamlOf(const Json& json) {
  YAML::Emitter out;
  out.SetIndent(2);
  Emit(json, out);
  return std::string(out.c_str()) + "\n";
}

}  // namespace idea::cli
