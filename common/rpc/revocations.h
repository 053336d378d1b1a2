#ifndef IDEA_COMMON_RPC_REVOCATIONS_H_
#define IDEA_COMMON_RPC_REVOCATIONS_H_

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "absl/status/status.h"
#include "common/rpc/certificates.h"

namespace idea::rpc {

// The certificates that the authorities have revoked, from a file of revocation lists (CRLs) in PEM form. A
// file that is missing, empty, unreadable, or not signed by the authorities never replaces good lists. A list
// stays in use after its next update: the certificates on it stay revoked, and no others are refused.
// Thread-safe.
class Revocations {
 public:
  // A list in use.
  struct InUse {
    std::string issuer;
    // 0 if the authority does not say.
    clock::Micros next_update = 0;
  };

  // `file` may be empty: no certificate is revoked.
  explicit Revocations(std::string file) : file_(std::move(file)) {}

  // Reads the file again. Good lists that differ replace those in use.
  void Refresh(const std::string& authorities);
  // Whether the file is good, as last read. The failure names the file in one line.
  absl::Status Check() const;
  // Whether a certificate (Certificate::id) is on a list in use.
  bool Contains(const std::string& id) const;
  // Increases with each change of the lists in use.
  uint64_t version() const { return version_; }

  const std::string& file() const { return file_; }
  std::vector<InUse> lists() const;

 private:
  const std::string file_;
  std::atomic<uint64_t> version_{0};
  mutable std::mutex mutex_;
  // The file and the authorities as last read, and as in use.
  std::string read_, used_;
  absl::Status status_;
  bool reported_ = true;
  std::vector<InUse> lists_;
  std::unordered_set<std::string> revoked_;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_REVOCATIONS_H_
