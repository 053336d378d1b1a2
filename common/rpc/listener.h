#ifndef IDEA_COMMON_RPC_LISTENER_H_
#define IDEA_COMMON_RPC_LISTENER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/auth/auth.h"
#include "common/rpc/connection_settings.h"
#include "common/rpc/peer.h"
#include "common/rpc/pipeline.h"
#include "common/rpc/router.h"
#include "common/rpc/server_state.h"

namespace idea::rpc {

// A gRPC port with mutual TLS for any number of services, each with its own pipeline, and with health
// (grpc.health.v1, one name per service) and reflection (v1 and v1alpha). One generic service serves all of
// them: the pipeline receives the raw bytes of a request, so that even a malformed one gets a structured
// answer.
class Listener {
 public:
  // `workers` threads serve departments, half as many serve the calls that services make for them, and a
  // quarter those that these make in turn. Each of the three has a queue of `queue` calls.
  Listener(const auth::Authenticator& authenticator, int workers, size_t queue,
           const ConnectionSettings& connections = {});
  Listener(const auth::Authenticator& authenticator, int workers, const ServerState::Limits& limits,
           const ConnectionSettings& connections = {});
  ~Listener();

  // Adds a service. Both must outlive the listener. To be called before Start().
  absl::Status Add(const Router& router, Pipeline& pipeline);

  // Refuses all calls except health checks as STORAGE_UNAVAILABLE, and reports NOT_SERVING, until
  // AdmitCalls(). For a process that waits for its databases.
  void HoldCalls();
  void AdmitCalls();

  // Listens on host:port, where port 0 means any free port. Fails if the port is in use, the certificate
  // cannot be read, or the limit of open files is too low.
  absl::Status Start(const std::string& address, const TlsFiles& tls);
  // The address that it listens on, with the actual port.
  const std::string& address() const { return address_; }

  // Set why one of its services, by full name, or all of them are NOT_SERVING (Health::SetCause,
  // SetCauseOfAll).
  void SetNotServing(const std::string& service, const std::string& cause);
  void SetNotReady(const std::string& cause);
  // Sets the number of dead letters of one of its services (Health::SetDeadLetters).
  void SetDeadLetters(const std::string& service, int64_t events);
  // Whether the health of the whole server is SERVING.
  bool IsServing() const;
  // The load of the workers that serve calls with this number of hops, from 0 to kMaxHops.
  Workers::Load LoadOf(int hops) const;
  size_t open_connections() const;
  // Whether new connections are accepted and answered (ProbePort). To be called before Stop().
  absl::Status Probe(std::chrono::milliseconds timeout) const;
  // Runs `work` on a worker like a call of a department. False if the queue is full.
  bool Submit(std::function<void()> work);
  // Sets the release and commit of the server (Health::SetVersion).
  void SetVersion(const std::string& version);
  // Sets the log history of one of its services (Health::SetLogHistory).
  void SetLogHistory(const std::string& service, std::function<absl::StatusOr<std::string>()> read);

  // Stops within `timeout`, without a failed call for clients that retry as in docs/service-config.json:
  // health becomes NOT_SERVING, new calls are refused as SHUTTING_DOWN (those of services, which other calls
  // wait for, only after the grace period), streams end with the same reason, and every connection announces
  // that it accepts no new calls. After the grace period the port closes. Calls in progress finish; those
  // left at the end are cancelled.
  void Stop(std::chrono::milliseconds timeout);

 private:
  class Generic;
  class Inline;
  struct Running;
  const ConnectionSettings connections_;
  std::string address_;
  std::unique_ptr<Generic> generic_;
  std::unique_ptr<Inline> inline_;
  std::unique_ptr<Running> running_;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_LISTENER_H_
