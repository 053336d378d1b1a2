#ifndef IDEA_SERVICES_CLI_METHOD_STEP_COMMAND_H_
#define IDEA_SERVICES_CLI_METHOD_STEP_COMMAND_H_

#include "google/protobuf/descriptor.h"
#include "services/cli/arguments/arguments.h"
#include "services/cli/command/commands.h"
#include "services/cli/context/environment.h"
#include "services/cli/output/failure.h"

namespace idea::cli {

// A step of a BUCP's routing by a person: `ideactl sign BUCP`, `ideactl opine BUCP`.
struct StepCommand {
  // The built-in command.
  const char* name;
  // The method to call.
  const char* noun;
  const char* verb;
  // The field of its request that selects the step: the capacity or the discipline.
  const char* which;
};

inline constexpr StepCommand kSign = {"sign", "signatures", "sign", "capacity"};
inline constexpr StepCommand kOpine = {"opine", "opinions", "register", "discipline"};

// The request of the method. Its fields are the flags of the command.
const google::protobuf::Descriptor* RequestOf(const StepCommand& step);

// Calls the method for a BUCP, given by its name or that of its routing. Finds the routing under review, its
// digest and, from the person's open tasks, the capacity or discipline; flags must agree with them. Prints
// title, parties, digest and open concerns on stderr. Asks for confirmation on a terminal, requires --yes
// elsewhere, and neither for a dry run. With --signing-key it also signs the claim.
ExitCode RunSign(const Arguments& arguments, Environment& env);
ExitCode RunOpine(const Arguments& arguments, Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_METHOD_STEP_COMMAND_H_
