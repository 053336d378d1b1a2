#ifndef IDEA_SERVICES_CLI_GATE_GATE_CONFIG_H_
#define IDEA_SERVICES_CLI_GATE_GATE_CONFIG_H_

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/cli/gate/gate_rules.h"

namespace idea::cli {

// The limits of max_staleness_seconds. A watch sends a time about once a second.
inline constexpr std::chrono::seconds kMinStaleness{2};
inline constexpr std::chrono::seconds kMaxStaleness{300};

// The configuration of the exchange gate.
struct GateConfig {
  // Where gRPC is served: "host:port" or "unix:/path". Empty: nowhere.
  std::string listen = "127.0.0.1:9191";
  // Where HTTP is served: "host:port". Empty: nowhere.
  std::string http = "127.0.0.1:9192";
  // Whether these may be addresses that other machines reach.
  bool allow_remote = false;
  std::chrono::milliseconds max_staleness{5'000};
  // For Authorization.Check. The first one that is for a request is applied.
  std::vector<GateRule> rules;
};

// Parses a configuration in YAML. INVALID_ARGUMENT with the line, the key and what is expected if a key is
// unknown, missing or has a wrong value.
absl::StatusOr<GateConfig> ParseGateConfig(const std::string& yaml);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_GATE_GATE_CONFIG_H_
