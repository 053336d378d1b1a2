#ifndef IDEA_SERVICES_CLI_LOG_EVIDENCE_VERIFICATION_H_
#define IDEA_SERVICES_CLI_LOG_EVIDENCE_VERIFICATION_H_

#include <string>
#include <string_view>
#include <vector>

#include "common/transparency/policy.h"
#include "idea/inventory/v1/evidence.pb.h"

// Checks an evidence bundle with the log's public key, without a server or a clock.
namespace idea::cli {

// The result of one check.
struct Finding {
  bool holds = false;
  // "signatures"
  std::string subject;
  // One line for people.
  std::string text;
};

// Checks every claim of a bundle. A changed byte is reported with its part or its position in the file.
// `verifiers` are the log's keys (common/transparency/checkpoint.h). With a policy, enough witnesses must
// have cosigned the checkpoint.
std::vector<Finding> VerifyEvidence(std::string_view bundle, std::string_view verifiers,
                                    const transparency::Policy* policy = nullptr);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_LOG_EVIDENCE_VERIFICATION_H_
