#ifndef IDEA_COMMON_STORAGE_POSTGRES_DATABASE_H_
#define IDEA_COMMON_STORAGE_POSTGRES_DATABASE_H_

#include <memory>
#include <string>

#include "common/storage/database.h"

namespace idea::storage {

// Opens a postgresql:// address. INVALID_ARGUMENT if it cannot be parsed; the message does not contain it.
// The server is not contacted before the first use: if it is down, calls fail, not this function.
//
// Connections are opened as needed, a few for all callers, one at a time. A connection that breaks, or whose
// server has become read-only (a failover demoted it), is replaced together with all others of its time. Only
// a primary server is used. A transaction sees one snapshot (REPEATABLE READ). A transaction that is lost
// before its commit is run again. A commit whose answer is lost is ERROR_REASON_STORAGE_UNAVAILABLE and may
// have happened.
//
// `password_file` is that of OpenWithPasswordFile().
absl::StatusOr<std::unique_ptr<Database>> OpenPostgres(const std::string& address, const Timeouts& timeouts,
                                                       const std::string& password_file);

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_POSTGRES_DATABASE_H_
