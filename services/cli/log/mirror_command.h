#ifndef IDEA_SERVICES_CLI_LOG_MIRROR_COMMAND_H_
#define IDEA_SERVICES_CLI_LOG_MIRROR_COMMAND_H_

#include "services/cli/arguments/arguments.h"
#include "services/cli/context/environment.h"
#include "services/cli/output/failure.h"

namespace idea::cli {

// ideactl log mirror: follows the log until it is stopped. Returns kNotProved when the log contradicts the
// folder.
ExitCode RunLogMirror(const Arguments& arguments, Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_LOG_MIRROR_COMMAND_H_
