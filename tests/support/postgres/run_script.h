#ifndef IDEA_TESTS_SUPPORT_POSTGRES_RUN_SCRIPT_H_
#define IDEA_TESTS_SUPPORT_POSTGRES_RUN_SCRIPT_H_

#include <string>

namespace idea::testing {

// Runs shell commands that may use the functions of scripts/servers.sh. Returns their output without the last
// line feed. Throws std::runtime_error with the output if they fail.
std::string RunScript(const std::string& commands);

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_POSTGRES_RUN_SCRIPT_H_
