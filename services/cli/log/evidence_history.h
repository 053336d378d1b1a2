#ifndef IDEA_SERVICES_CLI_LOG_EVIDENCE_HISTORY_H_
#define IDEA_SERVICES_CLI_LOG_EVIDENCE_HISTORY_H_

#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "common/transparency/checkpoint.h"
#include "idea/inventory/v1/evidence.pb.h"

// The history of an agreement in an evidence bundle of format 2: every record of its BUCP and their entries
// in the log.
namespace idea::cli {

// Compares the records with their entries, which must be in the tree. Returns one line for people, or
// INVALID_ARGUMENT with the first fault.
absl::StatusOr<std::string> CheckHistory(const inventory::v1::Evidence& evidence,
                                         const transparency::Checkpoint& tree);

// The names of the signatures whose JWS was made with a key that the log had for the signer's contact before.
// Requires a bundle whose history was checked. Empty for a bundle of format 1, which has no history.
std::set<std::string> SignaturesWithLoggedKey(const inventory::v1::Evidence& evidence);

// Whether the receipt of a filing is about this entry.
bool IsReceiptOf(const inventory::v1::Filing& filing, const inventory::v1::LogEntry& entry);

// Whether the tree contains the leaf.
bool IsInTree(const inventory::v1::LogLeaf& leaf, const transparency::Checkpoint& tree);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_LOG_EVIDENCE_HISTORY_H_
