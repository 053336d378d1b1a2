#include "services/cli/cli_app.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "common/config/version.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/cli/arguments.h"
#include "services/cli/completion.h"
#include "services/cli/consent.h"
#include "services/cli/context_command.h"
#include "services/cli/doctor.h"
#include "services/cli/explain.h"
#include "services/cli/manual.h"
#include "services/cli/names.h"
#include "services/cli/proof_commands.h"
#include "services/cli/request_flags.h"
#include "services/cli/table.h"
#include "services/cli/waiting.h"

namespace idea::cli {
namespace {

using google::protobuf::Message;

ExitCode Misuse(const absl::Status& status, Surroundings& around) {
  return Complain(std::string(status.message()), kUsage, around);
}

// The service of the package of methods that every server has.
constexpr std::string_view kOperations = "operations";

// A name that nothing fits is wrong usage; a list that a server refuses or that no server gives fails as any
// call.
ExitCode FailToComplete(const absl::Status& status, const Target& target, Surroundings& around) {
  const bool is_from_server = status::ReasonOf(status) != status::Reason::ERROR_REASON_UNSPECIFIED;
  return is_from_server ? PrintFailedCall(status, target, around) : Misuse(status, around);
}

// Calls a method of every server at the one that runs the service in the request's name, or at all of them if
// it names none.
ExitCode RunOperation(const Arguments& arguments, Message& request, Surroundings& around) {
  const auto* positional = PositionalOf(*request.GetDescriptor());
  const std::string name = request.GetReflection()->GetString(request, positional);
  const bool each = name.empty() && positional->name() == "parent" && !arguments.given.contains("page_token");
  std::vector<std::pair<std::string, Target>> targets;
  for (const Command& command : Commands()) {
    const std::string& service = command.service;
    if (service == kOperations || (!targets.empty() && targets.back().first == service)) continue;
    if (!each && service != ids::Segment(name, 1)) continue;
    absl::StatusOr<Target> target = TargetOf(arguments, service, around);
    if (!target.ok()) return Misuse(target.status(), around);
    targets.emplace_back(service, *std::move(target));
  }
  if (each) {
    return CallEach(*arguments.command, targets, request, !arguments.overrides.endpoint.empty(),
                    arguments.options, around);
  }
  const absl::Status complete = CheckRequired(arguments.given, *request.GetDescriptor());
  if (!complete.ok()) return Misuse(complete, around);
  if (targets.empty()) {
    return Misuse(absl::InvalidArgumentError("\"" + name +
                                             "\" names no service, wanted services/NAME such as "
                                             "services/drafting"),
                  around);
  }
  return CallUnary(*arguments.command, targets[0].second, request, arguments.options, around);
}

ExitCode RunMethod(const Arguments& arguments, Surroundings& around) {
  const Command& command = *arguments.command;
  if (arguments.skeleton)
    return Explain({FirstWord(command.noun), SecondWord(command.noun), command.verb}, true,
                   arguments.options.style, around);
  const std::unique_ptr<Message> request = NewMessage(command.method->input_type());
  const bool is_operation = command.service == kOperations;
  const absl::StatusOr<Target> target =
      is_operation ? Target() : TargetOf(arguments, command.service, around);
  Given given = arguments.given;
  if (target.ok() && !is_operation) AssumeOwnEntity(command, *target, given);
  absl::Status status = FillRequest(given, around.in, *request);
  if (status.ok() && !is_operation) status = CheckRequired(given, *command.method->input_type());
  if (!status.ok()) return Misuse(status, around);
  if (!target.ok()) return Misuse(target.status(), around);
  if (status = CompleteNames(arguments, *request, around); !status.ok())
    return FailToComplete(status, *target, around);
  if (is_operation) return RunOperation(arguments, *request, around);
  if (status = CheckColumns(command, arguments.options.style); !status.ok()) return Misuse(status, around);
  // One that streams both ways answers message by message: one of them is a call like others.
  const bool watches = command.method->server_streaming() && !command.method->client_streaming();
  const auto call = watches ? CallStream : arguments.options.watch ? WatchList : CallUnary;
  return call(command, *target, *request, arguments.options, around);
}

// "state=EXECUTED,FILED"
absl::StatusOr<Condition> ParseCondition(const Command& get, const std::string& text) {
  const size_t equals = text.find('=');
  Condition condition{text.substr(0, equals), {}};
  for (size_t begin = equals; begin < text.size();) {
    const size_t end = std::min(text.find(',', begin + 1), text.size());
    if (end > begin + 1) condition.values.push_back(text.substr(begin + 1, end - begin - 1));
    begin = end;
  }
  if (condition.values.empty()) return absl::InvalidArgumentError("--for: wanted field=VALUE");
  if (!HasColumn(*get.method->output_type(), condition.path)) {
    return absl::InvalidArgumentError("--for: \"" + condition.path + "\" is no field of " + get.noun);
  }
  return condition;
}

ExitCode RunWait(const Arguments& arguments, Surroundings& around) {
  const Command* get = FindCommand(arguments.wait_noun, "get");
  if (get == nullptr || PositionalOf(*get->method->input_type()) == nullptr) {
    return Misuse(
        absl::InvalidArgumentError("wait: \"" + arguments.wait_noun + "\" is no noun with the verb get"),
        around);
  }
  const absl::StatusOr<Condition> condition = ParseCondition(*get, arguments.wait_for);
  if (!condition.ok()) return Misuse(condition.status(), around);
  const absl::StatusOr<Target> target = TargetOf(arguments, get->service, around);
  if (!target.ok()) return Misuse(target.status(), around);
  const std::unique_ptr<Message> request = NewMessage(get->method->input_type());
  const auto* field = PositionalOf(*request->GetDescriptor());
  request->GetReflection()->SetString(request.get(), field, arguments.wait_name);
  const absl::Status status = CompleteNames(arguments, *request, around);
  if (!status.ok()) return FailToComplete(status, *target, around);
  const std::string name = request->GetReflection()->GetString(*request, field);
  return Wait(*get, *target, name, *condition, arguments.options, around);
}

// `name`: "registry", a full name, or empty for the whole server.
ExitCode HealthOf(const Arguments& arguments, std::string name, const std::string& label,
                  Surroundings& around) {
  std::string service;
  for (const Command& command : Commands()) {
    const std::string& full = command.method->service()->full_name();
    if (name != command.service && name != full) continue;
    service = command.service;
    name = full;
    break;
  }
  const absl::StatusOr<Target> target = TargetOf(arguments, service.empty() ? "default" : service, around);
  if (!target.ok()) return Misuse(target.status(), around);
  return CheckHealth(label, name, *target, arguments.options, around);
}

ExitCode RunHealth(const Arguments& arguments, Surroundings& around) {
  const auto context = ReadContextFile(FindContextFile(arguments.context, around.env));
  if (!context.ok()) return Misuse(context.status(), around);
  const auto& endpoints = context->endpoints;
  if (!arguments.health_service.empty() || !arguments.overrides.endpoint.empty() || endpoints.empty() ||
      endpoints.contains("default")) {
    return HealthOf(arguments, arguments.health_service, "", around);
  }
  ExitCode worst = kDone;
  for (const auto& [service, endpoint] : endpoints) {
    const ExitCode code = HealthOf(arguments, service, service + ": ", around);
    if (code != kDone) worst = code;
  }
  return worst;
}

ExitCode RunClaim(const Arguments& arguments, Surroundings& around) {
  review::v1::SignatureClaim claim;
  absl::Status status = FillRequest(arguments.given, around.in, claim);
  if (status.ok()) status = CheckRequired(arguments.given, *claim.GetDescriptor());
  if (!status.ok()) return Misuse(status, around);
  return MakeClaim(claim, arguments.signing_key, around);
}

ExitCode RunProof(const Arguments& arguments, Surroundings& around) {
  if (arguments.built_in == "verify") {
    return VerifyFile(arguments.path, {arguments.log_key, arguments.policy}, arguments.options.style, around);
  }
  if (arguments.built_in == "log witness" &&
      (!arguments.witness.listen.empty() || arguments.witness.print_key))
    return RunWitness(nullptr, arguments.witness, arguments.options, around);
  const absl::StatusOr<Target> target = TargetOf(arguments, "inventory", around);
  if (!target.ok()) return Misuse(target.status(), around);
  if (arguments.built_in == "log witness") {
    return RunWitness(&*target, arguments.witness, arguments.options, around);
  }
  if (arguments.built_in == "log export") return WriteLog(*target, arguments.path, arguments.options, around);
  if (arguments.built_in == "filings export") {
    return WriteRegister(*target, nullptr, arguments.path, arguments.options, around);
  }
  if (arguments.built_in == "filings import") {
    return ReadRegister(*target, arguments.path, arguments.source, arguments.validate_only, arguments.options,
                        around);
  }
  if (arguments.built_in == "filings publish") {
    const absl::StatusOr<Target> registry = TargetOf(arguments, "registry", around);
    if (!registry.ok()) return Misuse(registry.status(), around);
    return WriteRegister(*target, &*registry, arguments.path, arguments.options, around);
  }
  return VerifyWholeLog(*target, {arguments.log_key, arguments.policy}, arguments.earlier,
                        arguments.own ? Sight::kOwn : Sight::kAll, arguments.options, around);
}

ExitCode ListMethods(const Arguments& arguments, Surroundings& around) {
  std::vector<Row> rows;
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Command& command : Commands()) {
    if (command.hidden) continue;
    const std::string rpc = command.method->service()->full_name() + "/" + command.method->name();
    rows.push_back({command.noun, command.verb, rpc, command.help});
    list.push_back({{"noun", command.noun}, {"verb", command.verb}, {"rpc", rpc}, {"help", command.help}});
  }
  if (IsForPrograms(arguments.options.style.format)) {
    PrintDocument(list, arguments.options.style, around.out);
  } else {
    PrintTable({"NOUN", "VERB", "RPC", "HELP"}, rows, around.out, arguments.options.style.table);
  }
  return kDone;
}

ExitCode PrintExplanation(const Arguments& arguments, Surroundings& around) {
  return Explain(arguments.words, arguments.skeleton, arguments.options.style, around);
}

ExitCode PrintCompletion(const Arguments& arguments, Surroundings& around) {
  around.out << CompletionScript(arguments.shell);
  return kDone;
}

ExitCode PrintVersion(const Arguments& arguments, Surroundings& around) {
  if (IsForPrograms(arguments.options.style.format)) {
    PrintDocument({{"version", config::Version()}, {"commit", config::Commit()}}, arguments.options.style,
                  around.out);
  } else {
    around.out << config::VersionLine("ideactl") << "\n";
  }
  return kDone;
}

ExitCode PrintManual(const Arguments& arguments, Surroundings& around) {
  const std::map<std::string, std::string> pages = ManualPages();
  if (arguments.path.empty()) {
    std::string name = "ideactl";
    for (const std::string& word : arguments.words) name += "-" + word;
    const auto page = pages.find(name + ".1");
    if (page == pages.end()) return Complain("man: there is no page " + name, kUsage, around);
    around.out << page->second;
    return kDone;
  }
  std::error_code ignored;
  std::filesystem::create_directories(arguments.path, ignored);
  for (const auto& [name, text] : pages) {
    std::ofstream file(std::filesystem::path(arguments.path) / name);
    file << text;
    file.close();
    if (file.fail()) return Complain("cannot write " + arguments.path + "/" + name, kUsage, around);
  }
  if (!arguments.options.quiet)
    around.err << "wrote " << pages.size() << " pages to " << arguments.path << "\n";
  return kDone;
}

}  // namespace

