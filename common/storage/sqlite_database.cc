#include "common/storage/sqlite_database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>
#include <utility>

#include "common/log/thread.h"
#include "common/status/status.h"
#include "common/storage/attempts.h"
#include "common/storage/group_writer.h"
#include "common/storage/pool.h"
#include "common/storage/sqlite_connection.h"
#include "common/storage/sqlite_files.h"

namespace idea::storage {
namespace {

constexpr int kReaders = 4;
// More than the readers: the more writers wait together, the more of them share one commit.
constexpr int kCallers = 32;
// In pages of 4 KiB of the log: when to copy them in the background, and when the writer must stop for it,
// because the log would otherwise grow as long as the load lasts.
constexpr int kCheckpointAt = 1000;
constexpr int kStopWriterAt = 16000;
constexpr int kStopWriterEvery = 4000;

absl::StatusOr<std::unique_ptr<SqliteConnection>> Connect(const std::string& path, Access access) {
  std::unique_ptr<SqliteConnection> connection;
  RETURN_IF_ERROR(RetryConflicts([&]() -> absl::Status {
    ASSIGN_OR_RETURN(connection, SqliteConnection::Open(path, access));
    return absl::OkStatus();
  }));
  return connection;
}

// Moves the log into the database file on a separate thread and connection, so that no commit waits for it.
class Checkpointer {
 public:
  explicit Checkpointer(std::unique_ptr<SqliteConnection> connection)
      : connection_(std::move(connection)), thread_(log::StartThread("checkpointer", [this] { Work(); })) {}
  ~Checkpointer() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
      changed_.notify_one();
    }
    thread_.join();
  }

  // Called by the writer between transactions, with the size of the log.
  void Committed(SqliteConnection& writer, int pages) {
    if (pages < pages_) {  // The log was restarted.
      copy_at_ = kCheckpointAt;
      stop_writer_at_ = kStopWriterAt;
    }
    pages_ = pages;
    if (pages >= stop_writer_at_) {
      // While the other connection copies, this attempt would be refused.
      const std::lock_guard copied(copying_);
      if (writer.Checkpoint()) stop_writer_at_ = pages + kStopWriterEvery;
    } else if (pages >= copy_at_) {
      copy_at_ = pages + kCheckpointAt;
      std::lock_guard lock(mutex_);
      wanted_ = true;
      changed_.notify_one();
    }
  }

 private:
  void Work() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      changed_.wait(lock, [&] { return stopping_ || wanted_; });
      wanted_ = false;
      lock.unlock();
      {
        const std::lock_guard copying(copying_);
        connection_->Checkpoint();
      }
      lock.lock();
    }
  }

  const std::unique_ptr<SqliteConnection> connection_;
  // Only used by the writer.
  int pages_ = 0;
  int copy_at_ = kCheckpointAt;
  int stop_writer_at_ = kStopWriterAt;
  // Held while the log is copied.
  std::mutex copying_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool wanted_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

// Called by SQLite after each commit.
int NotePages(void* pages_in_log, sqlite3*, const char*, int pages) {
  *static_cast<int*>(pages_in_log) = pages;
  return SQLITE_OK;
}

class SqliteGroups : public GroupConnection {
 public:
  // `owner` is the database that the bodies belong to. `files` and `checkpointer` are null in memory.
  SqliteGroups(const Database* owner, std::unique_ptr<SqliteConnection> connection, SqliteFiles* files,
               Checkpointer* checkpointer)
      : owner_(owner), connection_(std::move(connection)), files_(files), checkpointer_(checkpointer) {
    sqlite3_wal_hook(connection_->handle(), NotePages, &pages_in_log_);
  }

  absl::Status Begin() override {
    RETURN_IF_ERROR(CheckFiles());
    kept_ = 0;
    return connection_->Run("BEGIN IMMEDIATE");
  }
  // A savepoint has SQLite copy each page that is changed after it. The first job needs none, because the
  // transaction can be rolled back.
  absl::Status Run(const Body& body, Access access) override {
    if (kept_ > 0) RETURN_IF_ERROR(connection_->Run("SAVEPOINT job"));
    SqliteTransaction transaction(*connection_, access);
    const absl::Status status = RunBody(owner_, body, transaction);
    return status.ok() ? transaction.failure() : status;
  }
  bool InTransaction() override { return connection_->InTransaction(); }
  absl::Status Keep() override {
    if (kept_++ == 0) return absl::OkStatus();
    return connection_->Run("RELEASE job");
  }
  absl::Status Undo() override {
    RETURN_IF_ERROR(connection_->Run(kept_ > 0 ? "ROLLBACK TO job" : "ROLLBACK"));
    return connection_->Run(kept_ > 0 ? "RELEASE job" : "BEGIN IMMEDIATE");
  }
  absl::Status Commit() override {
    RETURN_IF_ERROR(connection_->Run("COMMIT"));
    // Writes into a file that is no longer at its path are not acknowledged.
    return CheckFiles();
  }
  absl::Status Rollback() override { return connection_->Run("ROLLBACK"); }
  void Rest(bool) override {
    if (checkpointer_ != nullptr) checkpointer_->Committed(*connection_, pages_in_log_);
  }

