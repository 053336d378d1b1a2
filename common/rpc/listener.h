#ifndef IDEA_COMMON_RPC_LISTENER_H_
#define IDEA_COMMON_RPC_LISTENER_H_

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "common/auth/auth.h"
#include "common/rpc/connection_settings.h"
#include "common/rpc/peer.h"
#include "common/rpc/pipeline.h"
#include "common/rpc/router.h"
#include "common/rpc/server_state.h"

namespace idea::rpc {

// One gRPC port with mutual TLS for any number of services, each with its own pipeline; with health
// (grpc.health.v1, a name a service) and reflection (v1 and v1alpha). The services are served by one generic
// service: the raw bytes of a request reach the pipeline, so that even what does not parse gets a structured
// answer.
class Listener {
 public:
  // `workers` threads serve departments; half as many serve the calls that services make for them, and a
  // quarter those that these make in turn. Each of the three has a queue of `queue` calls.
  Listener(const auth::Authenticator& authenticator, int workers, size_t queue,
           const ConnectionSettings& connections = {});
  Listener(const auth::Authenticator& authenticator, int workers, const ServerState::Limits& limits,
           const ConnectionSettings& connections = {});
  ~Listener();

  // Adds a service. Both must outlive the listener. Before Start.
  absl::Status Add(const Router& router, Pipeline& pipeline);

  // Refuses every call but health's as STORAGE_UNAVAILABLE, and lets health say NOT_SERVING, until
  // AdmitCalls. For a process that waits for its databases.
  void HoldCalls();
  void AdmitCalls();

  // Listens on host:port, port 0 being any free one. Fails if the port is in use, the certificate cannot be
  // read, or the limit of open files is too low.
  absl::Status Start(const std::string& address, const TlsFiles& tls);
  // Where it listens, with the real port.
  const std::string& address() const { return address_; }

  // What health says of one of its services, by its full name, until it stops.
  void SetServing(const std::string& service, bool serving);

  // What health says of all of them (Health::SetReady).
  void SetReady(bool ready);
  // Whether new connections are accepted and answered (ProbePort). Until Stop.
  absl::Status Probe(std::chrono::milliseconds timeout) const;
  // Runs `work` on a worker, as if a department had called. False if their queue is full.
  bool Submit(std::function<void()> work);
  // What the server was built from (Health::SetVersion).
  void SetVersion(const std::string& version);
  // What health says of the event log of one of its services (Health::SetLogHistory).
  void SetLogHistory(const std::string& service, const std::string& history);

  // Stops within `timeout`, and without a failed call for clients that retry as docs/service-config.json
  // says: health turns NOT_SERVING, new calls are refused as SHUTTING_DOWN (those of services, which others
  // wait for, only from the end of the grace on), streams end with the same reason, and every connection is
  // told to take no new calls. After the grace the port closes. Calls in hand finish; those that are left at
  // the end are cancelled.
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
