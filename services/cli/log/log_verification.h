#ifndef IDEA_SERVICES_CLI_LOG_LOG_VERIFICATION_H_
#define IDEA_SERVICES_CLI_LOG_LOG_VERIFICATION_H_

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/cli/log/evidence_verification.h"
#include "services/cli/log/log_tiles.h"
#include "services/cli/log/record_verification.h"

// Verifies the whole transparency log, which it reads with the register's methods.
namespace idea::cli {

struct LogVerification {
  std::vector<Finding> findings;
  // The checkpoint that was verified, to be passed as `earlier` the next time.
  std::string checkpoint;
};

// Waits for entries about records that have just changed.
using WaitForLog = std::function<void(std::chrono::milliseconds)>;

// Compares the log with its checkpoint, with its tiles, with an earlier checkpoint (empty: none) and with
// every filing, its terms and every notice that the caller sees. `verifiers` are the log's keys. With a
// policy, enough witnesses must have cosigned a prefix of the log. With `records`, compares the records of
// every service too. With `authorities`, certificates in PEM, the newest time-stamp of the log must be one of
// these authorities. Fails only if the log or a record cannot be read.
absl::StatusOr<LogVerification> VerifyLog(const CallFunction& call, const std::string& verifiers,
                                          const std::string& earlier, Visibility visibility,
                                          const Progress& progress,
                                          const transparency::Policy* policy = nullptr,
                                          RecordVerification* records = nullptr,
                                          const WaitForLog& wait = nullptr,
                                          const std::string* authorities = nullptr);

// Whether a time-stamp token (RFC 3161, DER) is one of these authorities over a checkpoint.
Finding CheckTimestamp(const std::string& checkpoint, const std::string& token,
                       const std::string& authorities);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_LOG_LOG_VERIFICATION_H_
