#ifndef IDEA_SERVICES_CLI_BUILT_INS_H_
#define IDEA_SERVICES_CLI_BUILT_INS_H_

#include <string>
#include <vector>

// What ideactl has beside the methods of the suite.
namespace idea::cli {

// A flag that goes with every command, for --help and completion.
struct GlobalFlag {
  const char* names;
  // What follows it; empty if it is a switch.
  const char* value;
  const char* help;

  // "--token-file"
  std::string LongName() const;
  // The variable of the environment that is used where the flag is not given: "IDEACTL_TOKEN_FILE". A switch
  // is set by "1" or "true".
  std::string Variable() const;
};
const std::vector<GlobalFlag>& GlobalFlags();

// A command that is no rpc, or more than one.
struct BuiltIn {
  // "wait", "log verify".
  const char* name;
  const char* help;
  const char* example;
};
const std::vector<BuiltIn>& BuiltIns();

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_BUILT_INS_H_
