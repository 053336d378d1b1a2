#ifndef IDEA_COMMON_STORAGE_OPEN_TRANSACTIONS_H_
#define IDEA_COMMON_STORAGE_OPEN_TRANSACTIONS_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/storage/database.h"

namespace idea::storage {

// A transaction of a client of the database. The server cannot remove rows that it may still see, and other
// transactions wait for its locks. Transactions in other databases of the server have no such effect.
struct OpenTransaction {
  // The process id at the server; 0 for a prepared transaction.
  int64_t pid = 0;
  std::string database;
  std::string role;
  // The application name of the client, or the name of the prepared transaction.
  std::string application;
  // "active", "idle in transaction", ..., "prepared".
  std::string state;
  // By the clock of the server, in microseconds since 1970. Identifies the transaction together with the pid.
  int64_t begun = 0;
  std::chrono::milliseconds age{0};
};

// Returns the oldest open transaction except the caller's own; nullopt if there is none, and on SQLite. A
// role that is not a member of pg_read_all_stats sees only its own transactions.
absl::StatusOr<std::optional<OpenTransaction>> FindOldestTransaction(Transaction& db);

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_OPEN_TRANSACTIONS_H_
