#ifndef IDEA_SERVICES_CLI_HELP_ABOUT_COMMANDS_H_
#define IDEA_SERVICES_CLI_HELP_ABOUT_COMMANDS_H_

#include "services/cli/arguments/arguments.h"
#include "services/cli/context/environment.h"
#include "services/cli/output/failure.h"

namespace idea::cli {

// ideactl methods
ExitCode RunMethods(const Arguments& arguments, Environment& env);

// ideactl version
ExitCode RunVersion(const Arguments& arguments, Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_HELP_ABOUT_COMMANDS_H_
