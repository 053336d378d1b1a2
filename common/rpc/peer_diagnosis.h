#ifndef IDEA_COMMON_RPC_PEER_DIAGNOSIS_H_
#define IDEA_COMMON_RPC_PEER_DIAGNOSIS_H_

#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/rpc/connection_check.h"
#include "common/rpc/peer.h"

namespace idea::rpc {

// Determines why a peer cannot be reached: gRPC names only the failure of the last address, without details
// of certificates. Thread-safe.
class PeerDiagnosis {
 public:
  // As in the constructor of Peer.
  PeerDiagnosis(std::string name, const std::string& address, TlsFiles tls, std::string spiffe_id);

  // Gives a failure of the connection the reason PEER_UNAVAILABLE, with metadata `service`, `code` (of gRPC)
  // and, if a certificate is at fault, `cause`. A failure that has a reason, and one of another kind, stays
  // unchanged. Unless the channel is `connected`, this may take a second, once in kInterval.
  absl::Status Explain(absl::Status status, bool connected);

 private:
  using Clock = std::chrono::steady_clock;
  // The last known fault, or the result of a new check. Logs a fault of a certificate when it begins.
  ConnectionCheck Recheck();
  ConnectionCheck Check() const;

  const std::string name_;
  const std::vector<ServerAddress> addresses_;
  // The required name in the certificate; empty if it is that of the host.
  const std::string certificate_name_;
  const TlsFiles tls_;
  const std::string spiffe_id_;
  std::mutex mutex_;
  bool looking_ = false;
  Clock::time_point looked_at_;
  ConnectionCheck last_;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_PEER_DIAGNOSIS_H_
