#ifndef IDEA_SERVICES_CLI_EVIDENCE_VERIFICATION_H_
#define IDEA_SERVICES_CLI_EVIDENCE_VERIFICATION_H_

#include <string>
#include <string_view>
#include <vector>

#include "common/transparency/policy.h"
#include "idea/inventory/v1/evidence.pb.h"

// Checks an evidence bundle with nothing but the log's public key: no server, no clock.
namespace idea::cli {

// One thing that was checked.
struct Finding {
  bool holds = false;
  // "signatures"
  std::string subject;
  // What was found, one line.
  std::string text;
};

// Everything that a bundle claims. Any byte that is not as it was sealed is named by the part that holds it,
// or by its place in the file. `verifiers` are the log's keys (common/transparency/checkpoint.h). With a
// policy, enough witnesses must have cosigned the checkpoint.
std::vector<Finding> VerifyEvidence(std::string_view bundle, std::string_view verifiers,
                                    const transparency::Policy* policy = nullptr);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_EVIDENCE_VERIFICATION_H_
