#ifndef IDEA_COMMON_STORAGE_SQLITE_DATABASE_H_
#define IDEA_COMMON_STORAGE_SQLITE_DATABASE_H_

#include <memory>
#include <string>

#include "common/storage/database.h"

namespace idea::storage {

// Opens a SQLite file, creating it and its folder if need be, or ":memory:".
//
// One thread writes: it runs the bodies of those who wait, each in its own savepoint, commits them together,
// and only then answers any of them. Readers have connections of their own and are never in its way; in
// memory they take turns with it.
absl::StatusOr<std::unique_ptr<Database>> OpenSqlite(const std::string& path);

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_SQLITE_DATABASE_H_
