#include "common/storage/open_transactions.h"

#include "common/status/status.h"

namespace idea::storage {

absl::StatusOr<std::optional<OpenTransaction>> FindOldestTransaction(Transaction& db) {
  if (db.engine() == Engine::kSqlite) return std::optional<OpenTransaction>();
  ASSIGN_OR_RETURN(
      const auto row,
      db.QueryOne(
          "SELECT pid, database, COALESCE(role, ''), COALESCE(application, ''), COALESCE(state, ''), "
          "(EXTRACT(EPOCH FROM begun) * 1000000)::bigint, "
          "(EXTRACT(EPOCH FROM clock_timestamp() - begun) * 1000)::bigint "
          "FROM (SELECT pid::bigint, datname AS database, usename AS role, application_name AS application, "
          "state, xact_start AS begun FROM pg_stat_activity "
          "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend' AND xact_start IS NOT NULL "
          "UNION ALL SELECT 0, database, owner, gid, 'prepared', prepared FROM pg_prepared_xacts) AS open "
          "WHERE database = current_database() ORDER BY begun LIMIT 1",
          {}));
  if (!row) return std::optional<OpenTransaction>();
  return std::optional<OpenTransaction>({.pid = row->Int(0),
                                         .database = row->Text(1),
                                         .role = row->Text(2),
                                         .application = row->Text(3),
                                         .state = row->Text(4),
                                         .begun = row->Int(5),
                                         .age = std::chrono::milliseconds(row->Int(6))});
}

}  // namespace idea::storage
