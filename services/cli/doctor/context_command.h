#ifndef IDEA_SERVICES_CLI_DOCTOR_CONTEXT_COMMAND_H_
#define IDEA_SERVICES_CLI_DOCTOR_CONTEXT_COMMAND_H_

#include "services/cli/arguments/arguments.h"
#include "services/cli/context/environment.h"
#include "services/cli/output/failure.h"

// `ideactl context list|use|show`.
namespace idea::cli {

// Prints every identity of the context file, people too, and marks the default of --as.
ExitCode ListContexts(const Arguments& arguments, Environment& env);

// Stores an identity in the context file as the default of --as. Does not change the rest of the file.
ExitCode UseContext(const Arguments& arguments, Environment& env);

// Prints what a call would use: file, endpoints, identity, certificate, token.
ExitCode ShowContext(const Arguments& arguments, Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_DOCTOR_CONTEXT_COMMAND_H_
