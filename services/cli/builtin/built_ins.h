#ifndef IDEA_SERVICES_CLI_BUILTIN_BUILT_INS_H_
#define IDEA_SERVICES_CLI_BUILTIN_BUILT_INS_H_

#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "services/cli/context/environment.h"
#include "services/cli/output/failure.h"

namespace CLI {
class App;
}

namespace idea::cli {

struct Arguments;

// The kind of a command's positional arguments, for completion.
enum class Operands { kOther, kBucp, kNounFirst, kNouns, kIdentity, kShell };

// A command that is not exactly one rpc.
struct BuiltIn {
  // "wait", "log verify".
  const char* name;
  const char* help;
  // Complete, after the word ideactl.
  const char* example;
  ExitCode (*run)(const Arguments& arguments, Environment& env);
  // Declares the positional arguments and flags, to be parsed into `arguments`. Null if there are none.
  void (*add_options)(CLI::App& app, Arguments& arguments) = nullptr;
  Operands operands = Operands::kOther;
  // The message whose fields are flags too. Null if there is none.
  const google::protobuf::Descriptor* (*request)() = nullptr;
};

// Every built-in command, for parsing, help, completion and the manual.
const std::vector<BuiltIn>& BuiltIns();

// The built-in command of that name; null if there is none.
const BuiltIn* FindBuiltIn(std::string_view name);

// Whether it is a flag of the command that takes no value.
bool IsSwitch(const BuiltIn& built_in, const std::string& flag);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_BUILTIN_BUILT_INS_H_
