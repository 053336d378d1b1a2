#include "services/cli/doctor/health_command.h"

#include <string>

#include "services/cli/call/calls.h"
#include "services/cli/command/commands.h"

namespace idea::cli {
namespace {

// `service` is a full name, or empty; `label` is printed before the answer.
ExitCode CheckHealth(const std::string& label, const std::string& service, const Target& target,
                     const CallOptions& options, Environment& env) {
  const absl::StatusOr<rpc::HealthReport> health =
      Sender("health", target, options, env).CheckHealth(service);
  if (!health.ok()) return PrintFailedCall(health.status(), target, env);
  if (!options.quiet) env.out << label << HealthText(*health) << "\n";
  return health->serving ? kDone : kTryAgain;
}

// `name`: "registry", a full name, or empty for the whole server.
ExitCode HealthOf(const Arguments& arguments, std::string name, const std::string& label, Environment& env) {
  std::string service;
  for (const Command& command : Commands()) {
    const std::string& full = command.method->service()->full_name();
    if (name != command.service && name != full) continue;
    service = command.service;
    name = full;
    break;
  }
  const absl::StatusOr<Target> target = TargetOf(arguments, service.empty() ? "default" : service, env);
  if (!target.ok()) return Misuse(target.status(), env);
  return CheckHealth(label, name, *target, arguments.options, env);
}

}  // namespace

std::string HealthText(const rpc::HealthReport& health) {
  std::string text = health.serving ? "SERVING" : "NOT_SERVING";
  if (!health.not_serving.empty()) text += ": " + health.not_serving;
  if (!health.dead_letters.empty() && health.dead_letters != "0")
    text += ", dead letters: " + health.dead_letters;
  return text;
}

ExitCode RunHealth(const Arguments& arguments, Environment& env) {
  const auto context = ReadContextFile(FindContextFile(arguments.context, env.variables));
  if (!context.ok()) return Misuse(context.status(), env);
  const auto& endpoints = context->endpoints;
  if (!arguments.health_service.empty() || !arguments.overrides.endpoint.empty() || endpoints.empty() ||
      endpoints.contains("default")) {
    return HealthOf(arguments, arguments.health_service, "", env);
  }
  ExitCode worst = kDone;
  for (const auto& [service, endpoint] : endpoints) {
    const ExitCode code = HealthOf(arguments, service, service + ": ", env);
    if (code != kDone) worst = code;
  }
  return worst;
}

}  // namespace idea::cli
