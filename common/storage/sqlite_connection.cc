#include "common/storage/sqlite_connection.h"

#include <SQLiteCpp/Exception.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "common/status/status.h"
#include "common/storage/attempts.h"

namespace idea::storage {
namespace {

constexpr int kBusyMilliseconds = 2000;
constexpr size_t kStatementsKept = 256;

absl::Status StatusOf(const SQLite::Exception& failure) {
  const std::string words = failure.what();
  switch (failure.getExtendedErrorCode()) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return absl::AlreadyExistsError(words);
    default:
      break;
  }
  switch (failure.getErrorCode() & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return Conflict(words);
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
      return Unavailable(words);
    default:
      return absl::InternalError(words);
  }
}

int Bind(sqlite3_stmt* statement, int at, const Value& value) {
  const auto size = [](const std::string& bytes) { return static_cast<int>(bytes.size()); };
  if (const auto* number = std::get_if<int64_t>(&value)) return sqlite3_bind_int64(statement, at, *number);
  if (const auto* text = std::get_if<std::string>(&value))
    return sqlite3_bind_text(statement, at, text->data(), size(*text), SQLITE_STATIC);
  if (const auto* blob = std::get_if<Blob>(&value))
    return sqlite3_bind_blob(statement, at, blob->bytes.data(), size(blob->bytes), SQLITE_STATIC);
  return sqlite3_bind_null(statement, at);
}

// The text or the bytes of a column.
std::string BytesOf(sqlite3_stmt* statement, int column) {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
  return {bytes == nullptr ? "" : bytes, static_cast<size_t>(sqlite3_column_bytes(statement, column))};
}

Value ReadColumn(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
      return std::monostate();
    case SQLITE_INTEGER:
      return int64_t{sqlite3_column_int64(statement, column)};
    case SQLITE_BLOB:
      return Blob{BytesOf(statement, column)};
    default:
      return BytesOf(statement, column);
  }
}

// A statement in use. It is reset afterwards in all cases.
class InUse {
 public:
  InUse(const SqliteStatement& statement, const Args& args) : statement_(statement.handle.get()) {
    if (statement.parameters.size() != args.size())
      throw SQLite::Exception("the statement has another number of parameters", SQLITE_RANGE);
    for (size_t i = 0; i < args.size(); ++i) {
      const int result = Bind(statement_, statement.parameters[i], args[i]);
      if (result != SQLITE_OK) throw SQLite::Exception("an argument cannot be bound", result);
    }
  }
  ~InUse() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  InUse(const InUse&) = delete;
  InUse& operator=(const InUse&) = delete;

 private:
  sqlite3_stmt* const statement_;
};

Rows ReadRows(sqlite3* database, sqlite3_stmt* statement) {
  Rows rows;
  int result = sqlite3_step(statement);
  const int count = sqlite3_column_count(statement);
  for (; result == SQLITE_ROW; result = sqlite3_step(statement)) {
    std::vector<Value> columns;
    columns.reserve(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) columns.push_back(ReadColumn(statement, i));
    rows.emplace_back(std::move(columns));
  }
  if (result != SQLITE_DONE) throw SQLite::Exception(database, result);
  return rows;
}

}  // namespace

SqliteConnection::SqliteConnection(const std::string& path)
    : database_(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX,
                kBusyMilliseconds) {}

absl::StatusOr<std::unique_ptr<SqliteConnection>> SqliteConnection::Open(const std::string& path,
                                                                         Access access) {
  try {
    std::unique_ptr<SqliteConnection> connection(new SqliteConnection(path));
    sqlite3_extended_result_codes(connection->handle(), 1);
    const std::string mode = connection->database_.execAndGet("PRAGMA journal_mode=WAL").getString();
    if (mode != "wal" && mode != "memory")
      return absl::FailedPreconditionError("the folder does not support WAL mode");
    for (const char* setting : {"PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON",
                                "PRAGMA wal_autocheckpoint=0", "PRAGMA journal_size_limit=67108864",
                                // As in PostgreSQL.
                                "PRAGMA case_sensitive_like=ON"}) {
      connection->database_.exec(setting);
    }
    if (access == Access::kReadOnly) {
      connection->database_.exec("PRAGMA query_only=ON");
    } else {
      // A group is written once, at its commit. The journal of its savepoints stays in memory only while it
      // is small: with temp_store=MEMORY each statement of a large transaction would walk over all of it.
      connection->database_.exec("PRAGMA cache_size=-65536");
    }
    return connection;
  } catch (const SQLite::Exception& failure) {
    return StatusOf(failure);
  }
}

