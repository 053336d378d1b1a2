#ifndef IDEA_COMMON_SERVER_OPEN_DATABASE_H_
#define IDEA_COMMON_SERVER_OPEN_DATABASE_H_

#include <chrono>
#include <string_view>

#include "absl/status/status.h"
#include "common/config/embedded.h"
#include "common/storage/database.h"

namespace idea::server {

// A failure with the place where it happened and what the database said, for the one line that the operator
// reads.
absl::Status In(std::string_view where, const absl::Status& status);

// Brings the schema of a service's database up to date and opens its event log. While the database does not
// answer it tries again until `give_up`; it logs one line when it begins to wait and one when it need not
// wait any longer. CANCELLED if the process is told to stop meanwhile.
absl::Status OpenDatabase(storage::Database& database, std::string_view service,
                          const config::EmbeddedFile* schema, std::chrono::steady_clock::time_point give_up);

}  // namespace idea::server

#endif  // IDEA_COMMON_SERVER_OPEN_DATABASE_H_
