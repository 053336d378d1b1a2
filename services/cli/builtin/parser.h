#ifndef IDEA_SERVICES_CLI_BUILTIN_PARSER_H_
#define IDEA_SERVICES_CLI_BUILTIN_PARSER_H_

#include <optional>
#include <string>
#include <vector>

#include "services/cli/arguments/arguments.h"
#include "services/cli/context/environment.h"
#include "services/cli/output/failure.h"

namespace idea::cli {

// Parses the command line (without the program's name). Returns an exit code if there is nothing more to do:
// help and the version were printed to `out`, or wrong usage as one line to `err`. Sets `json_errors` of
// `env` from -o.
std::optional<ExitCode> ParseArguments(const std::vector<std::string>& words, Arguments& arguments,
                                       Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_BUILTIN_PARSER_H_
