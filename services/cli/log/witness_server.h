#ifndef IDEA_SERVICES_CLI_LOG_WITNESS_SERVER_H_
#define IDEA_SERVICES_CLI_LOG_WITNESS_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/cli/log/witness.h"

namespace idea::cli {

// Serves POST /add-checkpoint of C2SP tlog-witness over HTTP. Put a TLS proxy in front of it if needed: the
// content is public and signed by the log.
class WitnessServer {
 public:
  // Listens at "host:port" until it is destroyed; port 0 takes a free one. `now` returns seconds since 1970.
  static absl::StatusOr<std::unique_ptr<WitnessServer>> Listen(const std::string& address, Witness& witness,
                                                               std::function<int64_t()> now);
  ~WitnessServer();
  WitnessServer(const WitnessServer&) = delete;
  WitnessServer& operator=(const WitnessServer&) = delete;

  int port() const;

 private:
  struct State;
  explicit WitnessServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_LOG_WITNESS_SERVER_H_
