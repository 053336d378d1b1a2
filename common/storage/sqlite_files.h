#ifndef IDEA_COMMON_STORAGE_SQLITE_FILES_H_
#define IDEA_COMMON_STORAGE_SQLITE_FILES_H_

#include <sys/types.h>

#include <array>
#include <atomic>
#include <string>

#include "absl/status/status.h"

namespace idea::storage {

// The files of an open SQLite database: the database, its write-ahead log and the index of the log. A process
// that keeps using removed or replaced files would acknowledge writes that are lost. Thread-safe.
class SqliteFiles {
 public:
  // Records the current files. The database must be open in WAL mode, so that all three exist.
  explicit SqliteFiles(const std::string& path);

  // ERROR_REASON_STORAGE_UNAVAILABLE while a file is missing or was replaced. Logs an error when that begins,
  // and a line when the files are back.
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

// The name of a file system type that is unsafe for the write-ahead log of SQLite, because its shared memory
// and locks do not reach other machines: "nfs". Empty for every other type. `type` is f_type of statfs.
std::string_view NetworkFileSystem(long type);

// FAILED_PRECONDITION if `path`, an existing file, is on a network file system.
absl::Status CheckLocal(const std::string& path);

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_SQLITE_FILES_H_
