#ifndef IDEA_SERVICES_CLI_GATE_GATE_HTTP_SERVER_H_
#define IDEA_SERVICES_CLI_GATE_GATE_HTTP_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/cli/gate/exchange_gate.h"

namespace idea::cli {

// Serves ExchangeGate::Get() over HTTP.
class GateHttpServer {
 public:
  // Listens at "host:port" until it is destroyed; port 0 takes a free one.
  static absl::StatusOr<std::unique_ptr<GateHttpServer>> Listen(const std::string& address,
                                                                ExchangeGate& gate);
  ~GateHttpServer();
  GateHttpServer(const GateHttpServer&) = delete;
  GateHttpServer& operator=(const GateHttpServer&) = delete;

  int port() const;

 private:
  struct State;
  explicit GateHttpServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_GATE_GATE_HTTP_SERVER_H_
