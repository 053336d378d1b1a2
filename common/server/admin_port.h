#ifndef IDEA_COMMON_SERVER_ADMIN_PORT_H_
#define IDEA_COMMON_SERVER_ADMIN_PORT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace idea::server {

// The HTTP port for probes, monitoring and operators. It has no TLS and shows no secret and no personal data:
// the network decides who reaches it. GET and HEAD only.
//   /metrics  the metrics in the text format of Prometheus
//   /livez    200 while the process answers, whatever else fails
//   /readyz   200 while the process can serve calls, otherwise 503 with the reason
//   /build    release and commit, as JSON
//   /config   the settings, as lines NAME=value
class AdminPort {
 public:
  struct Pages {
    std::function<std::string()> metrics;
    // Why the process cannot serve calls; empty if it can.
    std::function<std::string()> unready;
    std::string build;
    std::string config;
  };
  // Listens on host:port, where port 0 means any free port. UNAVAILABLE if it cannot. `pages` is called by
  // several threads.
  static absl::StatusOr<std::unique_ptr<AdminPort>> Listen(const std::string& address, Pages pages);
  // Returns when no request is in progress.
  ~AdminPort();

  int port() const;

 private:
  struct State;
  explicit AdminPort(std::unique_ptr<State> state);
  const std::unique_ptr<State> state_;
};

}  // namespace idea::server

#endif  // IDEA_COMMON_SERVER_ADMIN_PORT_H_
