#ifndef IDEA_COMMON_TRANSPARENCY_PROOF_FILE_H_
#define IDEA_COMMON_TRANSPARENCY_PROOF_FILE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

// C2SP tlog-proof: the proof that a log contains an entry, as a text file for verifiers without a server.
namespace idea::transparency {

// The first line of a file.
inline constexpr char kProofHeader[] = "c2sp.org/tlog-proof@v1\n";

struct ProofFile {
  // Data that is not authenticated by the file. The suite writes the entry here.
  std::string extra;
  // The index of the entry.
  int64_t index = 0;
  // The inclusion proof (RFC 6962 section 2.1.1), 32 bytes each.
  std::vector<std::string> proof;
  // The signed checkpoint of the tree.
  std::string checkpoint;
};

std::string FormatProofFile(const ProofFile& file);

// Parses the canonical form only. Verifies nothing. INVALID_ARGUMENT if it is malformed.
absl::StatusOr<ProofFile> ParseProofFile(std::string_view text);

}  // namespace idea::transparency

#endif  // IDEA_COMMON_TRANSPARENCY_PROOF_FILE_H_
