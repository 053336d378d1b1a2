#ifndef IDEA_SERVICES_CLI_CONTEXT_COMMAND_H_
#define IDEA_SERVICES_CLI_CONTEXT_COMMAND_H_

#include "services/cli/arguments.h"
#include "services/cli/environment.h"
#include "services/cli/failure.h"

// `ideactl context list|use|show`.
namespace idea::cli {

// Prints every identity of the context file that --as takes, people too, and marks the one that is used where
// --as is not given.
ExitCode ListContexts(const Arguments& arguments, Environment& env);

// Writes that identity into the context file as the one that is used where --as is not given. Leaves the rest
// of the file as it is.
ExitCode UseContext(const Arguments& arguments, Environment& env);

// Prints what a call would use: file, endpoints, identity, certificate, token.
ExitCode ShowContext(const Arguments& arguments, Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_CONTEXT_COMMAND_H_
