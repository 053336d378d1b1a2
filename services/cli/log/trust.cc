#include "services/cli/log/trust.h"

#include <utility>

#include "services/cli/call/command_io.h"

namespace idea::cli {

std::optional<Trust> ReadTrust(const Arguments& arguments, Environment& env) {
  Trust trust;
  if (!arguments.policy.empty()) {
    const auto text = ReadFile(arguments.policy, env);
    if (!text) return std::nullopt;
    auto policy = transparency::Policy::Parse(*text);
    if (!policy.ok()) {
      Complain(arguments.policy + ": " + std::string(policy.status().message()), kUsage, env);
      return std::nullopt;
    }
    trust.policy = std::move(*policy);
    trust.keys = trust.policy->LogVerifiers();
  }
  if (!arguments.log_key.empty()) {
    const auto keys = ReadFile(arguments.log_key, env);
    if (!keys) return std::nullopt;
    trust.keys = *keys;
  }
  if (!arguments.timestamp_ca.empty()) {
    trust.authorities = ReadFile(arguments.timestamp_ca, env);
    if (!trust.authorities) return std::nullopt;
  }
  if (!trust.keys.empty()) return trust;
  Complain(
      "give --key FILE with the public keys of the log that you trust, or --policy FILE that names the log",
      kUsage, env);
  return std::nullopt;
}

}  // namespace idea::cli
