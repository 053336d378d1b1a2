#ifndef IDEA_SERVICES_CLI_CONTEXT_TOKEN_CLAIMS_H_
#define IDEA_SERVICES_CLI_CONTEXT_TOKEN_CLAIMS_H_

#include <optional>
#include <string>

#include "common/clock/clock.h"

namespace idea::cli {

// The claims of a person's token. The servers verify it; ideactl does not.
struct TokenClaims {
  std::string subject;
  std::string issuer;
  // 0 if the token does not have it.
  clock::Micros issued = 0;
  clock::Micros expires = 0;
};

// Nothing if the text is not a JWT.
std::optional<TokenClaims> ReadClaims(const std::string& token);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_CONTEXT_TOKEN_CLAIMS_H_
