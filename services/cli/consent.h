#ifndef IDEA_SERVICES_CLI_CONSENT_H_
#define IDEA_SERVICES_CLI_CONSENT_H_

#include <string>

#include "services/cli/arguments.h"
#include "services/cli/commands.h"
#include "services/cli/failure.h"
#include "services/cli/surroundings.h"

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

// The step command of that name; null if there is none.
const StepCommand* FindStepCommand(const std::string& name);

// Takes the step on a BUCP, given by its name or that of its routing, with the flags of the method. Finds the
// routing that is under review, its digest and, from the person's open tasks, the capacity or discipline;
// what is given as a flag must agree. Shows what is signed on stderr: title, parties, digest, open concerns.
// On a terminal asks; elsewhere wants --yes. A dry run asks nothing. A --signing-key signs the claim too.
ExitCode TakeStep(const StepCommand& step, const Arguments& arguments, Surroundings& around);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_CONSENT_H_
