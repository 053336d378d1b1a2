#ifndef IDEA_COMMON_STORAGE_DATABASE_H_
#define IDEA_COMMON_STORAGE_DATABASE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/config/embedded.h"

// All access to SQL. One SQL text serves both engines: parameters are $1..$n, types are TEXT, BIGINT and
// BLOB.
namespace idea::storage {

// Bytes, as a type distinct from text.
struct Blob {
  std::string bytes;
  bool operator==(const Blob&) const = default;
};

// A parameter or a column: NULL, a number, a text or bytes.
using Value = std::variant<std::monostate, int64_t, std::string, Blob>;
using Args = std::vector<Value>;

// One row of a result, with columns from 0. Reading a column as the wrong type is a bug and ends the program.
class Row {
 public:
  explicit Row(std::vector<Value> columns) : columns_(std::move(columns)) {}
  bool IsNull(int column) const { return std::holds_alternative<std::monostate>(At(column)); }
  int64_t Int(int column) const { return std::get<int64_t>(At(column)); }
  const std::string& Text(int column) const { return std::get<std::string>(At(column)); }
  const std::string& Bytes(int column) const { return std::get<Blob>(At(column)).bytes; }
  // The size of its texts and blobs, in bytes.
  size_t Size() const;

 private:
  const Value& At(int column) const { return columns_.at(static_cast<size_t>(column)); }
  std::vector<Value> columns_;
};
using Rows = std::vector<Row>;

// Maps the outcome of a statement, the number of changed rows or a failure, to a status. It may replace a
// failure or turn a success into a failure. It cannot turn a failure into a success.
using RowCheck = std::function<absl::Status(const absl::StatusOr<int64_t>& changed)>;

// `failure` if no row was changed.
RowCheck FailIfNoRows(absl::Status failure);
// `failure` if a unique key is taken.
RowCheck FailIfExists(absl::Status failure);

// kSqlite has one writer at a time: transactions commit in the order of their row numbers. On kPostgresql a
// row may become visible after a row with a higher number.
enum class Engine { kSqlite, kPostgresql };

// Distinguishes a database from its copies and its earlier states.
struct Location {
  // Differs after a restore into another file, table, database or server, and in every copy. Made of inode
  // and birth time of the file, or of the identifiers of the server, the database and the tables.
  std::string copy;
  // PostgreSQL only: the timeline of the server. Differs after a failover or a recovery to a point in time.
  std::string timeline;
  bool operator==(const Location&) const = default;
};

// A transaction, valid while its body runs. Failures:
//   ALREADY_EXISTS: a unique key is taken. Return it; only on SQLite is the transaction still usable.
//   ABORTED: a conflict with another transaction. Return it, and the body is run again.
//   Any other failure is one of the database. Return it.
class Transaction {
 public:
  virtual ~Transaction() = default;

  // The rows of a SELECT, or of a statement with RETURNING.
  virtual absl::StatusOr<Rows> Query(std::string_view sql, const Args& args) = 0;
  // Runs a statement and returns the number of changed rows.
  virtual absl::StatusOr<int64_t> Execute(std::string_view sql, const Args& args) = 0;

  // Runs a statement without waiting for its outcome. It may be kept back and sent together with later
  // statements. Later queries see its effects, and nothing is committed without it. The failure that the
  // check returns is the result of the call that detects it, or of the transaction. The check may run after
  // the body has returned, so it must own its data.
  virtual absl::Status ExecuteDeferred(std::string_view sql, const Args& args, const RowCheck& check) = 0;
  absl::Status ExecuteDeferred(std::string_view sql, const Args& args) {
    return ExecuteDeferred(sql, args, nullptr);
  }

  // For the few statements that differ.
  virtual Engine engine() const = 0;
  // The current location of the database.
  virtual absl::StatusOr<Location> FindLocation() = 0;

  // Lifts the time limits (Timeouts) until the transaction ends. Only for schema changes, which may rewrite a
  // large table.
  virtual absl::Status LiftTimeouts() { return absl::OkStatus(); }

  // The only row of a result; nullopt if it is empty.
  absl::StatusOr<std::optional<Row>> QueryOne(std::string_view sql, const Args& args);
};

// The body of a transaction. It may be run more than once (after a conflict or a lost connection), so it must
// not keep state across runs or do anything irreversible.
using Body = std::function<absl::Status(Transaction&)>;

// A table in which many writes change the same row, so that they must be serialized; empty if there is none.
using Lane = std::string_view;

// The database of one service.
class Database {
 public:
  virtual ~Database() = default;

  // Runs `body` in a snapshot. Returns its result.
  virtual absl::Status Read(const Body& body) = 0;
  // Runs `body` in a transaction. Commits if it returns OK and rolls back otherwise. OK means that the commit
  // is durable. Conflicts are retried a limited number of times, then ERROR_REASON_STORAGE_UNAVAILABLE, as
  // for a lost connection and a full disk.
  absl::Status Write(const Body& body) { return Write(body, Lane()); }
  // Writes of one lane queue for each other, in this process and among replicas, instead of conflicting.
  // Queued writes share a commit; each is still committed, rolled back and answered separately.
  virtual absl::Status Write(const Body& body, Lane lane) = 0;

  // The number of calls that it serves concurrently: a good number of workers for it.
  virtual int Parallelism() const = 0;

  // A short text that is stored under a name such as "events" outside of the database, so that restoring an
  // older backup does not restore it. Empty if none was saved. PostgreSQL has none, because a restored
  // database there has another Location.
  virtual std::string ReadMark(const std::string& /*name*/) { return ""; }
  virtual absl::Status SaveMark(const std::string& /*name*/, const std::string& /*text*/) {
    return absl::OkStatus();
  }

  // From `end` on, no call waits for the server: all calls, including those in progress, fail with
  // ERROR_REASON_STORAGE_UNAVAILABLE. Bounds the stop of a process whose database does not answer.
  virtual void EndBy(std::chrono::steady_clock::time_point /*end*/) {}
};

// The text of the engine for a failed call, for operators only; may be empty.
std::string CauseOf(const absl::Status& status);

// Time limits for PostgreSQL; zero means no limit. Exceeding one is ERROR_REASON_STORAGE_UNAVAILABLE. SQLite
// has no server and ignores them.
struct Timeouts {
  // For one statement. The server cancels it; if it does not, the connection is closed one second later.
  std::chrono::milliseconds statement{15'000};
  // For one wait for a lock, such as a lane that another process uses.
  std::chrono::milliseconds lock{10'000};
  // For a pause between two statements of a transaction, after which the server closes the connection.
  std::chrono::milliseconds idle_in_transaction{10'000};
};

// Opens "sqlite:<path>", "sqlite::memory:" or a "postgresql://..." address. INVALID_ARGUMENT for any other
// text. The message never contains the address, which may hold a password.
absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& address, const Timeouts& timeouts = {});

// Updates the schema: runs the files that were not run before, in order, each once even if several processes
// do so at the same time; all of them, or none if one fails. `set` names the series: "events", "drafting". In
// the files, IDENTITY_KEY is a column that numbers its rows. A file whose name ends in ".sqlite.sql" or
// ".postgresql.sql" is for that engine only. On PostgreSQL each statement of a file sees what was committed
// before it, so a file that locks a table misses no row.
//
// FAILED_PRECONDITION if the database has files of a later release that this program does not know, because
// it might misread their changes. A file whose first line is "-- compatible" allows programs of earlier
// releases to use the database.
absl::Status Migrate(Database& database, std::string_view set, const config::EmbeddedFile* files);

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_DATABASE_H_