ExitCode Run(const std::vector<std::string>& words, Surroundings& around) {
  ShowTimesIn(around.clock.zone());
  if (!words.empty() && words[0] == kCompleteCommand)
    return PrintCandidates({words.begin() + 1, words.end()}, around);
  Arguments arguments;
  if (auto code = ParseArguments(words, arguments, around)) return *code;
  if (arguments.command != nullptr) return RunMethod(arguments, around);
  if (const StepCommand* step = FindStepCommand(arguments.built_in))
    return TakeStep(*step, arguments, around);
  static const std::map<std::string, ExitCode (*)(const Arguments&, Surroundings&)>& built_ins =
      *new std::map<std::string, ExitCode (*)(const Arguments&, Surroundings&)>{
          {"wait", RunWait},         {"health", RunHealth},           {"methods", ListMethods},
          {"doctor", RunDoctor},     {"context list", ListContexts},  {"context use", UseContext},
          {"man", PrintManual},      {"context show", ShowContext},   {"signatures claim", RunClaim},
          {"version", PrintVersion}, {"completion", PrintCompletion}, {"explain", PrintExplanation}};
  const auto found = built_ins.find(arguments.built_in);
  return found == built_ins.end() ? RunProof(arguments, around) : found->second(arguments, around);
}

}  // namespace idea::cli
