#ifndef IDEA_SERVICES_CLI_CONTEXT_CONTEXT_FILE_H_
#define IDEA_SERVICES_CLI_CONTEXT_CONTEXT_FILE_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace idea::cli {

// The process's environment variables.
using Variables = std::map<std::string, std::string>;

// A department's (or office's) certificate and the tokens of its people, all paths.
struct Identity {
  std::string certificate;
  std::string key;
  std::map<std::string, std::string> people;
};

// Endpoints and identities. A running suite or an operator writes this file for its users.
//   {"ca": "ca.crt", "as": "cdss",
//    "endpoints": {"registry": "localhost:7001", "default": "localhost:7000"},
//    "identities": {"cdss": {"cert": "cdss.crt", "key": "cdss.key", "people": {"program":
//    "cdss-program.jwt"}}}}
// Relative paths are relative to the file's folder.
struct ContextFile {
  // Empty if no file was read.
  std::string path;
  std::string authority;
  // The default of --as.
  std::string as;
  // By service. "default" is for all other services.
  std::map<std::string, std::string> endpoints;
  std::map<std::string, Identity> identities;
};

// The path of the context file: `flag` (--context), else $IDEACTL_CONTEXT, else the first that exists of
// ./var/context.json and ~/.config/ideactl/context.json. Empty if none exists.
std::string FindContextFile(const std::string& flag, const Variables& variables);

// Reads a context file. An empty `path` is an empty context. Fails with one line that names the expected
// content.
absl::StatusOr<ContextFile> ReadContextFile(const std::string& path);

// The values of global flags. Empty if not given.
struct Overrides {
  std::string endpoint;
  std::string certificate;
  std::string key;
  std::string authority;
  std::string token_file;
  // "cdss" or "cdss/program".
  std::string as;
};

// One endpoint, and the files and the token for calls to it.
struct Target {
  std::string address;
  std::string certificate;
  std::string key;
  std::string authority;
  // The person's token. Empty if the platform calls without a person.
  std::string token;
};

// Returns the endpoint of `service` and the identity for calls to it. Flags override the context file. Fails
// with one line that names the flag to give.
absl::StatusOr<Target> ResolveTarget(const ContextFile& context, const Overrides& flags,
                                     const std::string& service);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_CONTEXT_CONTEXT_FILE_H_
