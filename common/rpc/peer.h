#ifndef IDEA_COMMON_RPC_PEER_H_
#define IDEA_COMMON_RPC_PEER_H_

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/context.h"
#include "common/rpc/retry_budget.h"
#include "google/protobuf/message.h"

namespace idea::rpc {

// Trailing metadata of a health check by a service: the history of the event log of the checked service
// (events::Epochs::Describe).
inline constexpr char kLogHistoryMetadata[] = "x-idea-log-history";

// Trailing metadata of every health check: the release and the commit that the server was built from.
inline constexpr char kVersionMetadata[] = "x-idea-version";

// Trailing metadata of a health check that answers NOT_SERVING: the cause, for example "database of
// registry".
inline constexpr char kNotServingMetadata[] = "x-idea-not-serving";

// Trailing metadata of a health check by the Statewide CDO: the number of events of the service, or of all
// services of the server, that could not be delivered to a peer.
inline constexpr char kDeadLettersMetadata[] = "x-idea-dead-letters";

// Metadata of a write by a service: the epoch of the event log of the called service, as far as known. The
// write is refused as CONCURRENT_CHANGE in any other epoch.
inline constexpr char kLogEpochMetadata[] = "x-idea-log-epoch";

// The paths of the certificate of a client or server, its key, the certificate authorities that it trusts,
// and their revocation lists, if any. Files are read again when they change.
struct TlsFiles {
  std::string certificate = {};
  std::string key = {};
  std::string authority = {};
  // Empty: no certificate is revoked.
  std::string revocations = {};
  // tls.crt, tls.key and ca.crt in one folder, as Kubernetes mounts a TLS secret.
  static TlsFiles In(const std::string& folder);
};

// Whether calls may use the proxy of grpc_proxy, https_proxy or http_proxy in the environment.
enum class UseProxy { kNo, kAsTheEnvironmentSays };

// The answer of a health check with its details. A detail is empty if the server does not send it: a server
// of an earlier release, or to a caller that may not know it.
struct HealthReport {
  bool serving = false;
  // kNotServingMetadata, kVersionMetadata, kDeadLettersMetadata, kLogHistoryMetadata.
  std::string not_serving;
  std::string version;
  std::string dead_letters;
  std::string log_history;
};

// The maximum number of attempts to send one call to the replicas of a service. All but the last have only a
// part of the time.
inline constexpr int kMaxTries = 3;

class PeerDiagnosis;
class Revocations;

// A client for any method whose request type is compiled in. All calls of a process go through this class.
// Thread-safe.
class Peer {
 public:
  // `address` is host:port. If the name has several addresses, as the replicas of a headless Service, they
  // take turns, as do those of a list, "ipv4:10.0.0.1:7400,10.0.0.2:7400", whose certificates must be valid
  // for the DNS name `name`. `name` is the name in errors: "registry". A server with another SPIFFE id than
  // `spiffe_id` is not called: PEER_UNAVAILABLE. If it is empty, any server of the authority with the name of
  // the host is accepted, as for a client outside of the exchange. `max_tries` is for Send().
  Peer(std::string name, const std::string& address, const TlsFiles& tls, const std::string& spiffe_id = "",
       UseProxy proxy = UseProxy::kNo, int max_tries = kMaxTries);
  ~Peer();

  // Calls the method of this request type and returns its status with its reason. A peer that cannot be
  // reached in time is PEER_UNAVAILABLE with metadata `service` and `code`, the code of gRPC. If a
  // certificate is the cause, metadata `cause` is CERTIFICATE_EXPIRED, _NOT_YET_VALID, _UNKNOWN_AUTHORITY,
  // _WRONG_NAME, _WRONG_IDENTITY or _REVOKED for that of the peer (CERTIFICATE if the fault is unknown), and
  // OWN_CERTIFICATE_EXPIRED or _REFUSED if the peer does not accept the own one. Sets `authorization`
  // metadata if `token` is not empty.
  //
  // A read, and a write with a request_id, is sent up to `max_tries` times within the deadline of the
  // context: a replica that does not answer takes only a part of that time. After that it gets no calls until
  // it has completed a TLS handshake.
  absl::Status Send(const Context& context, const google::protobuf::Message& request,
                    google::protobuf::Message* response, const std::string& token = "");

  // Calls a server-streaming method. Reads each message into `scratch` and passes it to `on_message`, until
  // that returns false or the server ends the stream, which are both OK. Fails as Send() does.
  absl::Status Stream(const Context& context, const google::protobuf::Message& request,
                      google::protobuf::Message* scratch,
                      const std::function<bool(const google::protobuf::Message&)>& on_message,
                      const std::string& token = "");

  // Calls a method that streams both ways: sends the result of `next`, null at the end, reads each answer
  // into `scratch`, passes it to `on_message`, and then calls `next` again. Fails as Send() does.
  absl::Status Converse(const Context& context, const std::function<const google::protobuf::Message*()>& next,
                        google::protobuf::Message* scratch,
                        const std::function<void(const google::protobuf::Message&)>& on_message,
                        const std::string& token = "");

  // Checks the health of a gRPC service of the peer by full name; empty for the whole server. Is sent once.
  // Fails as Send() does, and with NOT_FOUND if the server does not run the service.
  absl::StatusOr<HealthReport> CheckHealth(const Context& context, const std::string& service);

  // From now on, calls that hand over events (Context::hands_over) have the epoch as kLogEpochMetadata,
  // unless it is empty, as it is initially.
  void ExpectLogEpoch(const std::string& epoch);

  template <class Response, class Request>
  absl::StatusOr<Response> Send(const Context& context, const Request& request) {
    Response response;
    if (absl::Status status = Send(context, request, &response); !status.ok()) return status;
    return response;
  }

 private:
  struct Channel;
  std::shared_ptr<Channel> Current();
  absl::Status Try(const Context& context, const google::protobuf::MethodDescriptor& method,
                   const google::protobuf::Message& request, google::protobuf::Message* response,
                   const std::string& token, const std::string& log_epoch, Channel& channel);
  // Replaces the channel, and its connections without answers, unless that was already done.
  void Replace(const std::shared_ptr<Channel>& silent);

  const std::string name_;
  const std::function<std::shared_ptr<Channel>()> connect_;
  const int max_tries_;
  const Revocations& revocations_;
  const std::unique_ptr<PeerDiagnosis> diagnosis_;
  RetryBudget budget_;
  std::mutex mutex_;
  std::shared_ptr<Channel> channel_;
  std::string log_epoch_;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_PEER_H_
