#ifndef IDEA_SERVICES_CLI_GATE_EXCHANGE_GATE_H_
#define IDEA_SERVICES_CLI_GATE_EXCHANGE_GATE_H_

#include <array>
#include <atomic>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "common/rpc/local_server.h"
#include "envoy/service/auth/v3/external_auth.pb.h"
#include "services/cli/gate/exchange_follower.h"
#include "services/cli/gate/gate_config.h"

namespace idea::cli {

// The answer to a request of HTTP.
struct GateAnswer {
  int code = 0;
  std::string body;
  bool is_json = false;
};

// Answers checks from what a follower knows: over gRPC envoy.service.auth.v3.Authorization/Check and
// ExchangeService/CheckExchange, over HTTP GET /check, /readyz and /metrics. Thread-safe. Everything that it
// cannot decide, it denies.
class ExchangeGate {
 public:
  // Both must outlive it.
  ExchangeGate(const GateConfig& config, const ExchangeFollower& follower)
      : config_(config), follower_(follower) {}

  // The decision on a request that passes through Envoy.
  envoy::service::auth::v3::CheckResponse Authorize(const envoy::service::auth::v3::CheckRequest& request);

  // The answer to a request of HTTP; `path` without its query.
  GateAnswer Get(const std::string& path, const std::string& query);

  // Its methods of gRPC, by path. Refer to this gate.
  std::map<std::string, rpc::LocalServer::Answer> Methods();

 private:
  // Decides, and counts the verdict.
  absl::Status Decide(const v1::CheckExchangeRequest& request, v1::ExchangeDecision& decision);
  void Count(v1::Verdict verdict) { ++counts_[static_cast<size_t>(verdict)]; }
  std::string MetricsText() const;

  const GateConfig& config_;
  const ExchangeFollower& follower_;
  // Decisions by verdict. VERDICT_UNSPECIFIED counts requests that are not well formed, which are denied.
  std::array<std::atomic<int64_t>, v1::Verdict_ARRAYSIZE> counts_{};
};

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_GATE_EXCHANGE_GATE_H_
