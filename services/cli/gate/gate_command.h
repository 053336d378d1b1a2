#ifndef IDEA_SERVICES_CLI_GATE_GATE_COMMAND_H_
#define IDEA_SERVICES_CLI_GATE_GATE_COMMAND_H_

#include "services/cli/arguments/arguments.h"
#include "services/cli/context/environment.h"
#include "services/cli/output/failure.h"

namespace idea::cli {

// ideactl exchange gate: decides about exchanges beside a pipeline until it is stopped by SIGTERM or SIGINT.
ExitCode RunGate(const Arguments& arguments, Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_GATE_GATE_COMMAND_H_
