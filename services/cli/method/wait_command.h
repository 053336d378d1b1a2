#ifndef IDEA_SERVICES_CLI_METHOD_WAIT_COMMAND_H_
#define IDEA_SERVICES_CLI_METHOD_WAIT_COMMAND_H_

#include "services/cli/arguments/arguments.h"
#include "services/cli/context/environment.h"
#include "services/cli/output/failure.h"

namespace idea::cli {

// ideactl wait: calls the Get method of a noun until a field has one of the expected values. Transient
// failures are retried; others end the wait.
ExitCode RunWait(const Arguments& arguments, Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_METHOD_WAIT_COMMAND_H_
