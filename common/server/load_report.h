#ifndef IDEA_COMMON_SERVER_LOAD_REPORT_H_
#define IDEA_COMMON_SERVER_LOAD_REPORT_H_

#include <string>

#include "common/metrics/metrics.h"
#include "common/rpc/listener.h"
#include "common/storage/database.h"

namespace idea::server {

// Sets the gauges of the workers: idea_workers_busy{hops}, idea_workers_max{hops},
// idea_worker_queue_depth{hops}, idea_worker_queue_max{hops}, and idea_connections_open.
void ShowWorkers(const rpc::Listener& listener, metrics::Metrics& metrics);

// Sets the gauges of the connections of a service's database: as OpenTelemetry names them,
// db_client_connection_count{db_client_connection_pool_name, db_client_connection_state},
// db_client_connection_max and db_client_connection_pending_requests; and
// idea_database_queued_writes{service}.
void ShowConnections(const std::string& service, storage::Database& database, metrics::Metrics& metrics);

}  // namespace idea::server

#endif  // IDEA_COMMON_SERVER_LOAD_REPORT_H_
