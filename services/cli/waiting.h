#ifndef IDEA_SERVICES_CLI_WAITING_H_
#define IDEA_SERVICES_CLI_WAITING_H_

#include <string>
#include <vector>

#include "services/cli/commands.h"
#include "services/cli/context_file.h"
#include "services/cli/failure.h"
#include "services/cli/sending.h"
#include "services/cli/surroundings.h"

namespace idea::cli {

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

// Prints a list again whenever it changes, until --limit or --timeout ends it: a --limit that --timeout cuts
// off is kTimedOut. Failures that may pass are waited out.
ExitCode WatchList(const Command& command, const Target& target, google::protobuf::Message& request,
                   const CallOptions& options, Surroundings& around);

// grpc.health.v1.Health/Check. kDone only for SERVING; kTryAgain for any other answer. `service` is a full
// name, or empty; `label` stands before the answer.
ExitCode CheckHealth(const std::string& label, const std::string& service, const Target& target,
                     const CallOptions& options, Surroundings& around);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_WAITING_H_
