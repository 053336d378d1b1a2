#ifndef IDEA_SERVICES_CLI_CONTEXT_FILE_H_
#define IDEA_SERVICES_CLI_CONTEXT_FILE_H_

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

// Whom to call and as whom: what a running suite, or an operator, writes for its users.
//   {"ca": "ca.crt", "as": "cdss",
//    "endpoints": {"registry": "localhost:7001", "default": "localhost:7000"},
//    "identities": {"cdss": {"cert": "cdss.crt", "key": "cdss.key", "people": {"program":
//    "cdss-program.jwt"}}}}
// Relative paths are relative to the file's folder.
struct ContextFile {
  // Where it was read; empty if there is none.
  std::string path;
  std::string authority;
  // Used where --as is not given.
  std::string as;
  // By service; "default" for those that are not named.
  std::map<std::string, std::string> endpoints;
  std::map<std::string, Identity> identities;
};

// Where the context file is: `flag` (--context), else $IDEACTL_CONTEXT, else ./var/context.json or
// ~/.config/ideactl/context.json, whichever is there. Empty if there is none.
std::string FindContextFile(const std::string& flag, const Variables& variables);

// Reads a context file. `path` may be empty: an empty context. Fails with one line that says what is wanted.
absl::StatusOr<ContextFile> ReadContextFile(const std::string& path);

// What the flags before the noun say; empty where not given.
struct Overrides {
  std::string endpoint;
  std::string certificate;
  std::string key;
  std::string authority;
  std::string token_file;
  // "cdss" or "cdss/program".
  std::string as;
};

// One endpoint and the files and the token to call it with.
struct Target {
  std::string address;
  std::string certificate;
  std::string key;
  std::string authority;
  // Of the person; empty if the platform calls on its own.
  std::string token;
};

// Decides where a call to `service` goes and as whom. Flags win over the context file. Fails with one line
// that says what to give.
absl::StatusOr<Target> ResolveTarget(const ContextFile& context, const Overrides& flags,
                                     const std::string& service);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_CONTEXT_FILE_H_