 private:
  absl::Status CheckFiles() { return files_ == nullptr ? absl::OkStatus() : files_->Check(); }

  const Database* const owner_;
  const std::unique_ptr<SqliteConnection> connection_;
  SqliteFiles* const files_;
  Checkpointer* const checkpointer_;
  int pages_in_log_ = 0;
  // The number of jobs of the group whose changes are kept.
  int kept_ = 0;
};

// SQLite gives its log the permissions of the database file. Only a new file is changed: closing another
// descriptor of an open file would release the locks of SQLite on it.
void CreatePrivateFile(const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file >= 0) close(file);
}

class SqliteFile : public Database, public CountsConnections {
 public:
  SqliteFile(std::string path, std::unique_ptr<SqliteConnection> writer,
             std::unique_ptr<SqliteConnection> checkpointer)
      : files_(path),
        path_(path),
        readers_(kReaders, [path = std::move(path)] { return Connect(path, Access::kReadOnly); }),
        checkpointer_(std::move(checkpointer)),
        writer_(std::make_unique<SqliteGroups>(this, std::move(writer), &files_, &checkpointer_)) {}

  absl::Status Read(const Body& body) override {
    RETURN_IF_ERROR(CheckNotNested(this));
    return RetryConflicts([&] { return ReadOnce(body); });
  }

  absl::Status Write(const Body& body, Lane) override {
    RETURN_IF_ERROR(CheckNotNested(this));
    return RetryConflicts([&] { return writer_.Write(body); });
  }

  int Parallelism() const override { return kCallers; }
  ConnectionUse Connections() override {
    ConnectionUse use = readers_.Use();
    use.queued_writes = writer_.queued();
    return use;
  }

  std::string ReadMark(const std::string& name) override {
    std::ifstream file(MarkFile(name));
    std::string text;
    std::getline(file, text);
    return text;
  }

  absl::Status SaveMark(const std::string& name, const std::string& text) override {
    const std::string file = MarkFile(name);
    const std::string fresh = file + "." + std::to_string(getpid());
    CreatePrivateFile(fresh);
    const bool written = (std::ofstream(fresh) << text << '\n').flush().good();
    if (written && std::rename(fresh.c_str(), file.c_str()) == 0) return absl::OkStatus();
    return Unavailable("cannot write " + file);
  }

 private:
  std::string MarkFile(const std::string& name) const { return path_ + "-" + name + "-mark"; }

  absl::Status ReadOnce(const Body& body) {
    RETURN_IF_ERROR(files_.Check());
    ASSIGN_OR_RETURN(auto connection, readers_.Acquire());
    RETURN_IF_ERROR(connection->Run("BEGIN"));
    SqliteTransaction transaction(*connection, Access::kReadOnly);
    const absl::Status status = RunBody(this, body, transaction);
    if (connection->InTransaction() && !connection->Run("ROLLBACK").ok()) readers_.Drop(connection);
    return status.ok() ? transaction.failure() : status;
  }

  SqliteFiles files_;
  const std::string path_;
  Pool<SqliteConnection> readers_;
  Checkpointer checkpointer_;
  GroupWriter writer_;
};

class SqliteMemory : public Database {
 public:
  explicit SqliteMemory(std::unique_ptr<SqliteConnection> connection)
      : writer_(std::make_unique<SqliteGroups>(this, std::move(connection), nullptr, nullptr)) {}

  absl::Status Read(const Body& body) override {
    RETURN_IF_ERROR(CheckNotNested(this));
    return RetryConflicts([&] { return writer_.Read(body); });
  }

  absl::Status Write(const Body& body, Lane) override {
    RETURN_IF_ERROR(CheckNotNested(this));
    return RetryConflicts([&] { return writer_.Write(body); });
  }

  int Parallelism() const override { return kCallers; }

 private:
  GroupWriter writer_;
};

absl::Status CreateFolderOf(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) return absl::OkStatus();
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (!failure) return absl::OkStatus();
  return absl::FailedPreconditionError("cannot create the folder " + folder.string() + ": " +
                                       failure.message());
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenSqlite(const std::string& path) {
  if (path.empty()) return absl::InvalidArgumentError("sqlite: without a file name");
  if (path == ":memory:") {
    ASSIGN_OR_RETURN(auto connection, Connect(path, Access::kReadWrite));
    return std::make_unique<SqliteMemory>(std::move(connection));
  }
  RETURN_IF_ERROR(CreateFolderOf(path));
  CreatePrivateFile(path);
  auto writer = Connect(path, Access::kReadWrite);
  if (!writer.ok()) {
    return absl::FailedPreconditionError("cannot open the database file " + path + ": " +
                                         CauseOf(writer.status()));
  }
  RETURN_IF_ERROR(CheckLocal(path));
  ASSIGN_OR_RETURN(auto checkpointer, Connect(path, Access::kReadWrite));
  return std::make_unique<SqliteFile>(path, *std::move(writer), std::move(checkpointer));
}

}  // namespace idea::storage
