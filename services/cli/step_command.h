#ifndef IDEA_SERVICES_CLI_STEP_COMMAND_H_
#define IDEA_SERVICES_CLI_STEP_COMMAND_H_

#include "google/protobuf/descriptor.h"
#include "services/cli/arguments.h"
#include "services/cli/commands.h"
#include "services/cli/environment.h"
#include "services/cli/failure.h"

namespace idea::cli {

// A step of a BUCP's routing that a person takes: `ideactl sign BUCP`, `ideactl opine BUCP`.
struct StepCommand {
  // The built-in command.
  const char* name;
  // The method that takes the step.
  const char* noun;
  const char* verb;
  // The field of its request that says which step: in which capacity, or in which discipline.
  const char* which;
};

inline constexpr StepCommand kSign = {"sign", "signatures", "sign", "capacity"};
inline constexpr StepCommand kOpine = {"opine", "opinions", "register", "discipline"};

// The request of the method that takes the step. Its fields are the flags of the command.
const google::protobuf::Descriptor* RequestOf(const StepCommand& step);

// Takes the step on a BUCP, given by its name or that of its routing, with the flags of the method. Finds the
// routing that is under review, its digest and, from the person's open tasks, the capacity or discipline;
// what is given as a flag must agree. Shows what is signed on stderr: title, parties, digest, open concerns.
// On a terminal asks; elsewhere wants --yes. A dry run asks nothing. A --signing-key signs the claim too.
ExitCode RunSign(const Arguments& arguments, Environment& env);
ExitCode RunOpine(const Arguments& arguments, Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_STEP_COMMAND_H_
