#ifndef IDEA_SERVICES_CLI_CALL_SENDER_H_
#define IDEA_SERVICES_CLI_CALL_SENDER_H_

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "common/rpc/context.h"
#include "common/rpc/peer.h"
#include "google/protobuf/message.h"
#include "services/cli/context/context_file.h"
#include "services/cli/context/environment.h"
#include "services/cli/output/output.h"

// Sends requests to one server, with retries and traces.
namespace idea::cli {

inline constexpr std::chrono::milliseconds kDefaultTimeout{30'000};

struct CallOptions {
  OutputStyle style;
  // --timeout. Default: 30 seconds for a call with its retries, unlimited for a stream.
  std::optional<std::chrono::milliseconds> timeout;
  // -v: print each call with its request id, result and duration to stderr.
  bool verbose = false;
  // --trace: the same, with endpoint, trace id and the details of the answer's status.
  bool trace = false;
  // False with --no-retry: do not retry transient failures.
  bool retries = true;
  // -q: print only errors.
  bool quiet = false;
  // Stop after one page and print its token to stderr.
  bool one_page = false;
  // Maximum number of messages of a stream. 0: unlimited.
  int64_t limit = 0;
  // Path for the response's file; "-" is standard output. Empty: the file is not written.
  std::string out;
  // --watch: print the response again after each change.
  bool watch = false;
  // --yes: do not ask for confirmation.
  bool yes = false;
  // Called with each response. Returns false to end a stream. May be null.
  std::function<bool(const google::protobuf::Message& response)> on_response;
};

// Sends requests to one service. --timeout limits each request with its retries.
class Sender {
 public:
  Sender(std::string service, const Target& target, const CallOptions& options, Environment& env);

  // Sends a request. Retries transient failures (exit code 6) with the same request id until --timeout, after
  // a delay that grows from 0.1 to 5 seconds, or that the server requests. A failed connection is not
  // retried. If the time ends during a retry, the failure before it is returned.
  absl::Status Send(const google::protobuf::Message& request, google::protobuf::Message* response);

  // Checks the health of a gRPC service by full name; empty for the whole server. Is not retried.
  absl::StatusOr<rpc::HealthReport> CheckHealth(const std::string& service);

  rpc::Peer& peer() { return peer_; }

  // Print a call before and after it with -v or --trace.
  void TraceBegin(const google::protobuf::Message& request, const rpc::Context& context) const;
  void TraceEnd(const absl::Status& status, clock::Micros spent) const;

 private:
  const std::string service_;
  const Target& target_;
  const CallOptions& options_;
  Environment& env_;
  rpc::Peer peer_;
};

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_CALL_SENDER_H_
