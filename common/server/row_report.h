#ifndef IDEA_COMMON_SERVER_ROW_REPORT_H_
#define IDEA_COMMON_SERVER_ROW_REPORT_H_

#include <utility>
#include <vector>

#include "common/server/app.h"
#include "common/server/background_loop.h"
#include "common/storage/database.h"

namespace idea::server {

// Lets the services of a process set the gauges of what their tables hold (App::ShowRows) at each interval.
class RowReport {
 public:
  explicit RowReport(std::chrono::milliseconds interval);

  // To be called before Start(). Both must outlive the report.
  void Add(storage::Database& database, App& app) { services_.emplace_back(&database, &app); }
  void Start() { loop_.Start(); }
  // One pass. The failure of one service does not keep the others from reporting.
  int Pass();

 private:
  std::vector<std::pair<storage::Database*, App*>> services_;
  BackgroundLoop loop_;
};

}  // namespace idea::server

#endif  // IDEA_COMMON_SERVER_ROW_REPORT_H_
