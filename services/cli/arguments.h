#ifndef IDEA_SERVICES_CLI_ARGUMENTS_H_
#define IDEA_SERVICES_CLI_ARGUMENTS_H_

#include <optional>
#include <string>
#include <vector>

#include "services/cli/built_ins.h"
#include "services/cli/calls.h"
#include "services/cli/commands.h"
#include "services/cli/proof_commands.h"
#include "services/cli/request_flags.h"

namespace idea::cli {

// The command line, taken apart.
struct Arguments {
  std::string context;
  Overrides overrides;
  CallOptions options;

  // The method to call; null for a built-in command.
  const Command* command = nullptr;
  Given given;

  // Print the JSON of a request to fill in.
  bool skeleton = false;

  // Name of the built-in command; empty for a method.
  std::string built_in;
  // What `explain` explains.
  std::vector<std::string> words;
  std::string wait_noun;
  std::string wait_name;
  std::string wait_for;
  std::string health_service;
  std::string shell;
  // The file or folder that a built-in command reads or writes.
  std::string path;
  // Where imported filings come from.
  std::string source;
  bool validate_only = false;
  std::string log_key;
  // The person's private key that a claim is signed with; empty: the claim itself is wanted.
  std::string signing_key;
  std::string earlier;
  // File of C2SP tlog-policy: which witnesses have to have cosigned.
  std::string policy;
  WitnessOptions witness;
  // Of `log verify`: the caller sees its own filings only.
  bool own = false;
};

// Takes the command line (without the program's name) apart. Returns an exit code instead where that is all:
// help and version on `out`, wrong usage as one line on `err`. Sets `json_errors` of `around` as -o asks.
std::optional<ExitCode> ParseArguments(const std::vector<std::string>& words, Arguments& arguments,
                                       Surroundings& around);

// Where a call to `service` goes and as whom, from the flags and the context file. Fails with one line that
// says what to give.
absl::StatusOr<Target> TargetOf(const Arguments& arguments, const std::string& service,
                                const Surroundings& around);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_ARGUMENTS_H_
