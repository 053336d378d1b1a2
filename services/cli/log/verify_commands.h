#ifndef IDEA_SERVICES_CLI_LOG_VERIFY_COMMANDS_H_
#define IDEA_SERVICES_CLI_LOG_VERIFY_COMMANDS_H_

#include "services/cli/arguments/arguments.h"
#include "services/cli/context/environment.h"
#include "services/cli/output/failure.h"

// The commands that make a signature or check the register's proofs. A check prints a line for each finding
// and returns kNotProved if one does not hold.
namespace idea::cli {

// ideactl signatures claim: prints the claim's canonical form without a line feed, or with --signing-key the
// detached JWS. Calls no server.
ExitCode RunClaim(const Arguments& arguments, Environment& env);

// ideactl verify
ExitCode RunVerify(const Arguments& arguments, Environment& env);

// ideactl log verify
ExitCode RunLogVerify(const Arguments& arguments, Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_LOG_VERIFY_COMMANDS_H_
