#ifndef IDEA_COMMON_SERVER_APP_H_
#define IDEA_COMMON_SERVER_APP_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/auth/auth.h"
#include "common/clock/clock.h"
#include "common/config/config.h"
#include "common/config/embedded.h"
#include "common/events/events.h"
#include "common/events/relay.h"
#include "common/metrics/metrics.h"
#include "common/rpc/peer_client.h"
#include "common/rpc/router.h"
#include "common/storage/database.h"

// The parts of a service, and its runner: in a separate process, or with the others in `suite`.
namespace idea::server {

// The dependencies of a service.
struct ServiceDeps {
  const config::Config& config;
  const clock::Clock& clock;
  storage::Database& database;
  // Notified by the pipeline after each write.
  events::Notifier& notifier;
  // For metrics of the service.
  metrics::Metrics& metrics;
  // Calls the other services of the suite with this service's certificate.
  rpc::PeerClient peers;
  // Sets why one of its gRPC services, by full name, is NOT_SERVING; empty if it is serving, as it is
  // initially. To be called between Start() and Stop().
  std::function<void(const std::string& service, const std::string& cause)> health;
};

// A running service.
class App {
 public:
  virtual ~App() = default;
  // Whether the settings are valid; called before anything is served. A failure names the wrong setting.
  virtual absl::Status Check() { return absl::OkStatus(); }
  // Binds every method of its gRPC service.
  virtual void Bind(rpc::Router& router) = 0;
  // The targets of its events besides the notification queue: commands to peers.
  virtual std::vector<events::Target> Targets() { return {}; }
  // The directory of persons. Null for every service but the registry, which reads its own tables.
  virtual auth::Directory* directory() { return nullptr; }
  // Sets gauges from what its tables hold. Called several times a minute, in a snapshot.
  virtual absl::Status ShowRows(storage::Transaction& /*db*/) { return absl::OkStatus(); }
  // Sets gauges from memory. Called when the metrics are read.
  virtual void ShowLoad() {}
  // Start and stop background work, if there is any. Stop() returns when it has ended.
  virtual void Start() {}
  virtual void Stop() {}
};

// A service as named in main.cc and in suite.
struct Service {
  // "registry": also the name of its certificate, its database and its address setting.
  std::string_view name;
  const config::EmbeddedFile* schema;
  std::unique_ptr<App> (*make)(const ServiceDeps& deps);
};

// Runs a process: settings, databases, services and listener, until SIGTERM or SIGINT, then a bounded
// graceful stop. Returns the exit code: 0 after a clean stop, 1 if it cannot start or stop cleanly, 2 for a
// wrong flag or setting. Logs the cause in one line.
int Run(int argc, char** argv, std::string_view process, const std::vector<Service>& services);

}  // namespace idea::server

#endif  // IDEA_COMMON_SERVER_APP_H_
