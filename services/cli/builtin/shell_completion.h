#ifndef IDEA_SERVICES_CLI_BUILTIN_SHELL_COMPLETION_H_
#define IDEA_SERVICES_CLI_BUILTIN_SHELL_COMPLETION_H_

#include <string>
#include <vector>

#include "services/cli/arguments/arguments.h"
#include "services/cli/context/environment.h"
#include "services/cli/output/failure.h"

namespace idea::cli {

// The completion script for "bash", "zsh" or "fish". It calls `ideactl __complete` for candidates.
std::string CompletionScript(const std::string& shell);

// ideactl completion
ExitCode RunCompletion(const Arguments& arguments, Environment& env);

inline constexpr char kCompleteCommand[] = "__complete";

// Prints the candidates for the last word after "ideactl", a line each: nouns, verbs, flags, enum values,
// identities of the context file, and names of resources from the servers, within two seconds. Prints nothing
// for a file name, which the shell completes.
ExitCode PrintCandidates(const std::vector<std::string>& words, Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_BUILTIN_SHELL_COMPLETION_H_
