#ifndef IDEA_SERVICES_CLI_CLI_APP_H_
#define IDEA_SERVICES_CLI_CLI_APP_H_

#include <string>
#include <vector>

#include "services/cli/context/environment.h"
#include "services/cli/output/failure.h"

namespace idea::cli {

// Runs ideactl with the words after the program's name. Returns its exit code.
ExitCode Run(const std::vector<std::string>& words, Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_CLI_APP_H_
