#ifndef IDEA_COMMON_SERVER_MIGRATE_COMMAND_H_
#define IDEA_COMMON_SERVER_MIGRATE_COMMAND_H_

#include <string>
#include <string_view>
#include <vector>

#include "common/config/config.h"
#include "common/server/app.h"

namespace idea::server {

// `<process> migrate plan|apply|status [--flag value]...`: the schema of the databases of these services,
// without serving. A role with the right to change schemas runs it, so that the services need a role without
// it.
//   plan    prints the schema files that `apply` would run
//   apply   runs them, each database in one transaction for each series of files
//   status  prints whether each database has the schema of this release
// Returns the exit code: 0; 1 if a database does not answer, belongs to a later release or, for `status`,
// lacks files; 2 for a wrong action.
int RunMigrate(std::string_view action, std::string_view process, const config::Config& config,
               const std::vector<Service>& services);

}  // namespace idea::server

#endif  // IDEA_COMMON_SERVER_MIGRATE_COMMAND_H_
