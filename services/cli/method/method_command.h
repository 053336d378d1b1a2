#ifndef IDEA_SERVICES_CLI_METHOD_METHOD_COMMAND_H_
#define IDEA_SERVICES_CLI_METHOD_METHOD_COMMAND_H_

#include "services/cli/arguments/arguments.h"
#include "services/cli/context/environment.h"
#include "services/cli/output/failure.h"

namespace idea::cli {

// Calls the method that the command line names, with a request made from its flags.
ExitCode RunMethod(const Arguments& arguments, Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_METHOD_METHOD_COMMAND_H_
