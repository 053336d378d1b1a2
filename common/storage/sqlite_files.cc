#include "common/storage/sqlite_files.h"

#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <string_view>

#include "common/log/log.h"
#include "common/storage/attempts.h"

namespace idea::storage {
namespace {

// Values of f_type of statfs(2). linux/magic.h names only some of them.
constexpr struct {
  long type;
  std::string_view name;
} kNetworkFileSystems[] = {
    {0x6969, "nfs"},     {0x517B, "smb"},      {0xFF534D42, "cifs"},  {0xFE534D42, "smb2"},
    {0x5346414F, "afs"}, {0x73757245, "coda"}, {0x00C36400, "ceph"},  {0x0BD00BD0, "lustre"},
    {0x01021997, "9p"},  {0x47504653, "gpfs"}, {0x7461636F, "ocfs2"},
};

}  // namespace

SqliteFiles::SqliteFiles(const std::string& path) : files_{{{path}, {path + "-wal"}, {path + "-shm"}}} {
  for (File& file : files_) {
    struct stat found {};
    if (stat(file.path.c_str(), &found) == 0) {
      file.device = found.st_dev;
      file.inode = found.st_ino;
    }
  }
}

absl::Status SqliteFiles::Check() {
  const auto changed = std::find_if(files_.begin(), files_.end(), [](const File& file) {
    struct stat found {};
    return stat(file.path.c_str(), &found) != 0 || found.st_dev != file.device || found.st_ino != file.inode;
  });
  const bool lost = changed != files_.end();
  if (lost_.exchange(lost) != lost) {
    log::Line(
        lost ? log::Level::kError : log::Level::kInfo,
        lost
            ? "a database file was removed or replaced: calls are refused until it is back or the process is "
              "restarted"
            : "the database files are back")
        .With("file", lost ? changed->path : files_.front().path);
  }
  return lost ? Unavailable("the file " + changed->path + " was removed or replaced") : absl::OkStatus();
}

std::string_view NetworkFileSystem(long type) {
  for (const auto& known : kNetworkFileSystems) {
    if (known.type == type) return known.name;
  }
  return {};
}

absl::Status CheckLocal(const std::string& path) {
  struct statfs found {};
  if (statfs(path.c_str(), &found) != 0) return absl::OkStatus();
  const std::string_view name = NetworkFileSystem(found.f_type);
  if (name.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "the database file " + path + " is on a network file system (" + std::string(name) +
      "), where SQLite can lose acknowledged writes; use a local disk or PostgreSQL");
}

}  // namespace idea::storage
