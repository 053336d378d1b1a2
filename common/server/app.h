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

// What a service is made of, and what runs it: alone in its own process, or with the others in `suite`.
namespace idea::server {

// What the server hands to a service.
struct Parts {
  const config::Config& config;
  const clock::Clock& clock;
  storage::Database& database;
  // Raised by the pipeline after each write.
  events::Notifier& notifier;
  // For figures of the service's own.
  metrics::Metrics& metrics;
  // Calls the other services of the suite with this service's certificate.
  rpc::PeerClient peers;
  // Sets what health says of one of its gRPC services, by its full name, between Start and Stop. At first all
  // are serving.
  std::function<void(const std::string& service, bool serving)> health;
};

// A running service.
class App {
 public:
  virtual ~App() = default;
  // Whether it can run with the settings given; asked before anything is served. Says which one is wrong.
  virtual absl::Status Check() { return absl::OkStatus(); }
  // Binds every method of its gRPC service.
  virtual void Bind(rpc::Router& router) = 0;
  // Where its events go besides the notification queue: commands to peers.
  virtual std::vector<events::Target> Targets() { return {}; }
  // The directory of people; null for every service but the registry, which asks its own tables.
  virtual auth::Directory* directory() { return nullptr; }
  // Begins and ends its own background work, if it has any. Stop returns when it has ended.
  virtual void Start() {}
  virtual void Stop() {}
};

// A service as main.cc and suite name it.
struct Service {
  // "registry": also the name of its certificate, its database and its endpoint setting.
  std::string_view name;
  const config::EmbeddedFile* schema;
  std::unique_ptr<App> (*make)(const Parts& parts);
};

// The whole life of a process: settings, databases, services, listener; until SIGTERM or SIGINT, then a
// bounded graceful stop. Returns the exit code: 0 after a clean stop, 1 when it cannot start or stop cleanly,
// 2 for a wrong flag or setting. One clear line says why.
int Run(int argc, char** argv, std::string_view process, const std::vector<Service>& services);

}  // namespace idea::server

#endif  // IDEA_COMMON_SERVER_APP_H_
