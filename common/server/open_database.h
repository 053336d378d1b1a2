#ifndef IDEA_COMMON_SERVER_OPEN_DATABASE_H_
#define IDEA_COMMON_SERVER_OPEN_DATABASE_H_

#include <chrono>
#include <string_view>

#include "absl/status/status.h"
#include "common/config/embedded.h"
#include "common/storage/database.h"

namespace idea::server {

// Adds to a failure where it happened and the text of the database, for the line that the operator reads.
absl::Status In(std::string_view where, const absl::Status& status);

// Updates the schema of the database of a service and opens its event log. Retries until `give_up` while the
// database does not answer, and logs when the wait begins and when it ends. CANCELLED if the process is asked
// to stop during the wait.
absl::Status OpenDatabase(storage::Database& database, std::string_view service,
                          const config::EmbeddedFile* schema, std::chrono::steady_clock::time_point give_up);

}  // namespace idea::server

#endif  // IDEA_COMMON_SERVER_OPEN_DATABASE_H_
