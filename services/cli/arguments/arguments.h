#ifndef IDEA_SERVICES_CLI_ARGUMENTS_ARGUMENTS_H_
#define IDEA_SERVICES_CLI_ARGUMENTS_ARGUMENTS_H_

#include <chrono>
#include <string>
#include <vector>

#include "services/cli/call/calls.h"
#include "services/cli/command/commands.h"
#include "services/cli/command/request_flags.h"

namespace idea::cli {

struct BuiltIn;

// The flags of `ideactl log witness`.
struct WitnessOptions {
  // The witness's private key and its name.
  std::string signing_key, name;
  // The logs' public keys.
  std::string log_keys;
  // Folder with the checkpoints that the witness has cosigned.
  std::string state;
  // "host:port" to serve C2SP tlog-witness. Empty: polls the log every `interval`.
  std::string listen;
  std::chrono::seconds interval{60};
  // Polls once and exits.
  bool once = false;
  // Prints the witness's public key, for policies, and exits.
  bool print_key = false;
};

// The flags of `ideactl log mirror`.
struct MirrorOptions {
  std::chrono::seconds interval{60};
  // Reads the log once and exits.
  bool once = false;
  // Prints the new entries that concern the caller.
  bool monitor = false;
};

// The parsed command line.
struct Arguments {
  std::string context;
  Overrides overrides;
  CallOptions options;

  // The method to call. Null for a built-in command.
  const Command* command = nullptr;
  FlagValues flags;

  // Print the JSON of a request to fill in.
  bool skeleton = false;

  // The built-in command. Null for a method.
  const BuiltIn* built_in = nullptr;
  // The subject of `explain`, or the noun of `man`.
  std::vector<std::string> words;
  std::string wait_noun;
  std::string wait_name;
  std::string wait_for;
  std::string health_service;
  std::string shell;
  // The file or folder that a built-in command reads or writes.
  std::string path;
  // The name of the register that imported filings come from.
  std::string source;
  bool validate_only = false;
  std::string log_key;
  // File with the private key that signs a claim. Empty: the claim is printed unsigned.
  std::string signing_key;
  std::string earlier;
  // For `verify`: a checkpoint to compare the bundle with.
  std::string checkpoint;
  // The token of a time-stamping authority over a checkpoint, and the certificates that it is verified with.
  std::string timestamp, timestamp_ca;
  // File of C2SP tlog-policy: the witnesses that must have cosigned.
  std::string policy;
  WitnessOptions witness;
  MirrorOptions mirror;
  // For `log verify`: the caller sees only its own filings.
  bool own = false;
};

// The endpoint and identity for calls to `service`, from the flags and the context file. Fails with one line
// that names the flag to give.
absl::StatusOr<Target> TargetOf(const Arguments& arguments, const std::string& service,
                                const Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_ARGUMENTS_ARGUMENTS_H_
