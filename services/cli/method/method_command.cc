#include "services/cli/method/method_command.h"

#include <string>
#include <utility>
#include <vector>

#include "common/ids/resource_names.h"
#include "services/cli/arguments/name_completion.h"
#include "services/cli/call/calls.h"
#include "services/cli/checkpoint/checkpoint_watch.h"
#include "services/cli/command/request_flags.h"
#include "services/cli/help/explain.h"

namespace idea::cli {
namespace {

using google::protobuf::Message;

// The package of the methods that every server has.
constexpr std::string_view kOperations = "operations";

// Calls a method that every server has: at the server of the service in the request's name, or at all servers
// if the name is empty.
ExitCode RunOperation(const Arguments& arguments, Message& request, Environment& env) {
  const auto* positional = PositionalOf(*request.GetDescriptor());
  const std::string name = request.GetReflection()->GetString(request, positional);
  const bool each = name.empty() && positional->name() == "parent" && !arguments.flags.contains("page_token");
  std::vector<std::pair<std::string, Target>> targets;
  for (const Command& command : Commands()) {
    const std::string& service = command.service;
    if (service == kOperations || (!targets.empty() && targets.back().first == service)) continue;
    if (!each && service != ids::kServices.IdIn(name)) continue;
    absl::StatusOr<Target> target = TargetOf(arguments, service, env);
    if (!target.ok()) return Misuse(target.status(), env);
    targets.emplace_back(service, *std::move(target));
  }
  if (each) {
    return CallEach(*arguments.command, targets, request, !arguments.overrides.endpoint.empty(),
                    arguments.options, env);
  }
  const absl::Status complete = CheckRequired(arguments.flags, *request.GetDescriptor());
  if (!complete.ok()) return Misuse(complete, env);
  if (targets.empty()) {
    return Misuse(absl::InvalidArgumentError("\"" + name +
                                             "\" does not name a service; expected services/NAME such as "
                                             "services/drafting"),
                  env);
  }
  return CallUnary(*arguments.command, targets[0].second, request, arguments.options, env);
}

}  // namespace

ExitCode RunMethod(const Arguments& arguments, Environment& env) {
  const Command& command = *arguments.command;
  if (arguments.skeleton)
    return Explain({FirstWord(command.noun), SecondWord(command.noun), command.verb}, true,
                   arguments.options.style, env);
  const std::unique_ptr<Message> request = NewMessage(command.method->input_type());
  const bool is_operation = command.service == kOperations;
  const absl::StatusOr<Target> target = is_operation ? Target() : TargetOf(arguments, command.service, env);
  FlagValues flags = arguments.flags;
  if (target.ok() && !is_operation) AssumeOwnEntity(command, *target, flags);
  absl::Status status = FillRequest(flags, env.in, *request);
  if (status.ok() && !is_operation) status = CheckRequired(flags, *command.method->input_type());
  if (!status.ok()) return Misuse(status, env);
  if (!target.ok()) return Misuse(target.status(), env);
  if (status = CompleteNames(arguments, *request, env); !status.ok())
    return PrintFailedCallOrMisuse(status, *target, env);
  if (is_operation) return RunOperation(arguments, *request, env);
  if (status = CheckColumns(command, arguments.options.style); !status.ok()) return Misuse(status, env);
  // A method that streams in both directions answers each message, so one message is a unary call.
  const bool watches = command.method->server_streaming() && !command.method->client_streaming();
  const auto call = watches ? CallStream : arguments.options.watch ? WatchList : CallUnary;
  CheckpointWatch checkpoints(arguments, env);
  CallOptions options = arguments.options;
  options.on_response = [&checkpoints](const Message& response) {
    checkpoints.Observe(response);
    return !checkpoints.is_forked();
  };
  return checkpoints.CodeOr(call(command, *target, *request, options, env));
}

}  // namespace idea::cli
