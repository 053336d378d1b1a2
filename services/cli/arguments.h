#ifndef IDEA_SERVICES_CLI_ARGUMENTS_H_
#define IDEA_SERVICES_CLI_ARGUMENTS_H_

#include <chrono>
#include <string>
#include <vector>

#include "services/cli/built_ins.h"
#include "services/cli/calls.h"
#include "services/cli/commands.h"
#include "services/cli/request_flags.h"

namespace idea::cli {

// The flags of `ideactl log witness`.
struct WitnessOptions {
  // The witness's private key and its name.
  std::string signing_key, name;
  // The logs' public keys.
  std::string log_keys;
  // Where the witness keeps what it has cosigned.
  std::string state;
  // "host:port" to serve C2SP tlog-witness; empty: asks the log itself, every `interval`.
  std::string listen;
  std::chrono::seconds interval{60};
  // Asks once and ends.
  bool once = false;
  // Prints the witness's public key and ends: for the policies of others.
  bool print_key = false;
};

// The parsed command line.
struct Arguments {
  std::string context;
  Overrides overrides;
  CallOptions options;

  // The method to call; null for a built-in command.
  const Command* command = nullptr;
  FlagValues flags;

  // Print the JSON of a request to fill in.
  bool skeleton = false;

  // The built-in command; null for a method.
  const BuiltIn* built_in = nullptr;
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

// Where a call to `service` goes and as whom, from the flags and the context file. Fails with one line that
// says what to give.
absl::StatusOr<Target> TargetOf(const Arguments& arguments, const std::string& service,
                                const Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_ARGUMENTS_H_
