#include "services/cli/doctor/health_command.h"

#include <string>

#include "grpc/health/v1/health.pb.h"
#include "services/cli/call/calls.h"
#include "services/cli/command/commands.h"

namespace idea::cli {
namespace {

// `service` is a full name, or empty; `label` is printed before the answer.
ExitCode CheckHealth(const std::string& label, const std::string& service, const Target& target,
                     const CallOptions& options, Environment& env) {
  // A probe reports the current state.
  CallOptions once = options;
  once.retries = false;
  Sender sender("health", target, once, env);
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  grpc::health::v1::HealthCheckResponse response;
  const absl::Status status = sender.Send(request, &response);
  if (!status.ok()) return PrintFailedCall(status, target, env);
  if (!options.quiet)
    env.out << label << grpc::health::v1::HealthCheckResponse::ServingStatus_Name(response.status()) << "\n";
  return response.status() == grpc::health::v1::HealthCheckResponse::SERVING ? kDone : kTryAgain;
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
