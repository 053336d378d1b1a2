#ifndef IDEA_SERVICES_CLI_ARGUMENTS_NAME_COMPLETION_H_
#define IDEA_SERVICES_CLI_ARGUMENTS_NAME_COMPLETION_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "services/cli/arguments/arguments.h"
#include "services/cli/context/environment.h"

// Completes the resource names of a command line.
namespace idea::cli {

// The caller's entity, from its certificate: "entities/cdss". Fails if the certificate does not name an
// entity.
absl::StatusOr<std::string> OwnEntity(const Target& target);

// Sets a missing, required entity of the request to the caller's own: the `parent`, or the name of a read, of
// a method that departments call. Does not change other requests.
void AssumeOwnEntity(const Command& command, const Target& target, FlagValues& flags);

// Completes every resource name in the request and in its messages:
//   an entity ("cdss", "Social Services") from its id, its acronym, the name of an identity of the context
//   file, or words of its display name that only one entity has; a BUCP ("30a9") from its id without
//   "bucps/", or from a unique prefix of it.
// Names that begin with their collection are not changed. Calls a server only if a name must be completed.
// Fails with INVALID_ARGUMENT and the candidates if none or more than one matches.
absl::Status CompleteNames(const Arguments& arguments, google::protobuf::Message& request, Environment& env);

// The names that match a pattern such as "bucps/*" or "entities/*", for completion. Empty if they cannot be
// listed.
std::vector<std::string> NamesOf(const std::string& pattern, const Arguments& arguments, Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_ARGUMENTS_NAME_COMPLETION_H_
