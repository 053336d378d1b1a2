#ifndef IDEA_SERVICES_CLI_NAME_COMPLETION_H_
#define IDEA_SERVICES_CLI_NAME_COMPLETION_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "services/cli/arguments.h"
#include "services/cli/environment.h"

// Resource names as people give them.
namespace idea::cli {

// The entity of the platform that calls, from its certificate: "entities/cdss". Fails if the certificate
// names none.
absl::StatusOr<std::string> OwnEntity(const Target& target);

// Sets the entity that a request is about to the caller's own, where it is required and was not given: the
// `parent`, or of a read the name, of a method that departments call. Changes nothing for other requests.
void AssumeOwnEntity(const Command& command, const Target& target, FlagValues& flags);

// Completes every resource name in the request, in messages too:
//   "cdss" and "Social Services" where an entity is wanted: its id, its acronym, the name of an identity of
//   the context file, or words of its display name if they are those of one entity only; "30a9" where a BUCP
//   is wanted: its id without "bucps/", or the beginning of one id only.
// Names that begin with their collection are left as they are. Asks the servers for lists only where a name
// has to be completed. Fails, as INVALID_ARGUMENT with the candidates, if nothing or more than one fits.
absl::Status CompleteNames(const Arguments& arguments, google::protobuf::Message& request, Environment& env);

// The names that fit a pattern such as "bucps/*" or "entities/*", for completion; none where they cannot be
// listed.
std::vector<std::string> NamesOf(const std::string& pattern, const Arguments& arguments, Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_NAME_COMPLETION_H_
