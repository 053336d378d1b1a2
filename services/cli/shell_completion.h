#ifndef IDEA_SERVICES_CLI_SHELL_COMPLETION_H_
#define IDEA_SERVICES_CLI_SHELL_COMPLETION_H_

#include <string>
#include <vector>

#include "services/cli/arguments.h"
#include "services/cli/environment.h"
#include "services/cli/failure.h"

namespace idea::cli {

// The completion script for "bash", "zsh" or "fish". It asks `ideactl __complete` for what fits.
std::string CompletionScript(const std::string& shell);

// ideactl completion
ExitCode RunCompletion(const Arguments& arguments, Environment& env);

inline constexpr char kCompleteCommand[] = "__complete";

// Prints what may stand for the last of the words after "ideactl", a line each: nouns, verbs, flags, enum
// values of that flag, identities of the context file, and names of resources as the servers list them within
// two seconds. Nothing where a file is wanted: shells then offer files.
ExitCode PrintCandidates(const std::vector<std::string>& words, Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_SHELL_COMPLETION_H_
