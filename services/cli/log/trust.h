#ifndef IDEA_SERVICES_CLI_LOG_TRUST_H_
#define IDEA_SERVICES_CLI_LOG_TRUST_H_

#include <optional>
#include <string>

#include "common/transparency/policy.h"
#include "services/cli/arguments/arguments.h"
#include "services/cli/context/environment.h"

namespace idea::cli {

// The content of --key, --policy and --tsa-ca.
struct Trust {
  std::string keys;
  std::optional<transparency::Policy> policy;
  // Certificates in PEM that are trusted to issue that of a time-stamping authority.
  std::optional<std::string> authorities;

  const transparency::Policy* PolicyOrNull() const { return policy ? &*policy : nullptr; }
  const std::string* AuthoritiesOrNull() const { return authorities ? &*authorities : nullptr; }
};

// Reads the files of the flags. Prints an error and returns nothing if they name no key of a log.
std::optional<Trust> ReadTrust(const Arguments& arguments, Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_LOG_TRUST_H_
