#ifndef IDEA_COMMON_STORAGE_SQLITE_CONNECTION_H_
#define IDEA_COMMON_STORAGE_SQLITE_CONNECTION_H_

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/storage/attempts.h"
#include "common/storage/database.h"

namespace idea::storage {

// One connection to a SQLite file, with its prepared statements. Used by one thread at a time.
class SqliteConnection {
 public:
  // Opens the file in WAL mode, `synchronous=FULL`, creating it if need be. ABORTED: others are busy with it,
  // try again.
  static absl::StatusOr<std::unique_ptr<SqliteConnection>> Open(const std::string& path, Access access);

  absl::StatusOr<Rows> Query(std::string_view sql, const Args& args);
  absl::StatusOr<int64_t> Execute(std::string_view sql, const Args& args);
  // A statement without arguments and answer: BEGIN, COMMIT.
  absl::Status Run(std::string_view sql);

  // How many rows were changed since it was opened.
  int Changes() const { return database_.getTotalChanges(); }
  // False also when the engine gave up the transaction on its own, which it may do after a failure.
  bool InTransaction() const;
  // Copies what it can of the log into the database file without making anybody wait. False if another one is
  // at it.
  bool Checkpoint();
  sqlite3* handle() const { return database_.getHandle(); }

 private:
  explicit SqliteConnection(const std::string& path);
  SQLite::Statement& Prepare(std::string_view sql);

  SQLite::Database database_;
  std::unordered_map<std::string, std::unique_ptr<SQLite::Statement>> statements_;
};

// The transaction that is open on a connection.
class SqliteTransaction : public Transaction {
 public:
  SqliteTransaction(SqliteConnection& connection, Access access) : connection_(connection), access_(access) {}

  absl::StatusOr<Rows> Query(std::string_view sql, const Args& args) override;
  absl::StatusOr<int64_t> Execute(std::string_view sql, const Args& args) override;
  absl::Status ExecuteDeferred(std::string_view sql, const Args& args, const RowCheck& check) override;
  Engine engine() const override { return Engine::kSqlite; }
  absl::StatusOr<Location> FindLocation() override;

  // The first failure of a statement: as on PostgreSQL, nothing is committed after one.
  const absl::Status& failure() const { return failure_; }

 private:
  // Runs a statement, sees that one who may only read did, and notes a failure.
  template <class T>
  absl::StatusOr<T> Watch(const std::function<absl::StatusOr<T>()>& run);

  SqliteConnection& connection_;
  const Access access_;
  absl::Status failure_;
};

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_SQLITE_CONNECTION_H_
