#ifndef IDEA_SERVICES_CLI_COMPLETION_H_
#define IDEA_SERVICES_CLI_COMPLETION_H_

#include <string>

namespace idea::cli {

// The completion script for "bash", "zsh" or "fish": nouns, verbs, flags and the values of enum flags.
std::string CompletionScript(const std::string& shell);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_COMPLETION_H_
