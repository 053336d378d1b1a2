#ifndef IDEA_SERVICES_CLI_CALL_COMMAND_IO_H_
#define IDEA_SERVICES_CLI_CALL_COMMAND_IO_H_

#include <optional>
#include <string>

#include "common/rpc/peer.h"
#include "services/cli/call/call_function.h"
#include "services/cli/call/sender.h"
#include "services/cli/context/context_file.h"
#include "services/cli/context/environment.h"
#include "services/cli/output/failure.h"

// Helpers of the commands on files and whole lists.
namespace idea::cli {

// Returns the content of a file. Prints an error and returns nothing if it cannot be read.
std::optional<std::string> ReadFile(const std::string& path, Environment& env);

// Prints a failed call. Returns its exit code.
ExitCode Fail(const absl::Status& status, Environment& env);

// Calls methods of the service at `target` with the timeout of `options`. The arguments must outlive it.
CallFunction CallFunctionOf(rpc::Peer& peer, const Target& target, const CallOptions& options);

// The context of a stream, which has a deadline only with --timeout.
rpc::Context StreamContext(const CallOptions& options);

// Shows progress on stderr: one line that counts on a terminal, elsewhere a line per tenth of the work.
Progress ProgressOn(Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_CALL_COMMAND_IO_H_