SqliteStatement& SqliteConnection::Prepare(std::string_view sql) {
  std::string text(sql);
  if (auto found = statements_.find(text); found != statements_.end()) return found->second;
  if (statements_.size() >= kStatementsKept) statements_.clear();
  sqlite3_stmt* prepared = nullptr;
  const int result = sqlite3_prepare_v3(handle(), text.data(), static_cast<int>(text.size()),
                                        SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
  if (result != SQLITE_OK) throw SQLite::Exception(handle(), result);
  SqliteStatement statement;
  statement.handle.reset(prepared);
  for (int i = 1; i <= sqlite3_bind_parameter_count(prepared); ++i) {
    statement.parameters.push_back(sqlite3_bind_parameter_index(prepared, ("$" + std::to_string(i)).c_str()));
  }
  return statements_[std::move(text)] = std::move(statement);
}

absl::StatusOr<Rows> SqliteConnection::Query(std::string_view sql, const Args& args) {
  try {
    RETURN_IF_ERROR(CheckArgs(args));
    const SqliteStatement& statement = Prepare(sql);
    const InUse use(statement, args);
    return ReadRows(handle(), statement.handle.get());
  } catch (const SQLite::Exception& failure) {
    return StatusOf(failure);
  }
}

absl::StatusOr<int64_t> SqliteConnection::Execute(std::string_view sql, const Args& args) {
  // The count of the last statement remains if the next one, such as CREATE TABLE, has none.
  const int before = Changes();
  RETURN_IF_ERROR(Query(sql, args).status());
  return Changes() == before ? 0 : int64_t{database_.getChanges()};
}

absl::Status SqliteConnection::Run(std::string_view sql) { return Query(sql, {}).status(); }

bool SqliteConnection::InTransaction() const { return sqlite3_get_autocommit(handle()) == 0; }

bool SqliteConnection::Checkpoint() {
  return sqlite3_wal_checkpoint_v2(handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr) ==
         SQLITE_OK;
}

template <class T>
absl::StatusOr<T> SqliteTransaction::Watch(const std::function<absl::StatusOr<T>()>& run) {
  const int before = connection_.Changes();
  absl::StatusOr<T> answer = run();
  if (access_ == Access::kReadOnly && connection_.Changes() != before) {
    answer = absl::InternalError("a change inside a read");
  }
  if (!answer.ok() && failure_.ok()) failure_ = answer.status();
  return answer;
}

absl::StatusOr<Rows> SqliteTransaction::Query(std::string_view sql, const Args& args) {
  return Watch<Rows>([&] { return connection_.Query(sql, args); });
}

absl::StatusOr<int64_t> SqliteTransaction::Execute(std::string_view sql, const Args& args) {
  return Watch<int64_t>([&] { return connection_.Execute(sql, args); });
}

absl::Status SqliteTransaction::ExecuteDeferred(std::string_view sql, const Args& args,
                                                const RowCheck& check) {
  const absl::Status status = Judge(Execute(sql, args), check);
  if (!status.ok()) failure_ = status;
  return status;
}

// The device number may change with a new mount, the inode does not. A file that reuses the inode of a
// removed one has a later birth time.
absl::StatusOr<Location> SqliteTransaction::FindLocation() {
  const char* path = sqlite3_db_filename(connection_.handle(), "main");
  if (path == nullptr || *path == '\0') return Location{"memory", ""};
  struct statx found {};
  if (statx(AT_FDCWD, path, 0, STATX_INO | STATX_BTIME, &found) != 0) {
    return Unavailable(std::string("the database file cannot be examined: ") + path);
  }
  std::string copy = std::to_string(found.stx_ino);
  if ((found.stx_mask & STATX_BTIME) != 0) {
    copy += "." + std::to_string(found.stx_btime.tv_sec) + "." + std::to_string(found.stx_btime.tv_nsec);
  }
  return Location{copy, ""};
}

}  // namespace idea::storage
