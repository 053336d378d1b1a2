#ifndef IDEA_SERVICES_CLI_OUTPUT_GLOBAL_FLAGS_H_
#define IDEA_SERVICES_CLI_OUTPUT_GLOBAL_FLAGS_H_

#include <string>
#include <vector>

namespace idea::cli {

// A flag of every command, for --help and completion.
struct GlobalFlag {
  const char* names;
  // The placeholder of its value; empty if it is a switch.
  const char* value;
  const char* help;

  // "--token-file"
  std::string LongName() const;
  // The environment variable that is used where the flag is not given: "IDEACTL_TOKEN_FILE". A switch is set
  // by "1" or "true".
  std::string Variable() const;
};
const std::vector<GlobalFlag>& GlobalFlags();

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_OUTPUT_GLOBAL_FLAGS_H_
