#ifndef IDEA_SERVICES_CLI_BUILTIN_MANUAL_H_
#define IDEA_SERVICES_CLI_BUILTIN_MANUAL_H_

#include <map>
#include <string>

#include "services/cli/arguments/arguments.h"
#include "services/cli/context/environment.h"
#include "services/cli/output/failure.h"

namespace idea::cli {

// The manual pages in man(7) format by file name: "ideactl.1", and "ideactl-bucps.1" for each noun with its
// verbs, their flags and examples.
std::map<std::string, std::string> ManualPages();

// ideactl man: prints one page, or writes all of them into a folder.
ExitCode RunManual(const Arguments& arguments, Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_BUILTIN_MANUAL_H_
