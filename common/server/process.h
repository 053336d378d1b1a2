#ifndef IDEA_COMMON_SERVER_PROCESS_H_
#define IDEA_COMMON_SERVER_PROCESS_H_

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/auth/auth.h"
#include "common/config/config.h"
#include "common/metrics/metrics.h"
#include "common/rpc/listener.h"
#include "common/server/admin_port.h"
#include "common/server/app.h"
#include "common/server/backlog_report.h"
#include "common/server/certificate_report.h"
#include "common/server/operations.h"
#include "common/server/readiness.h"
#include "common/server/row_report.h"
#include "common/server/watchdog.h"

namespace idea::server {

// A process with one or several services. Run() starts and stops it; tests use it directly.
class Process {
 public:
  // `name` is the name of its server certificate: "suite", "registry".
  Process(std::string name, config::Config config, const clock::Clock& clock);
  ~Process();

  // Binds the services, listens, opens and migrates the databases, and starts relays and feeds. Until the
  // databases answer, calls are refused as STORAGE_UNAVAILABLE. CANCELLED if the process is asked to stop
  // during the start.
  absl::Status Start(const std::vector<Service>& services);
  // The address that it listens on, after the start.
  const std::string& address() const;
  // Drains and stops everything in an order that loses no work.
  void Stop();

 private:
  struct Room;
  // Creates a service that does not need its database yet.
  absl::Status Prepare(Room& room);
  absl::Status OpenDatabases();
  absl::Status ServeAdminPort();
  // Why calls are not served; empty if they are.
  std::string Unready() const;
  // The metrics as of now.
  std::string MetricsText();
  void AddReports();
  // Adds the checks of the dependencies.
  void AddChecks();
  // Starts the watchdog of the own port.
  void StartWatchdog();
  events::Target Counted(events::Target target, std::string_view service);

  const std::string name_;
  const config::Config config_;
  const clock::Clock& clock_;
  std::unique_ptr<metrics::Metrics> metrics_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  std::vector<std::unique_ptr<Room>> rooms_;
  std::unique_ptr<CertificateReport> certificate_report_;
  std::unique_ptr<BacklogReport> backlog_report_;
  std::unique_ptr<RowReport> row_report_;
  // The methods for operators, for all services.
  OperationsService operations_;
  rpc::Router operations_router_;
  std::unique_ptr<rpc::Pipeline> operations_pipeline_;
  std::unique_ptr<rpc::Listener> listener_;
  std::unique_ptr<Readiness> readiness_;
  std::atomic<bool> serving_ = false;
  std::atomic<bool> stopping_ = false;
  std::unique_ptr<Watchdog> watchdog_;
  // Last, because its pages read the others.
  std::unique_ptr<AdminPort> admin_port_;
};

}  // namespace idea::server

#endif  // IDEA_COMMON_SERVER_PROCESS_H_
