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

// Finds out why a peer cannot be reached: gRPC names the failure of the last address of several, and no
// details of a certificate. Safe for many threads.
class PeerDiagnosis {
 public:
  // As in the constructor of Peer.
  PeerDiagnosis(std::string name, const std::string& address, TlsFiles tls, std::string spiffe_id);

  // Gives a failure of the connection the reason PEER_UNAVAILABLE, with metadata `service`, gRPC's code in
  // `code` and, if a certificate is at fault, what is wrong with it in `cause`. A failure that has a reason,
  // and one of another kind, stays as it is. Unless the channel is `connected`, it may take a second, once in
  // kInterval.
  absl::Status Explain(absl::Status status, bool connected);

 private:
  using Clock = std::chrono::steady_clock;
  // The fault that was found last, or that is found now. Logs one of a certificate when it begins.
  ConnectionCheck Look();
  ConnectionCheck Check() const;

  const std::string name_;
  const std::vector<ServerAddress> addresses_;
  // The name that the certificate must have; empty if it is the host's.
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
