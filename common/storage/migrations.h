#ifndef IDEA_COMMON_STORAGE_MIGRATIONS_H_
#define IDEA_COMMON_STORAGE_MIGRATIONS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/config/embedded.h"
#include "common/storage/database.h"

namespace idea::storage {

// The files that Migrate() would run, in order; all files if the database has no schema. Fails like Migrate()
// for a database of a later release.
absl::StatusOr<std::vector<std::string>> FindMissingFiles(Database& database, std::string_view set,
                                                          const config::EmbeddedFile* files);

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_MIGRATIONS_H_
