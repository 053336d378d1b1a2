#include "services/cli/gate/gate_config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/rpc/local_server.h"
#include "common/status/status.h"
#include "services/cli/gate/check_fields.h"

namespace idea::cli {
namespace {

absl::Status Wrong(const YAML::Node& at, const std::string& key, const std::string& expected) {
  return absl::InvalidArgumentError(absl::StrCat("line ", at.Mark().line + 1, ": ", key, ": ", expected));
}

using Readers = std::map<std::string, std::function<absl::Status(const YAML::Node& value)>>;

// Hands each value of a map to the reader of its key.
absl::Status ReadMap(const YAML::Node& map, const std::string& path, const Readers& readers) {
  if (!map.IsMap()) return Wrong(map, path, "a map is expected");
  std::set<std::string> seen;
  for (const auto& entry : map) {
    const auto key = entry.first.as<std::string>("");
    const auto reader = readers.find(key);
    if (reader == readers.end()) {
      std::vector<std::string> names;
      for (const auto& [name, read] : readers) names.push_back(name);
      return Wrong(entry.first, path,
                   absl::StrCat("unknown key \"", key, "\"; the keys are ", absl::StrJoin(names, ", ")));
    }
    if (!seen.insert(key).second) return Wrong(entry.first, path, "the key \"" + key + "\" is repeated");
    RETURN_IF_ERROR(reader->second(entry.second));
  }
  return absl::OkStatus();
}

absl::Status ReadText(const YAML::Node& value, const std::string& path, std::string& text) {
  if (!value.IsScalar()) return Wrong(value, path, "a text is expected");
  text = value.Scalar();
  return absl::OkStatus();
}

// A text, or a list of texts that is not empty.
absl::Status ReadTexts(const YAML::Node& value, const std::string& path, std::vector<std::string>& texts) {
  if (value.IsScalar()) return ReadText(value, path, texts.emplace_back());
  if (!value.IsSequence() || value.size() == 0)
    return Wrong(value, path, "a text or a list of texts is expected");
  for (const YAML::Node& item : value) RETURN_IF_ERROR(ReadText(item, path, texts.emplace_back()));
  return absl::OkStatus();
}

absl::Status ReadSource(const YAML::Node& value, const std::string& path, FieldSource& source) {
  using Kind = FieldSource::Kind;
  int sources = 0;
  const auto named = [&](Kind kind) {
    return [&, kind](const YAML::Node& name) {
      source.kind = kind;
      ++sources;
      RETURN_IF_ERROR(ReadText(name, path, source.name));
      if (source.name.empty()) return Wrong(name, path, "a name is expected");
      if (kind == Kind::kHeader) absl::AsciiStrToLower(&source.name);
      return absl::OkStatus();
    };
  };
  RETURN_IF_ERROR(ReadMap(value, path,
                          {{"value",
                            [&](const YAML::Node& values) {
                              ++sources;
                              return ReadTexts(values, path, source.values);
                            }},
                           {"header", named(Kind::kHeader)},
                           {"path", named(Kind::kPath)},
                           {"query", named(Kind::kQuery)}}));
  return sources == 1 ? absl::OkStatus()
                      : Wrong(value, path, "exactly one of value, header, path and query is expected");
}

// Whether a rule has the fields that a check needs, and the variables and values that they name.
absl::Status CheckRule(const YAML::Node& at, const std::string& path, const GateRule& rule) {
  v1::CheckExchangeRequest request;
  std::set<std::string> names;
  for (const auto& [name, source] : rule.fields) {
    names.insert(name);
    const std::string field = absl::StrCat(path, ".fields.", name);
    if (source.kind == FieldSource::Kind::kValues) {
      const absl::Status set = SetCheckField(name, source.values, request);
      if (!set.ok()) return Wrong(at, field, std::string(set.message()));
    }
    if (source.kind != FieldSource::Kind::kPath) continue;
    const auto count =
        std::count_if(rule.path.begin(), rule.path.end(), [&name = source.name](const PathPart& part) {
          return part.kind == PathPart::Kind::kVariable && part.text == name;
        });
    if (count != 1)
      return Wrong(at, field, absl::StrCat("the path must have {", source.name, "} exactly once"));
  }
  for (const char* name : {"provider", "recipient", "data_elements"}) {
    if (!names.contains(name)) return Wrong(at, path + ".fields", absl::StrCat(name, " is missing"));
  }
  return absl::OkStatus();
}

absl::Status ReadRule(const YAML::Node& value, const std::string& path, GateRule& rule) {
  bool has_path = false;
  Readers fields;
  for (const std::string& name : CheckFieldNames()) {
    fields[name] = [&rule, &path, name](const YAML::Node& source) {
      rule.fields.emplace_back(name, FieldSource());
      return ReadSource(source, absl::StrCat(path, ".fields.", name), rule.fields.back().second);
    };
  }
  RETURN_IF_ERROR(ReadMap(
      value, path,
      {{"host",
        [&](const YAML::Node& host) {
          RETURN_IF_ERROR(ReadText(host, path + ".host", rule.host));
          absl::AsciiStrToLower(&rule.host);
          return rule.host.empty() || absl::StrContains(rule.host, ":")
                     ? Wrong(host, path + ".host", "a host without a port is expected")
                     : absl::OkStatus();
        }},
       {"methods",
        [&](const YAML::Node& methods) { return ReadTexts(methods, path + ".methods", rule.methods); }},
       {"path",
        [&](const YAML::Node& pattern) {
          has_path = true;
          std::string text;
          RETURN_IF_ERROR(ReadText(pattern, path + ".path", text));
          auto parts = ParsePath(text);
          if (!parts.ok()) return Wrong(pattern, path + ".path", std::string(parts.status().message()));
          rule.path = *std::move(parts);
          return absl::OkStatus();
        }},
       {"fields", [&](const YAML::Node& map) { return ReadMap(map, path + ".fields", fields); }}}));
  if (!has_path) return Wrong(value, path, "path is missing; \"/**\" is every path");
  return CheckRule(value, path, rule);
}

absl::Status ReadAddress(const YAML::Node& value, const std::string& key, bool paths, std::string& address) {
  RETURN_IF_ERROR(ReadText(value, key, address));
  if (address.empty() || (paths && absl::StartsWith(address, "unix:/"))) return absl::OkStatus();
  const size_t colon = address.rfind(':');
  int port = 0;
  if (colon == std::string::npos || colon == 0 || !absl::SimpleAtoi(address.substr(colon + 1), &port) ||
      port < 0 || port > 65535)
    return Wrong(value, key, paths ? "host:port or unix:/path is expected" : "host:port is expected");
  return absl::OkStatus();
}

absl::Status ReadConfig(const YAML::Node& root, GateConfig& config) {
  const auto seconds = [&](const YAML::Node& value) {
    int number = 0;
    if (!value.IsScalar() || !absl::SimpleAtoi(value.Scalar(), &number) || number < kMinStaleness.count() ||
        number > kMaxStaleness.count())
      return Wrong(value, "max_staleness_seconds",
                   absl::StrCat("a number from ", kMinStaleness.count(), " to ", kMaxStaleness.count(),
                                " is expected"));
    config.max_staleness = std::chrono::seconds(number);
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(ReadMap(
      root, "configuration",
      {{"listen", [&](const YAML::Node& value) { return ReadAddress(value, "listen", true, config.listen); }},
       {"http", [&](const YAML::Node& value) { return ReadAddress(value, "http", false, config.http); }},
       {"allow_remote",
        [&](const YAML::Node& value) {
          if (!value.IsScalar() || (value.Scalar() != "true" && value.Scalar() != "false"))
            return Wrong(value, "allow_remote", "true or false is expected");
          config.allow_remote = value.Scalar() == "true";
          return absl::OkStatus();
        }},
       {"max_staleness_seconds", seconds},
       {"rules", [&](const YAML::Node& rules) {
          if (!rules.IsSequence()) return Wrong(rules, "rules", "a list is expected");
          for (size_t i = 0; i < rules.size(); ++i)
            RETURN_IF_ERROR(ReadRule(rules[i], absl::StrCat("rules[", i, "]"), config.rules.emplace_back()));
          return absl::OkStatus();
        }}}));
  if (config.listen.empty() && config.http.empty())
    return Wrong(root, "listen", "listen and http must not both be empty");
  for (const std::string& address : {config.listen, config.http}) {
    if (address.empty() || config.allow_remote || rpc::IsLocalAddress(address)) continue;
    return Wrong(root, "allow_remote",
                 address +
                     " is not an address of this machine only. The gate has no TLS: use 127.0.0.1 or unix:, "
                     "or set allow_remote to true where only the proxy reaches it");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<GateConfig> ParseGateConfig(const std::string& yaml) {
  GateConfig config;
  try {
    const YAML::Node root = YAML::Load(yaml);
    if (root.IsNull()) return config;
    RETURN_IF_ERROR(ReadConfig(root, config));
  } catch (const YAML::Exception& wrong) {
    return absl::InvalidArgumentError(absl::StrCat("line ", wrong.mark.line + 1, ": ", wrong.msg));
  }
  return config;
}

}  // namespace idea::cli
