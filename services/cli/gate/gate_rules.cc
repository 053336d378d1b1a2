#include "services/cli/gate/gate_rules.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"
#include "services/cli/gate/check_fields.h"

namespace idea::cli {
namespace {

using Variables = std::map<std::string, std::string>;

// The parts of a path in their normal form. Refuses what servers understand in different ways: empty parts,
// dots, encoded separators, parameters of parts, and anything that is not ASCII after decoding.
absl::StatusOr<std::vector<std::string>> PartsOf(std::string_view path) {
  const absl::Status odd = absl::InvalidArgumentError(
      "the path is not in its normal form: it has empty parts, '.', '..', encoded separators, ';', '\\', '#' "
      "or "
      "characters that are not printable ASCII");
  if (!path.starts_with('/')) return odd;
  std::vector<std::string> parts;
  for (const absl::string_view raw :
       absl::StrSplit(absl::string_view(path.data() + 1, path.size() - 1), '/')) {
    const auto part = PercentDecode({raw.data(), raw.size()});
    if (!part || *part == "." || *part == ".." || part->find_first_of("/\\;%#?") != std::string::npos)
      return odd;
    if (!std::all_of(part->begin(), part->end(), [](unsigned char c) { return absl::ascii_isprint(c); }))
      return odd;
    parts.push_back(*part);
  }
  // A slash at the end is a part of the path.
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    if (parts[i].empty()) return odd;
  }
  return parts;
}

bool Matches(const std::vector<PathPart>& pattern, const std::vector<std::string>& parts,
             Variables& variables) {
  size_t at = 0;
  for (const PathPart& part : pattern) {
    if (part.kind == PathPart::Kind::kRest) return true;
    if (at == parts.size()) return false;
    const std::string& text = parts[at++];
    if (part.kind == PathPart::Kind::kText && text != part.text) return false;
    if (part.kind != PathPart::Kind::kText && text.empty()) return false;
    if (part.kind == PathPart::Kind::kVariable) variables[part.text] = text;
  }
  return at == parts.size();
}

// The host in lower case, without its port and a dot at its end.
std::string HostOf(const std::string& host) {
  const size_t colon = host.rfind(':');
  const bool has_port = colon != std::string::npos && host.find(']', colon) == std::string::npos;
  const std::string name = absl::AsciiStrToLower(has_port ? host.substr(0, colon) : host);
  return std::string(absl::StripSuffix(name, "."));
}

// The items of the values of a header: commas separate them, and they are percent-encoded. So an item with a
// comma differs from two items, as a proxy joins repeated headers.
absl::StatusOr<std::vector<std::string>> ItemsOf(const std::string& header,
                                                 const std::vector<std::string>& values) {
  std::vector<std::string> items;
  for (const std::string& value : values) {
    for (const absl::string_view item : absl::StrSplit(value, ',')) {
      const absl::string_view text = absl::StripAsciiWhitespace(item);
      const auto decoded = PercentDecode({text.data(), text.size()});
      if (!decoded) {
        return absl::InvalidArgumentError(
            "the header " + header +
            " has a wrong percent encoding or a control character; % is written as %25 and a comma as %2C");
      }
      items.push_back(*decoded);
    }
  }
  return items;
}

absl::StatusOr<std::vector<std::string>> ValuesOf(const FieldSource& source, const HttpRequest& request,
                                                  const Variables& variables, std::string_view query) {
  std::vector<std::string> values;
  switch (source.kind) {
    case FieldSource::Kind::kValues:
      return source.values;
    case FieldSource::Kind::kPath:
      return std::vector<std::string>{variables.at(source.name)};
    case FieldSource::Kind::kHeader:
      for (const auto& [name, value] : request.headers) {
        if (absl::AsciiStrToLower(name) == source.name) values.push_back(value);
      }
      return ItemsOf(source.name, values);
    case FieldSource::Kind::kQuery:
      ASSIGN_OR_RETURN(const auto parameters, ParseQuery(query));
      for (const auto& [name, value] : parameters) {
        if (name == source.name) values.push_back(value);
      }
      return values;
  }
  return values;
}

}  // namespace

absl::StatusOr<std::vector<PathPart>> ParsePath(std::string_view path) {
  if (!path.starts_with('/')) return absl::InvalidArgumentError("begins with /");
  std::vector<PathPart> parts;
  for (const absl::string_view part :
       absl::StrSplit(absl::string_view(path.data() + 1, path.size() - 1), '/')) {
    if (!parts.empty() && parts.back().kind == PathPart::Kind::kRest)
      return absl::InvalidArgumentError("** is the last part");
    if (part == "**") {
      parts.push_back({PathPart::Kind::kRest, ""});
    } else if (part == "*") {
      parts.push_back({PathPart::Kind::kAny, ""});
    } else if (absl::StartsWith(part, "{") && absl::EndsWith(part, "}") && part.size() > 2) {
      parts.push_back({PathPart::Kind::kVariable, std::string(part.substr(1, part.size() - 2))});
    } else if (absl::StrContains(part, "{") || absl::StrContains(part, "}") || absl::StrContains(part, "*")) {
      return absl::InvalidArgumentError("a part is a text, *, {variable} or, at the end, **");
    } else {
      parts.push_back({PathPart::Kind::kText, std::string(part)});
    }
  }
  return parts;
}

absl::StatusOr<v1::CheckExchangeRequest> CheckOf(const std::vector<GateRule>& rules,
                                                 const HttpRequest& request) {
  const std::string_view target = request.target;
  const size_t mark = target.find('?');
  const std::string_view query = mark == std::string_view::npos ? "" : target.substr(mark + 1);
  ASSIGN_OR_RETURN(const std::vector<std::string> parts, PartsOf(target.substr(0, mark)));
  const std::string host = HostOf(request.host);
  for (const GateRule& rule : rules) {
    Variables variables;
    const bool is_for_method = rule.methods.empty() || std::find(rule.methods.begin(), rule.methods.end(),
                                                                 request.method) != rule.methods.end();
    if (!is_for_method || (!rule.host.empty() && rule.host != host) || !Matches(rule.path, parts, variables))
      continue;
    v1::CheckExchangeRequest check;
    for (const auto& [name, source] : rule.fields) {
      ASSIGN_OR_RETURN(const std::vector<std::string> values, ValuesOf(source, request, variables, query));
      RETURN_IF_ERROR(SetCheckField(name, values, check));
    }
    return check;
  }
  return absl::NotFoundError("no rule of the gate is for this request");
}

}  // namespace idea::cli
