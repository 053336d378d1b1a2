#ifndef IDEA_SERVICES_CLI_CALL_CALLS_H_
#define IDEA_SERVICES_CLI_CALL_CALLS_H_

#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/message.h"
#include "services/cli/call/sender.h"
#include "services/cli/command/commands.h"
#include "services/cli/context/context_file.h"
#include "services/cli/context/environment.h"
#include "services/cli/output/failure.h"

// Calls to servers. Each function that returns an exit code prints the response or the error.
namespace idea::cli {

// Sends the request and follows the pages of a list or a file to the end, or until one page is full with
// `one_page`. On a terminal it counts the items of a long list.
absl::Status FetchAll(Sender& sender, const CallOptions& options, google::protobuf::Message& request,
                      google::protobuf::Message& all, const Environment& env);

// Prints the error of a call to `target`, the cause if there was no connection, and the flag that repeats the
// request safely. Returns the exit code.
ExitCode PrintFailedCall(const absl::Status& status, const Target& target, Environment& env,
                         const google::protobuf::Message* request = nullptr);

// The same for a status of any origin: one that is not from a server is wrong usage.
ExitCode PrintFailedCallOrMisuse(const absl::Status& status, const Target& target, Environment& env);

// Prints a response and writes its file as `options` say. Returns ExitCodeOfAnswer.
ExitCode ShowAnswer(const Command& command, google::protobuf::Message& response, const CallOptions& options,
                    Environment& env);

// Calls a unary method of each service, with the service's name in the request's `parent`, and prints the
// responses as one list. A service that does not answer is named on stderr; the others are still called. With
// `skip_unknown`, servers that do not run a service are skipped.
ExitCode CallEach(const Command& command, const std::vector<std::pair<std::string, Target>>& services,
                  google::protobuf::Message& request, bool skip_unknown, const CallOptions& options,
                  Environment& env);

// Calls a unary method. Pages of a list are followed to the end and shown as one.
ExitCode CallUnary(const Command& command, const Target& target, google::protobuf::Message& request,
                   const CallOptions& options, Environment& env);

// Prints the messages of a stream. A request with a resume_token resumes the stream after the last message if
// the connection breaks; it gives up only if the first five attempts fail immediately. Returns kTimedOut if
// --timeout ends it before --limit.
ExitCode CallStream(const Command& command, const Target& target, google::protobuf::Message& request,
                    const CallOptions& options, Environment& env);

// Prints a list again whenever it changes, until --limit or --timeout ends it: a --limit that --timeout cuts
// off is kTimedOut. Failures that may pass are waited out.
ExitCode WatchList(const Command& command, const Target& target, google::protobuf::Message& request,
                   const CallOptions& options, Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_CALL_CALLS_H_
