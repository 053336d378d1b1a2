#include "services/cli/gate/check_fields.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"

namespace idea::cli {
namespace {

using google::protobuf::util::TimeUtil;

absl::Status Invalid(std::string_view name, std::string_view expected) {
  return absl::InvalidArgumentError(absl::StrCat(std::string(name), ": ", std::string(expected)));
}

// The one text of a field.
using One = absl::Status (*)(const std::string& name, const std::string& value,
                             v1::CheckExchangeRequest& request);

std::string EntityOf(const std::string& value) {
  return value.find('/') == std::string::npos ? "entities/" + value : value;
}

absl::Status SetAnswer(const std::string& name, const std::string& value,
                       void (drafting::v1::PurposeClass::*set)(drafting::v1::Answer),
                       v1::CheckExchangeRequest& request) {
  const std::string text = absl::AsciiStrToUpper(value);
  if (text != "YES" && text != "NO") return Invalid(name, "YES or NO");
  (request.mutable_purpose_class()->*set)(text == "YES" ? drafting::v1::ANSWER_YES : drafting::v1::ANSWER_NO);
  return absl::OkStatus();
}

absl::Status AddKind(const std::string& name, const std::string& value, v1::CheckExchangeRequest& request) {
  constexpr char kPrefix[] = "PURPOSE_KIND_";
  const std::string text = absl::AsciiStrToUpper(value);
  drafting::v1::PurposeKind kind = drafting::v1::PURPOSE_KIND_UNSPECIFIED;
  if (!drafting::v1::PurposeKind_Parse(text.starts_with(kPrefix) ? text : kPrefix + text, &kind) ||
      kind == drafting::v1::PURPOSE_KIND_UNSPECIFIED)
    return Invalid(name, "the name of a PurposeKind, such as RESEARCH");
  request.mutable_purpose_class()->add_kinds(kind);
  return absl::OkStatus();
}

absl::Status SetTime(const std::string& name, const std::string& value, v1::CheckExchangeRequest& request) {
  if (!TimeUtil::FromString(value, request.mutable_time()))
    return Invalid(name, "a time as 2026-06-01T12:00:00Z");
  return absl::OkStatus();
}

absl::Status SetDays(const std::string& name, const std::string& value, v1::CheckExchangeRequest& request) {
  int32_t days = 0;
  if (!absl::SimpleAtoi(value, &days) || days < 1) return Invalid(name, "a number of days");
  request.mutable_purpose_class()->set_retention_days(days);
  return absl::OkStatus();
}

struct Field {
  const char* name;
  bool is_list;
  One set;
};

constexpr Field kFields[] = {
    {"provider", false,
     [](const std::string&, const std::string& value, v1::CheckExchangeRequest& request) {
       request.set_provider(EntityOf(value));
       return absl::OkStatus();
     }},
    {"recipient", false,
     [](const std::string&, const std::string& value, v1::CheckExchangeRequest& request) {
       request.set_recipient(EntityOf(value));
       return absl::OkStatus();
     }},
    {"data_elements", true,
     [](const std::string&, const std::string& value, v1::CheckExchangeRequest& request) {
       request.add_data_elements(value);
       return absl::OkStatus();
     }},
    {"purpose", false,
     [](const std::string&, const std::string& value, v1::CheckExchangeRequest& request) {
       request.set_purpose(value);
       return absl::OkStatus();
     }},
    {"time", false, SetTime},
    {"purpose_class.kinds", true, AddKind},
    {"purpose_class.redisclosure", false,
     [](const std::string& name, const std::string& value, v1::CheckExchangeRequest& request) {
       return SetAnswer(name, value, &drafting::v1::PurposeClass::set_redisclosure, request);
     }},
    {"purpose_class.commercial_use", false,
     [](const std::string& name, const std::string& value, v1::CheckExchangeRequest& request) {
       return SetAnswer(name, value, &drafting::v1::PurposeClass::set_commercial_use, request);
     }},
    {"purpose_class.deidentified_only", false,
     [](const std::string& name, const std::string& value, v1::CheckExchangeRequest& request) {
       return SetAnswer(name, value, &drafting::v1::PurposeClass::set_deidentified_only, request);
     }},
    {"purpose_class.retention_days", false, SetDays},
};

}  // namespace

const std::vector<std::string>& CheckFieldNames() {
  static const std::vector<std::string>& names = *[] {
    auto* all = new std::vector<std::string>;
    for (const Field& field : kFields) all->emplace_back(field.name);
    return all;
  }();
  return names;
}

absl::Status SetCheckField(const std::string& name, const std::vector<std::string>& values,
                           v1::CheckExchangeRequest& request) {
  const auto* field = std::find_if(std::begin(kFields), std::end(kFields),
                                   [&](const Field& each) { return name == each.name; });
  if (field == std::end(kFields))
    return Invalid(name, "is not a field; the fields are " + absl::StrJoin(CheckFieldNames(), ", "));
  if (values.empty()) return Invalid(name, "has no value");
  if (!field->is_list && values.size() > 1) return Invalid(name, "has several values, one is allowed");
  for (const std::string& value : values) {
    if (value.empty()) return Invalid(name, "has an empty value");
    RETURN_IF_ERROR(field->set(name, value, request));
  }
  return absl::OkStatus();
}

std::optional<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const auto is_hex = [&](size_t at) { return at < text.size() && absl::ascii_isxdigit(text[at]); };
      if (!is_hex(i + 1) || !is_hex(i + 2)) return std::nullopt;
      c = static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    }
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) return std::nullopt;
    decoded += c;
  }
  return decoded;
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ParseQuery(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  if (query.empty()) return parameters;
  for (const absl::string_view text : absl::StrSplit(absl::string_view(query.data(), query.size()), '&')) {
    std::string part(text);
    const size_t equals = part.find('=');
    if (equals == std::string::npos) return Invalid("query", "each parameter has the form name=value");
    std::replace(part.begin() + static_cast<int64_t>(equals), part.end(), '+', ' ');
    const auto name = PercentDecode(std::string_view(part).substr(0, equals));
    const auto value = PercentDecode(std::string_view(part).substr(equals + 1));
    if (!name || !value) return Invalid("query", "has a wrong percent encoding or a control character");
    parameters.emplace_back(*name, *value);
  }
  return parameters;
}

absl::StatusOr<v1::CheckExchangeRequest> CheckOfQuery(std::string_view query) {
  ASSIGN_OR_RETURN(const auto parameters, ParseQuery(query));
  std::vector<std::pair<std::string, std::vector<std::string>>> fields;
  for (const auto& [name, value] : parameters) {
    const auto same = std::find_if(fields.begin(), fields.end(),
                                   [&name = name](const auto& field) { return field.first == name; });
    (same == fields.end() ? fields.emplace_back(name, std::vector<std::string>()) : *same)
        .second.push_back(value);
  }
  v1::CheckExchangeRequest request;
  for (const auto& [name, values] : fields) RETURN_IF_ERROR(SetCheckField(name, values, request));
  return request;
}

}  // namespace idea::cli
