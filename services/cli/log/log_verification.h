#ifndef IDEA_SERVICES_CLI_LOG_LOG_VERIFICATION_H_
#define IDEA_SERVICES_CLI_LOG_LOG_VERIFICATION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/cli/log/evidence_verification.h"
#include "services/cli/log/log_tiles.h"

// Verifies the whole transparency log, which it reads with the register's methods.
namespace idea::cli {

struct LogVerification {
  std::vector<Finding> findings;
  // The checkpoint that was verified, to be passed as `earlier` the next time.
  std::string checkpoint;
};

// The part of the register that the caller sees: the Statewide CDO's office sees all filings and notices, a
// department only its own.
enum class Visibility { kAll, kOwn };

// Compares the log with its checkpoint, with its tiles, with an earlier checkpoint (empty: none) and with
// every filing, its terms and every notice that the caller sees. `verifiers` are the log's keys. With a
// policy, enough witnesses must have cosigned a prefix of the log. Fails only if the log cannot be read.
absl::StatusOr<LogVerification> VerifyLog(const CallFunction& call, const std::string& verifiers,
                                          const std::string& earlier, Visibility visibility,
                                          const Progress& progress,
                                          const transparency::Policy* policy = nullptr);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_LOG_LOG_VERIFICATION_H_
