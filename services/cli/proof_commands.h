#ifndef IDEA_SERVICES_CLI_PROOF_COMMANDS_H_
#define IDEA_SERVICES_CLI_PROOF_COMMANDS_H_

#include <chrono>
#include <string>

#include "idea/review/v1/review.pb.h"
#include "services/cli/calls.h"
#include "services/cli/context_file.h"
#include "services/cli/failure.h"
#include "services/cli/log_walk.h"
#include "services/cli/surroundings.h"

// The commands that make files of the register, make a signature or check its proofs. Each of the latter
// prints a line for everything that it looked at and ends with kNotProved if any of that does not hold.
namespace idea::cli {

// ideactl signatures claim <revision> ... [--signing-key <file>]: the claim's canonical form, nothing behind
// it, or the detached JWS. No server is asked.
ExitCode MakeClaim(const review::v1::SignatureClaim& claim, const std::string& signing_key,
                   Surroundings& around);

// Files that say whom the user trusts.
struct TrustFiles {
  // The log's keys; may be empty if the policy names the log.
  std::string keys;
  // C2SP tlog-policy; may be empty.
  std::string policy;
};

// ideactl verify <file> --key <file> [--policy <file>]
ExitCode VerifyFile(const std::string& path, const TrustFiles& trusted, const OutputStyle& style,
                    Surroundings& around);

// ideactl log verify --key <file> [--policy <file>] [--earlier <file>] [--own]
ExitCode VerifyWholeLog(const Target& target, const TrustFiles& trusted, const std::string& earlier,
                        Sight sight, const CallOptions& options, Surroundings& around);

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

// ideactl log witness: runs until it is stopped. Ends with kNotProved when the log contradicts what was
// cosigned before. `target` is null with WitnessOptions::listen.
ExitCode RunWitness(const Target* target, const WitnessOptions& witness, const CallOptions& options,
                    Surroundings& around);

// ideactl log export <folder>
ExitCode WriteLog(const Target& target, const std::string& folder, const CallOptions& options,
                  Surroundings& around);

// ideactl filings export <file>: as CSV, or as JSON lines if its name ends with .jsonl. With a registry to
// ask for names, ideactl filings publish <file>: the public page.
ExitCode WriteRegister(const Target& inventory, const Target* registry, const std::string& path,
                       const CallOptions& options, Surroundings& around);

// ideactl filings import <file> --source <name>: prints every row that was refused, and ends with kUsage if
// there is one.
ExitCode ReadRegister(const Target& inventory, const std::string& path, const std::string& source,
                      bool validate_only, const CallOptions& options, Surroundings& around);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_PROOF_COMMANDS_H_
