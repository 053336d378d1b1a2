#ifndef IDEA_COMMON_STORAGE_SQLITE_DATABASE_H_
#define IDEA_COMMON_STORAGE_SQLITE_DATABASE_H_

#include <memory>
#include <string>

#include "common/storage/database.h"

namespace idea::storage {

// Opens a SQLite file or ":memory:". Creates the file and its folder if necessary.
//
// One thread writes: it runs the bodies of all waiting callers, each in a savepoint, commits them together,
// and only then answers them. Readers have separate connections and never block it; in memory they take turns
// with it.
absl::StatusOr<std::unique_ptr<Database>> OpenSqlite(const std::string& path);

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_SQLITE_DATABASE_H_
