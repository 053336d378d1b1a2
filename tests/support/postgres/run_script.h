#ifndef IDEA_TESTS_SUPPORT_POSTGRES_RUN_SCRIPT_H_
#define IDEA_TESTS_SUPPORT_POSTGRES_RUN_SCRIPT_H_

#include <string>

namespace idea::testing {

// Runs shell commands that may use the functions of scripts/servers.sh. Returns what they print, without the
// last line feed. Throws std::runtime_error with it if they fail.
std::string RunScript(const std::string& commands);

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_POSTGRES_RUN_SCRIPT_H_
