#ifndef IDEA_SERVICES_CLI_CALLS_H_
#define IDEA_SERVICES_CLI_CALLS_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/message.h"
#include "services/cli/commands.h"
#include "services/cli/context_file.h"
#include "services/cli/failure.h"
#include "services/cli/output.h"
#include "services/cli/surroundings.h"

// What ideactl does over the wire. Each function prints what comes back, or why nothing did, and returns the
// exit code.
namespace idea::cli {

struct CallOptions {
  Format format = Format::kTable;
  // --timeout. Not given: 30 seconds for a call, no end for a stream.
  std::optional<std::chrono::milliseconds> timeout;
  // -v: print the request id of each call to stderr.
  bool verbose = false;
  // Stop after one page; its token goes to stderr.
  bool one_page = false;
  // Stop a stream after so many messages. 0: never.
  int64_t limit = 0;
  // Write the response's file there; "-" is standard output. Empty: nowhere.
  std::string out;
};

// Prints why a call to `target` failed, with the cause if no connection could be made. Returns the exit code.
ExitCode PrintFailedCall(const absl::Status& status, const Target& target, Surroundings& around);

// Calls a unary method of each service, with the service's name in the request's `parent`, and prints what
// came back as one list. A service that does not answer is named on stderr and does not keep out the others.
// With `skip_unknown`, servers that do not run a service are passed over.
ExitCode CallEach(const Command& command, const std::vector<std::pair<std::string, Target>>& services,
                  google::protobuf::Message& request, bool skip_unknown, const CallOptions& options,
                  Surroundings& around);

// Calls a unary method. Pages of a list are followed to the end and shown as one.
ExitCode CallUnary(const Command& command, const Target& target, google::protobuf::Message& request,
                   const CallOptions& options, Surroundings& around);

// Follows a stream. A request with a resume_token takes the stream up again behind the last message when the
// server goes away; it gives up only if five first attempts fail at once. A --limit that --timeout cuts off
// is kTimedOut.
ExitCode CallStream(const Command& command, const Target& target, google::protobuf::Message& request,
                    const CallOptions& options, Surroundings& around);

// What `ideactl wait` waits for: one of `values` in the field at `path` (a column path), an enum value
// without its prefix, in any case.
struct Condition {
  std::string path;
  std::vector<std::string> values;
};

// Calls the Get method of a noun until the condition holds. Failures that may pass are waited out; others end
// the wait.
ExitCode Wait(const Command& get, const Target& target, const std::string& name, const Condition& condition,
              const CallOptions& options, Surroundings& around);

// grpc.health.v1.Health/Check. kDone only for SERVING; kTryAgain for any other answer. `service` is a full
// name, or empty; `label` stands before the answer.
ExitCode CheckHealth(const std::string& label, const std::string& service, const Target& target,
                     const CallOptions& options, Surroundings& around);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_CALLS_H_
