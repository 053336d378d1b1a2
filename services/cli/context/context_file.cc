#include "services/cli/context/context_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>

#include "common/status/status.h"

namespace idea::cli {
namespace {

using nlohmann::json;

absl::Status UsageError(const std::string& text) { return absl::InvalidArgumentError(text); }

std::string ValueOf(const Variables& variables, const std::string& name) {
  const auto found = variables.find(name);
  return found == variables.end() ? "" : found->second;
}

// Reads the parts of a context. Reports the first problem with its path in the file.
class Reader {
 public:
  explicit Reader(std::string path)
      : path_(std::move(path)), folder_(std::filesystem::path(path_).parent_path()) {}

  absl::StatusOr<ContextFile> Read() {
    std::ifstream file(path_);
    if (!file) return UsageError("--context: cannot read " + path_);
    const json root = json::parse(file, nullptr, /*allow_exceptions=*/false);
    if (root.is_discarded()) return UsageError("context " + path_ + ": not valid JSON");
    ContextFile context;
    context.path = path_;
    CheckKeys(root, "", {"ca", "as", "endpoints", "identities"});
    context.authority = Path(root, "", "ca");
    context.as = Text(root, "", "as");
    if (const json* endpoints = Object(root, "", "endpoints"))
      context.endpoints = Texts(*endpoints, "endpoints");
    if (const json* identities = Object(root, "", "identities")) {
      for (const auto& [name, value] : identities->items()) {
        context.identities[name] = ReadIdentity(value, "identities." + name);
      }
    }
    if (!problem_.empty()) return UsageError("context " + path_ + ": " + problem_);
    return context;
  }

 private:
  Identity ReadIdentity(const json& value, const std::string& at) {
    Identity identity;
    CheckKeys(value, at, {"cert", "key", "people"});
    identity.certificate = Path(value, at, "cert");
    identity.key = Path(value, at, "key");
    if (const json* people = Object(value, at, "people")) {
      for (const auto& [person, file] : Texts(*people, at + ".people"))
        identity.people[person] = Resolve(file);
    }
    return identity;
  }

  static std::string Place(const std::string& at, const std::string& key) {
    return at.empty() ? key : at + "." + key;
  }

  void Complain(const std::string& at, const std::string& expected) {
    if (problem_.empty()) problem_ = (at.empty() ? "" : "\"" + at + "\": ") + expected;
  }

  void CheckKeys(const json& value, const std::string& at, std::initializer_list<std::string_view> keys) {
    if (!value.is_object()) return Complain(at, "expected an object");
    for (const auto& [key, unused] : value.items()) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
        std::string all;
        for (std::string_view known : keys) all += (all.empty() ? "" : ", ") + std::string(known);
        Complain(Place(at, key), "not known; expected one of " + all);
      }
    }
  }

  const json* Object(const json& value, const std::string& at, const std::string& key) {
    if (!value.is_object() || !value.contains(key)) return nullptr;
    if (value[key].is_object()) return &value[key];
    Complain(Place(at, key), "expected an object");
    return nullptr;
  }

  std::string Text(const json& value, const std::string& at, const std::string& key) {
    if (!value.is_object() || !value.contains(key)) return "";
    if (value[key].is_string()) return value[key].get<std::string>();
    Complain(Place(at, key), "expected a text");
    return "";
  }

  std::map<std::string, std::string> Texts(const json& value, const std::string& at) {
    std::map<std::string, std::string> texts;
    for (const auto& [key, unused] : value.items()) texts[key] = Text(value, at, key);
    return texts;
  }

  std::string Resolve(const std::string& path) { return path.empty() ? "" : (folder_ / path).string(); }
  std::string Path(const json& value, const std::string& at, const std::string& key) {
    return Resolve(Text(value, at, key));
  }

  std::string path_;
  std::filesystem::path folder_;
  std::string problem_;
};

std::string NamesOf(const auto& map) {
  std::string names;
  for (const auto& [name, unused] : map) names += (names.empty() ? "" : ", ") + name;
  return names.empty() ? "none" : names;
}

