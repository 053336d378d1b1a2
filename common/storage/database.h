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

// The one door to SQL. One SQL text serves both engines: parameters are $1..$n, types are TEXT, BIGINT and
// BLOB.
namespace idea::storage {

// Bytes, to tell them from text.
struct Blob {
  std::string bytes;
  bool operator==(const Blob&) const = default;
};

// A parameter or a column: NULL, a number, a text or bytes.
using Value = std::variant<std::monostate, int64_t, std::string, Blob>;
using Args = std::vector<Value>;

// One row of an answer, columns from 0. Asking a column for the wrong type is a bug and ends the program.
class Row {
 public:
  explicit Row(std::vector<Value> columns) : columns_(std::move(columns)) {}
  bool IsNull(int column) const { return std::holds_alternative<std::monostate>(At(column)); }
  int64_t Int(int column) const { return std::get<int64_t>(At(column)); }
  const std::string& Text(int column) const { return std::get<std::string>(At(column)); }
  const std::string& Bytes(int column) const { return std::get<Blob>(At(column)).bytes; }
  // The bytes of its texts and blobs.
  size_t Size() const;

 private:
  const Value& At(int column) const { return columns_.at(static_cast<size_t>(column)); }
  std::vector<Value> columns_;
};
using Rows = std::vector<Row>;

// What the outcome of a statement means to its transaction: it is given how many rows were changed, or why it
// failed. It may name a failure anew, and find one where there was none; it cannot forgive one.
using RowCheck = std::function<absl::Status(const absl::StatusOr<int64_t>& changed)>;

// `failure` if no row was changed.
RowCheck FailIfNoRows(absl::Status failure);
// `failure` if a unique key is taken.
RowCheck FailIfExists(absl::Status failure);

// kSqlite has one writer at a time: transactions commit in the order in which they number their rows. On
// kPostgresql a row may become visible after a row with a higher number.
enum class Engine { kSqlite, kPostgresql };

// Tells a database from its copies and from its own past.
struct Location {
  // Differs after a restore into another file, table, database or server, and in every copy: inode and birth
  // time of the file, or the server's identifier, the database's and the tables'.
  std::string copy;
  // PostgreSQL only: the server's timeline. Differs after a failover or a recovery to a point in time.
  std::string timeline;
  bool operator==(const Location&) const = default;
};

// One transaction, open as long as the body runs that got it. Failures:
//   ALREADY_EXISTS  a unique key is taken; the transaction is still usable on SQLite only: return the
//   failure. ABORTED         a conflict with another transaction; return it and the body is run again.
//   anything else   the database failed; return it.
class Transaction {
 public:
  virtual ~Transaction() = default;

  // Rows of a SELECT, or of a statement with RETURNING.
  virtual absl::StatusOr<Rows> Query(std::string_view sql, const Args& args) = 0;
  // Runs a statement and says how many rows it changed.
  virtual absl::StatusOr<int64_t> Execute(std::string_view sql, const Args& args) = 0;

  // Runs a statement whose outcome nobody waits for. It may be kept back and sent together with what follows:
  // whatever is asked later sees what it did, and nothing is committed without it. What the check makes of
  // it is returned by whichever call finds out, or is what the transaction comes to. The check may be asked
  // when the body has returned: it owns what it needs.
  virtual absl::Status ExecuteDeferred(std::string_view sql, const Args& args, const RowCheck& check) = 0;
  absl::Status ExecuteDeferred(std::string_view sql, const Args& args) {
    return ExecuteDeferred(sql, args, nullptr);
  }

  // For the few statements that differ.
  virtual Engine engine() const = 0;
  // Where the database is kept now.
  virtual absl::StatusOr<Location> FindLocation() = 0;

  // Lifts the database's time limits (Timeouts) until the transaction ends. Only for changes of the schema,
  // which may rewrite a large table.
  virtual absl::Status LiftTimeouts() { return absl::OkStatus(); }

  // The one row of an answer; nullopt if there is none.
  absl::StatusOr<std::optional<Row>> QueryOne(std::string_view sql, const Args& args);
};

// What the body of a transaction looks like. It may be run more than once (a conflict, a crashed connection):
// it must not keep state across runs, nor do anything that cannot be undone.
using Body = std::function<absl::Status(Transaction&)>;

// A table of which many writes change the same row, so that they can only be made one after another; empty if
// there is none.
using Lane = std::string_view;

// A database of one service.
class Database {
 public:
  virtual ~Database() = default;

  // Runs `body` in a snapshot. Returns what it returns.
  virtual absl::Status Read(const Body& body) = 0;
  // Runs `body` in a transaction, commits if it returns OK and rolls back otherwise. OK means: durable.
  // Conflicts are retried a bounded number of times, then ERROR_REASON_STORAGE_UNAVAILABLE; so are a lost
  // connection and a full disk.
  absl::Status Write(const Body& body) { return Write(body, Lane()); }
  // Writes of one lane wait for each other in line, in this process and among replicas, instead of running
  // into conflicts. Those that wait together share a commit; each is still kept, undone and answered on its
  // own.
  virtual absl::Status Write(const Body& body, Lane lane) = 0;

  // How many calls it serves at once: the right number of workers in front of it.
  virtual int Parallelism() const = 0;

  // A short text that is kept beside the database under a name, "events", and not in it: it does not go back
  // in time when an older backup is put back over the database. Empty if none was saved. PostgreSQL keeps
  // none: there a restored database has another Location.
  virtual std::string ReadMark(const std::string& /*name*/) { return ""; }
  virtual absl::Status SaveMark(const std::string& /*name*/, const std::string& /*text*/) {
    return absl::OkStatus();
  }

  // From `end` on, no call waits for the server: a call in progress and every later one fails with
  // ERROR_REASON_STORAGE_UNAVAILABLE. Bounds the stop of a process whose database does not answer.
  virtual void EndBy(std::chrono::steady_clock::time_point /*end*/) {}
};

// What the engine said when a call failed, for the operator only; empty where it said nothing.
std::string CauseOf(const absl::Status& status);

// How long PostgreSQL may take; zero means no limit. A limit that is exceeded is
// ERROR_REASON_STORAGE_UNAVAILABLE. SQLite has no server to wait for and ignores them.
struct Timeouts {
  // One statement. The server cancels it; a server that does not even do that is given up one second later.
  std::chrono::milliseconds statement{15'000};
  // One wait for a lock, such as for a lane that another process uses.
  std::chrono::milliseconds lock{10'000};
  // A pause between two statements of a transaction, after which the server closes the connection.
  std::chrono::milliseconds idle_in_transaction{10'000};
};

// Opens "sqlite:<path>", "sqlite::memory:" or a "postgresql://..." address. INVALID_ARGUMENT for any other
// text; the message never contains the address, which may hold a password.
absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& address, const Timeouts& timeouts = {});

// Brings the schema up to date: runs the files that were not run before, in order, each once, whoever else
// does so at the same moment; all of them, or none where one fails. `set` names the series: "events",
// "drafting". In the files IDENTITY_KEY stands for a column that numbers its rows. A file whose name ends in
// ".sqlite.sql" or ".postgresql.sql" is for that engine alone. On PostgreSQL each statement of a file sees
// what others committed before it: a file that locks a table misses no row of it.
//
// FAILED_PRECONDITION if the database has files of a later release that this program does not know, because
// it might misread what they changed. A file whose first line is "-- compatible" says that programs of
// earlier releases can go on with the database.
absl::Status Migrate(Database& database, std::string_view set, const config::EmbeddedFile* files);

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_DATABASE_H_
