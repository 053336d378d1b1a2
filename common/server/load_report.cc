#include "common/server/load_report.h"

#include "common/rpc/context.h"
#include "common/storage/connection_use.h"

namespace idea::server {

void ShowWorkers(const rpc::Listener& listener, metrics::Metrics& metrics) {
  for (int hops = 0; hops <= rpc::kMaxHops; ++hops) {
    const rpc::Workers::Load load = listener.LoadOf(hops);
    const auto set = [&](const char* name, const char* help, size_t value) {
      metrics.Set(name, help, {{"hops", std::to_string(hops)}}, static_cast<double>(value));
    };
    set("idea_workers_busy", "Workers that run a call; hops: how many services the call has passed",
        load.running);
    set("idea_workers_max", "Maximum number of workers", load.threads);
    set("idea_worker_queue_depth", "Calls that wait for a worker", load.waiting);
    set("idea_worker_queue_max", "Calls that may wait for a worker", load.queue);
  }
  metrics.Set("idea_connections_open", "Open connections of callers", {},
              static_cast<double>(listener.open_connections()));
}

void ShowConnections(const std::string& service, storage::Database& database, metrics::Metrics& metrics) {
  const storage::ConnectionUse use = storage::UseOf(database);
  const std::map<std::string, std::string> pool = {{"db_client_connection_pool_name", service}};
  for (const auto& [state, count] : {std::pair{"used", use.used}, {"idle", use.idle}}) {
    metrics.Set("db_client_connection_count", "Open connections to the database",
                {{"db_client_connection_pool_name", service}, {"db_client_connection_state", state}}, count);
  }
  metrics.Set("db_client_connection_max", "Maximum number of connections to the database", pool, use.max);
  metrics.Set("db_client_connection_pending_requests", "Callers that wait for a connection to the database",
              pool, use.waiting);
  metrics.Set("idea_database_queued_writes", "Writes that wait for their group commit",
              {{"service", service}}, use.queued_writes);
}

}  // namespace idea::server
