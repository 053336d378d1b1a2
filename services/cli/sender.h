#ifndef IDEA_SERVICES_CLI_SENDER_H_
#define IDEA_SERVICES_CLI_SENDER_H_

#include <chrono>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "common/rpc/context.h"
#include "common/rpc/peer.h"
#include "google/protobuf/message.h"
#include "services/cli/context_file.h"
#include "services/cli/environment.h"
#include "services/cli/output.h"

// One request to one server: sent, repeated where that may help, and traced.
namespace idea::cli {

inline constexpr std::chrono::milliseconds kDefaultTimeout{30'000};

struct CallOptions {
  OutputStyle style;
  // --timeout. Not given: 30 seconds for a call with its repetitions, no end for a stream.
  std::optional<std::chrono::milliseconds> timeout;
  // -v: print each call with its request id, result and duration to stderr.
  bool verbose = false;
  // --trace: the same, with endpoint, trace id and the details of the answer's status.
  bool trace = false;
  // --no-retry: do not repeat a call whose failure may pass.
  bool retries = true;
  // -q: print neither answers nor notes, only errors.
  bool quiet = false;
  // Stop after one page; its token goes to stderr.
  bool one_page = false;
  // Stop a stream after so many messages. 0: never.
  int64_t limit = 0;
  // Write the response's file there; "-" is standard output. Empty: nowhere.
  std::string out;
  // --watch: print the answer again whenever it changes.
  bool watch = false;
  // --yes: do not ask before something is signed.
  bool yes = false;
};

// Sends requests to one service. --timeout is the time for each request with its repetitions.
class Sender {
 public:
  Sender(std::string service, const Target& target, const CallOptions& options, Environment& env);

  // Sends the request until it is answered, refused for good, or out of time: a failure that may pass (exit
  // code 6) is repeated with the same request id after a pause that grows from 0.1 to 5 seconds, or that the
  // server asks for. No connection is not such a failure.
  absl::Status Send(const google::protobuf::Message& request, google::protobuf::Message* response);

  rpc::Peer& peer() { return peer_; }

  // Prints a call before and after it, if -v or --trace asks for it.
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

#endif  // IDEA_SERVICES_CLI_SENDER_H_
