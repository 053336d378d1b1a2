#ifndef IDEA_COMMON_STORAGE_PASSWORD_FILE_H_
#define IDEA_COMMON_STORAGE_PASSWORD_FILE_H_

#include <memory>
#include <string>

#include "common/storage/database.h"

namespace idea::storage {

// Like Open(), with the password of PostgreSQL in the first line of a file, which is read for each new
// connection. A connection cannot be opened while the file cannot be read or is empty. No password if
// `password_file` is empty. SQLite ignores it.
absl::StatusOr<std::unique_ptr<Database>> OpenWithPasswordFile(const std::string& address,
                                                               const Timeouts& timeouts,
                                                               const std::string& password_file);

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_PASSWORD_FILE_H_
