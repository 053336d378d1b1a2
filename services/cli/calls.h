#ifndef IDEA_SERVICES_CLI_CALLS_H_
#define IDEA_SERVICES_CLI_CALLS_H_

#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/message.h"
#include "services/cli/commands.h"
#include "services/cli/context_file.h"
#include "services/cli/environment.h"
#include "services/cli/failure.h"
#include "services/cli/sender.h"

// What ideactl does over the wire. Each function prints what comes back, or why nothing did, and returns the
// exit code.
namespace idea::cli {

// One call, or as many as a list or a file has pages; as many as it takes to fill one page. On a terminal a
// long list is counted.
absl::Status FetchAll(Sender& sender, const CallOptions& options, google::protobuf::Message& request,
                      google::protobuf::Message& all, const Environment& env);

// Prints why a call to `target` failed, with the cause if no connection could be made, and the flag that
// repeats the request safely. Returns the exit code.
ExitCode PrintFailedCall(const absl::Status& status, const Target& target, Environment& env,
                         const google::protobuf::Message* request = nullptr);

// The same for a status of any origin: one that is not from a server is wrong usage.
ExitCode PrintFailedCallOrMisuse(const absl::Status& status, const Target& target, Environment& env);

// Prints an answer, and writes its file, as `options` ask. Returns what the answer says to scripts, see
// ExitCodeOfAnswer.
ExitCode ShowAnswer(const Command& command, google::protobuf::Message& response, const CallOptions& options,
                    Environment& env);

// Calls a unary method of each service, with the service's name in the request's `parent`, and prints what
// came back as one list. A service that does not answer is named on stderr and does not keep out the others.
// With `skip_unknown`, servers that do not run a service are passed over.
ExitCode CallEach(const Command& command, const std::vector<std::pair<std::string, Target>>& services,
                  google::protobuf::Message& request, bool skip_unknown, const CallOptions& options,
                  Environment& env);

// Calls a unary method. Pages of a list are followed to the end and shown as one.
ExitCode CallUnary(const Command& command, const Target& target, google::protobuf::Message& request,
                   const CallOptions& options, Environment& env);

// Follows a stream. A request with a resume_token takes the stream up again behind the last message when the
// server goes away; it gives up only if five first attempts fail at once. A --limit that --timeout cuts off
// is kTimedOut.
ExitCode CallStream(const Command& command, const Target& target, google::protobuf::Message& request,
                    const CallOptions& options, Environment& env);

// Prints a list again whenever it changes, until --limit or --timeout ends it: a --limit that --timeout cuts
// off is kTimedOut. Failures that may pass are waited out.
ExitCode WatchList(const Command& command, const Target& target, google::protobuf::Message& request,
                   const CallOptions& options, Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_CALLS_H_
