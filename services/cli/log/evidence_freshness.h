#ifndef IDEA_SERVICES_CLI_LOG_EVIDENCE_FRESHNESS_H_
#define IDEA_SERVICES_CLI_LOG_EVIDENCE_FRESHNESS_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/transparency/policy.h"
#include "idea/inventory/v1/evidence.pb.h"

// The state of the agreement in an evidence bundle, and up to which entry of the log that is proved. Uses
// files only.
namespace idea::cli {

enum class Freshness {
  // No checkpoint was given to compare with.
  kNotCompared,
  // Up to the given checkpoint the log contains nothing more about the agreement.
  kCurrent,
  // The log has grown, and the given files do not contain the later entries.
  kUnknown,
  // The log contains later entries about the agreement.
  kOutdated,
  // The bundle and the given checkpoint are of two histories.
  kForked,
  // The bundle lacks an entry about the agreement that its own checkpoint covers: it was forged.
  kIncomplete,
};

// "CURRENT".
std::string NameOf(Freshness freshness);

struct EvidenceState {
  Freshness freshness = Freshness::kNotCompared;
  // Whether the agreement is in force in the tree of `size` entries.
  bool is_in_force = false;
  int64_t size = 0;
  // A time at which that tree existed or, if no witness of the policy has cosigned it, a time before which it
  // did not exist: that of its last known entry. "WITNESS" or "LOG_ENTRY".
  std::optional<absl::Time> time;
  std::string time_source;
  // One line for people.
  std::string text;
};

// A checkpoint to compare with, and the folder that may contain the log's tiles beside it.
struct GivenCheckpoint {
  std::string note;
  std::filesystem::path folder;
};

// Requires a bundle that was verified with these keys of the log. Reads the entries after the last known ones
// from the folder of the given checkpoint and verifies them against it: what is damaged or missing there
// makes the result kUnknown. INVALID_ARGUMENT if the given checkpoint is not signed by the log.
absl::StatusOr<EvidenceState> StateOf(const inventory::v1::Evidence& evidence, std::string_view verifiers,
                                      const transparency::Policy* policy,
                                      const std::optional<GivenCheckpoint>& given, absl::TimeZone zone);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_LOG_EVIDENCE_FRESHNESS_H_
