#ifndef IDEA_COMMON_STORAGE_SQLITE_CONNECTION_H_
#define IDEA_COMMON_STORAGE_SQLITE_CONNECTION_H_

#include <SQLiteCpp/Database.h>
#include <sqlite3.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/storage/attempts.h"
#include "common/storage/database.h"

namespace idea::storage {

// A prepared statement.
struct SqliteStatement {
  std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> handle{nullptr, &sqlite3_finalize};
  // The index that SQLite has given to each of the parameters $1..$n.
  std::vector<int> parameters;
};

// A connection to a SQLite file with its prepared statements. Used by one thread at a time.
class SqliteConnection {
 public:
  // Opens the file in WAL mode with `synchronous=FULL`, and creates it if necessary. ABORTED if others are
  // busy with it: try again.
  static absl::StatusOr<std::unique_ptr<SqliteConnection>> Open(const std::string& path, Access access);

  absl::StatusOr<Rows> Query(std::string_view sql, const Args& args);
  absl::StatusOr<int64_t> Execute(std::string_view sql, const Args& args);
  // Runs a statement without arguments and result: BEGIN, COMMIT.
  absl::Status Run(std::string_view sql);

  // The number of rows changed since it was opened.
  int Changes() const { return database_.getTotalChanges(); }
  // Also false if the engine has rolled the transaction back, as it may do after a failure.
  bool InTransaction() const;
  // Copies as much of the log as possible into the database file without blocking others. False if another
  // connection is doing so.
  bool Checkpoint();
  sqlite3* handle() const { return database_.getHandle(); }

 private:
  explicit SqliteConnection(const std::string& path);
  SqliteStatement& Prepare(std::string_view sql);

  SQLite::Database database_;
  std::unordered_map<std::string, SqliteStatement> statements_;
};

// The open transaction of a connection.
class SqliteTransaction : public Transaction {
 public:
  SqliteTransaction(SqliteConnection& connection, Access access) : connection_(connection), access_(access) {}

  absl::StatusOr<Rows> Query(std::string_view sql, const Args& args) override;
  absl::StatusOr<int64_t> Execute(std::string_view sql, const Args& args) override;
  absl::Status ExecuteDeferred(std::string_view sql, const Args& args, const RowCheck& check) override;
  Engine engine() const override { return Engine::kSqlite; }
  absl::StatusOr<Location> FindLocation() override;

  // The first failure of a statement. As on PostgreSQL, nothing is committed after it.
  const absl::Status& failure() const { return failure_; }

 private:
  // Runs a statement, checks read-only access, and records a failure.
  template <class T>
  absl::StatusOr<T> Watch(const std::function<absl::StatusOr<T>()>& run);

  SqliteConnection& connection_;
  const Access access_;
  absl::Status failure_;
};

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_SQLITE_CONNECTION_H_
