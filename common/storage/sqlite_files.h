#ifndef IDEA_COMMON_STORAGE_SQLITE_FILES_H_
#define IDEA_COMMON_STORAGE_SQLITE_FILES_H_

#include <sys/types.h>

#include <array>
#include <atomic>
#include <string>

#include "absl/status/status.h"

namespace idea::storage {

// The files of one open SQLite database: the database, its write-ahead log and the index of the log. A
// process that keeps using files that were removed or replaced acknowledges writes that nobody finds again.
// Thread-safe.
class SqliteFiles {
 public:
  // Remembers the files as they are now. The database must be open in WAL mode, so that all three exist.
  explicit SqliteFiles(const std::string& path);

  // ERROR_REASON_STORAGE_UNAVAILABLE while a file is missing or is another one than was opened. Logs an error
  // when that begins, and a line when the files are back.
  absl::Status Check();

 private:
  struct File {
    std::string path;
    dev_t device = 0;
    ino_t inode = 0;
  };
  std::array<File, 3> files_;
  std::atomic<bool> lost_{false};
};

// The name of a file system type on which SQLite's write-ahead log cannot be trusted, because its shared
// memory and locks do not reach other machines: "nfs". Empty for every other type. `type` is statfs's f_type.
std::string_view NetworkFileSystem(long type);

// FAILED_PRECONDITION if `path`, an existing file, is on a network file system.
absl::Status CheckLocal(const std::string& path);

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_SQLITE_FILES_H_