// Sets certificate and key from `as`, and the token file if it names a person.
absl::Status Impersonate(const ContextFile& context, const std::string& as, Target& target,
                         std::string& token_file) {
  const size_t slash = as.find('/');
  const std::string name = as.substr(0, slash);
  const auto identity = context.identities.find(name);
  if (identity == context.identities.end()) {
    return UsageError("--as: \"" + name + "\" is not an identity of the context file; expected one of: " +
                      NamesOf(context.identities));
  }
  target.certificate = identity->second.certificate;
  target.key = identity->second.key;
  if (slash == std::string::npos) return absl::OkStatus();
  const std::string person = as.substr(slash + 1);
  const auto token = identity->second.people.find(person);
  if (token == identity->second.people.end()) {
    return UsageError("--as: \"" + person + "\" is not a person of " + name +
                      " in the context file; expected one of: " + NamesOf(identity->second.people));
  }
  token_file = token->second;
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadToken(const std::string& path) {
  std::ifstream file(path);
  std::string token;
  if (!file || !(file >> token)) return UsageError("--token-file: cannot read a token from " + path);
  return token;
}

absl::Status CheckReadable(const std::string& flag, const std::string& path) {
  if (path.empty()) return UsageError(flag + ": is missing; give it, or a context file with --context");
  if (!std::ifstream(path)) return UsageError(flag + ": cannot read " + path);
  return absl::OkStatus();
}

std::string EndpointOf(const ContextFile& context, const std::string& service) {
  for (const std::string& key : {service, std::string("default")}) {
    const auto found = context.endpoints.find(key);
    if (found != context.endpoints.end()) return found->second;
  }
  return "";
}

// host:port, with a port number.
bool IsAddress(const std::string& text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) return false;
  return text.find_first_not_of("0123456789", colon + 1) == std::string::npos;
}

}  // namespace

std::string FindContextFile(const std::string& flag, const Variables& variables) {
  if (!flag.empty()) return flag;
  if (std::string named = ValueOf(variables, "IDEACTL_CONTEXT"); !named.empty()) return named;
  const std::string home = ValueOf(variables, "HOME");
  std::error_code ignored;
  for (const std::string& path : {std::string("var/context.json"), home + "/.config/ideactl/context.json"}) {
    if (std::filesystem::exists(path, ignored)) return path;
  }
  return "";
}

absl::StatusOr<ContextFile> ReadContextFile(const std::string& path) {
  if (path.empty()) return ContextFile();
  return Reader(path).Read();
}

absl::StatusOr<Target> ResolveTarget(const ContextFile& context, const Overrides& flags,
                                     const std::string& service) {
  Target target;
  std::string token_file;
  target.address = flags.endpoint.empty() ? EndpointOf(context, service) : flags.endpoint;
  if (target.address.empty()) {
    return UsageError(
        "--endpoint: is missing; give host:port, or a context file that names the endpoint of " + service);
  }
  if (!IsAddress(target.address))
    return UsageError("--endpoint: expected host:port, got \"" + target.address + "\"");
  const std::string as = flags.as.empty() ? context.as : flags.as;
  // A certificate on the command line replaces the default identity of the file.
  if (!as.empty() && (flags.certificate.empty() || !flags.as.empty())) {
    RETURN_IF_ERROR(Impersonate(context, as, target, token_file));
  }
  target.authority = flags.authority.empty() ? context.authority : flags.authority;
  if (!flags.certificate.empty()) target.certificate = flags.certificate;
  if (!flags.key.empty()) target.key = flags.key;
  if (!flags.token_file.empty()) token_file = flags.token_file;
  RETURN_IF_ERROR(CheckReadable("--ca", target.authority));
  RETURN_IF_ERROR(CheckReadable("--cert", target.certificate));
  RETURN_IF_ERROR(CheckReadable("--key", target.key));
  if (!token_file.empty()) {
    ASSIGN_OR_RETURN(target.token, ReadToken(token_file));
  }
  return target;
}

}  // namespace idea::cli
