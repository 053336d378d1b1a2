#include "services/cli/doctor/context_command.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "services/cli/arguments/name_completion.h"
#include "services/cli/command/suggestion.h"
#include "services/cli/context/token_claims.h"
#include "services/cli/output/output.h"

namespace idea::cli {
namespace {

using Json = nlohmann::ordered_json;

absl::StatusOr<ContextFile> Read(const Arguments& arguments, const Environment& env) {
  const std::string path = FindContextFile(arguments.context, env.variables);
  if (path.empty()) {
    return absl::InvalidArgumentError(
        "no context file: give --context, or put one at ./var/context.json or "
        "~/.config/ideactl/context.json");
  }
  return ReadContextFile(path);
}

std::vector<std::string> Identities(const ContextFile& context) {
  std::vector<std::string> names;
  for (const auto& [department, identity] : context.identities) {
    names.push_back(department);
    for (const auto& [person, token] : identity.people) names.push_back(department + "/" + person);
  }
  return names;
}

void Print(const Json& document, const std::vector<Row>& rows, const Row& header, const Arguments& arguments,
           Environment& env) {
  if (IsForPrograms(arguments.options.style.format))
    return PrintDocument(document, arguments.options.style, env.out);
  PrintTable(header, rows, env.out, arguments.options.style.table);
}

}  // namespace

ExitCode ListContexts(const Arguments& arguments, Environment& env) {
  const auto context = Read(arguments, env);
  if (!context.ok()) return Complain(std::string(context.status().message()), kUsage, env);
  const std::string current = arguments.overrides.as.empty() ? context->as : arguments.overrides.as;
  Json list = Json::array();
  std::vector<Row> rows;
  for (const std::string& name : Identities(*context)) {
    const std::string department = name.substr(0, name.find('/'));
    const std::string& certificate = context->identities.at(department).certificate;
    rows.push_back({name == current ? "*" : "", name, certificate});
    list.push_back({{"as", name}, {"current", name == current}, {"certificate", certificate}});
  }
  Print(list, rows, {"CURRENT", "AS", "CERTIFICATE"}, arguments, env);
  return kDone;
}

ExitCode UseContext(const Arguments& arguments, Environment& env) {
  const auto context = Read(arguments, env);
  if (!context.ok()) return Complain(std::string(context.status().message()), kUsage, env);
  const std::vector<std::string> names = Identities(*context);
  const std::string& identity = arguments.path;
  if (std::find(names.begin(), names.end(), identity) == names.end()) {
    return Complain("context use: \"" + identity + "\" is not an identity of " + context->path +
                        DidYouMean(identity, names) + "; expected one of " + Listed(names),
                    kUsage, env);
  }
  std::ifstream in(context->path);
  Json json = Json::parse(in, nullptr, /*allow_exceptions=*/false);
  json["as"] = identity;
  // Written to another file first, so that nobody reads half of it.
  const std::string draft = context->path + ".new";
  std::ofstream out(draft);
  out << json.dump(1) << "\n";
  out.close();
  std::error_code error;
  if (!out.fail()) std::filesystem::rename(draft, context->path, error);
  if (out.fail() || error) return Complain("cannot write " + context->path, kUsage, env);
  if (!arguments.options.quiet) env.err << "--as is " << identity << " by default now\n";
  return kDone;
}

ExitCode ShowContext(const Arguments& arguments, Environment& env) {
  const auto context = ReadContextFile(FindContextFile(arguments.context, env.variables));
  if (!context.ok()) return Complain(std::string(context.status().message()), kUsage, env);
  Json document = {{"file", context->path.empty() ? "none" : context->path}};
  document["as"] = arguments.overrides.as.empty() ? context->as : arguments.overrides.as;
  document["endpoints"] = Json::object();
  for (const auto& [service, address] : context->endpoints) document["endpoints"][service] = address;
  const std::string service = context->endpoints.empty() ? "default" : context->endpoints.begin()->first;
  const auto target = ResolveTarget(*context, arguments.overrides, service);
  if (!target.ok()) return Complain(std::string(target.status().message()), kUsage, env);
  if (!arguments.overrides.endpoint.empty()) document["endpoints"] = {{"default", target->address}};
  document["ca"] = target->authority;
  document["certificate"] = target->certificate;
  document["entity"] = OwnEntity(*target).value_or("none");
  const auto claims = ReadClaims(target->token);
  document["person"] = claims ? claims->subject : "none";
  std::vector<Row> rows;
  for (const auto& [key, value] : document.items())
    rows.push_back({key, value.is_string() ? value.get<std::string>() : value.dump()});
  Print(document, rows, {"WHAT", "VALUE"}, arguments, env);
  return kDone;
}

}  // namespace idea::cli
