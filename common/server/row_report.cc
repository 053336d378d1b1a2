#include "common/server/row_report.h"

namespace idea::server {

RowReport::RowReport(std::chrono::milliseconds interval)
    : loop_({.name = "row report", .interval = interval}, [this] { return Pass(); }) {}

int RowReport::Pass() {
  for (const auto& [database, app] : services_) {
    // Readiness already reports a database that does not answer.
    database->Read([&app = *app](storage::Transaction& db) { return app.ShowRows(db); }).IgnoreError();
  }
  return 0;
}

}  // namespace idea::server
