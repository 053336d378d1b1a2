#ifndef IDEA_SERVICES_CLI_LOG_RECEIPT_FILE_H_
#define IDEA_SERVICES_CLI_LOG_RECEIPT_FILE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/transparency/policy.h"
#include "services/cli/call/call_function.h"
#include "services/cli/log/evidence_verification.h"

// Receipts as C2SP tlog-proof files, which any tool for that format verifies. The extra data are the entry of
// the log.
namespace idea::cli {

// Reads the receipt of a filing and the proof in the newest checkpoint that the log's witnesses have cosigned
// or, if that lacks the entry, in the newest one. FAILED_PRECONDITION if it is not filed.
absl::StatusOr<std::string> ReadReceipt(const CallFunction& call, const std::string& filing);

// Verifies a file with the log's keys. With a policy, enough witnesses must have cosigned the checkpoint.
std::vector<Finding> VerifyReceipt(std::string_view text, std::string_view verifiers,
                                   const transparency::Policy* policy);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_LOG_RECEIPT_FILE_H_
