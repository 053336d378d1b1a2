#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "common/storage/attempts.h"
#include "common/storage/database.h"
#include "common/storage/migrations.h"

namespace idea::storage {
namespace {

constexpr std::string_view kIdentityKey = "IDENTITY_KEY";
constexpr std::string_view kCompatible = "-- compatible\n";

bool IsWordCharacter(char c) { return c == '_' || isalnum(static_cast<unsigned char>(c)) != 0; }

// Splits a file at the semicolons that are not inside a string, a quoted name or a comment.
class Splitter {
 public:
  Splitter(std::string_view text, std::string_view identity_key) : text_(text), identity_key_(identity_key) {}

  std::vector<std::string> Split() && {
    while (at_ < text_.size()) Step();
    EndStatement();
    return std::move(statements_);
  }

 private:
  void Step() {
    const char c = text_[at_];
    if (c == '\'' || c == '"') return Copy(text_.find(c, at_ + 1));
    if (text_.substr(at_, 2) == "--") return Skip(text_.find('\n', at_));
    if (c == ';') return EndStatement();
    if (IsWordCharacter(c)) return CopyWord();
    if (c != ' ' && c != '\n') blank_ = false;
    statement_ += c;
    ++at_;
  }

  // Copies up to and including `last`.
  void Copy(size_t last) {
    const size_t end = last == std::string_view::npos ? text_.size() : last + 1;
    statement_ += text_.substr(at_, end - at_);
    blank_ = false;
    at_ = end;
  }

  void Skip(size_t end) { at_ = end == std::string_view::npos ? text_.size() : end; }

  void CopyWord() {
    size_t end = at_;
    while (end < text_.size() && IsWordCharacter(text_[end])) ++end;
    const std::string_view word = text_.substr(at_, end - at_);
    statement_ += word == kIdentityKey ? identity_key_ : word;
    blank_ = false;
    at_ = end;
  }

  void EndStatement() {
    if (!blank_) statements_.push_back(std::move(statement_));
    statement_.clear();
    blank_ = true;
    ++at_;
  }

  const std::string_view text_;
  const std::string_view identity_key_;
  size_t at_ = 0;
  bool blank_ = true;
  std::string statement_;
  std::vector<std::string> statements_;
};

// Whether a file is for this engine: its name does not end in the suffix of another one.
bool IsFor(Engine engine, std::string_view file) {
  return !file.ends_with(engine == Engine::kSqlite ? ".postgresql.sql" : ".sqlite.sql");
}

// If two processes create a table at the same moment, PostgreSQL refuses one of them, which then finds the
// table.
absl::Status CreateJournal(Database& database) {
  const Body create = [](Transaction& transaction) {
    return transaction
        .Execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations (set_name TEXT NOT NULL, file TEXT NOT NULL, "
            "PRIMARY KEY (set_name, file))",
            {})
        .status();
  };
  const absl::Status created = database.Write(create);
  return absl::IsAlreadyExists(created) ? database.Write(create) : created;
}

// Files that earlier releases may ignore. In a separate table, because earlier releases write the journal
// without this column.
absl::Status CreateCompatible(Transaction& transaction) {
  return transaction
      .Execute(
          "CREATE TABLE IF NOT EXISTS schema_compatible (set_name TEXT NOT NULL, file TEXT NOT NULL, "
          "PRIMARY KEY (set_name, file))",
          {})
      .status();
}

absl::Status NoteCompatible(Transaction& transaction, std::string_view set,
                            const config::EmbeddedFile& file) {
  if (!std::string_view(file.text).starts_with(kCompatible)) return absl::OkStatus();
  RETURN_IF_ERROR(CreateCompatible(transaction));
  return transaction
      .Execute("INSERT INTO schema_compatible (set_name, file) VALUES ($1, $2)",
               {std::string(set), std::string(file.name)})
      .status();
}

absl::StatusOr<std::set<std::string>> Done(Transaction& transaction, std::string_view set) {
  std::set<std::string> done;
  ASSIGN_OR_RETURN(
      const auto rows,
      transaction.Query("SELECT file FROM schema_migrations WHERE set_name = $1", {std::string(set)}));
  for (const Row& row : rows) done.insert(row.Text(0));
  return done;
}

absl::Status RunFile(Transaction& transaction, std::string_view set, const config::EmbeddedFile& file,
                     std::string_view identity_key) {
  RETURN_IF_ERROR(NoteCompatible(transaction, set, file));
  for (const std::string& statement : Splitter(file.text, identity_key).Split()) {
    RETURN_IF_ERROR(transaction.Execute(statement, {}).status());
  }
  return transaction
      .Execute("INSERT INTO schema_migrations (set_name, file) VALUES ($1, $2)",
               {std::string(set), std::string(file.name)})
      .status();
}

// Adds the name of the file to a failure that has no reason.
absl::Status Named(const absl::Status& status, std::string_view set, const config::EmbeddedFile& file) {
  if (status.ok() || status::ReasonOf(status) != status::Reason::ERROR_REASON_UNSPECIFIED) return status;
  return absl::InternalError("schema file " + std::string(set) + "/" + file.name + ": " +
                             std::string(status.message()));
}

// All files that were not run before, or none.
absl::Status RunMissing(Transaction& transaction, std::string_view set, const config::EmbeddedFile* files) {
  RETURN_IF_ERROR(transaction.LiftTimeouts());
  const bool postgresql = transaction.engine() == Engine::kPostgresql;
  if (postgresql) {
    // Each statement sees what was committed before it: a file that waits for a lock misses nothing.
    RETURN_IF_ERROR(transaction.Execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED", {}).status());
    RETURN_IF_ERROR(transaction.Execute("LOCK TABLE schema_migrations IN EXCLUSIVE MODE", {}).status());
  }
  ASSIGN_OR_RETURN(const auto done, Done(transaction, set));
  const std::string_view key =
      postgresql ? "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY" : "INTEGER PRIMARY KEY AUTOINCREMENT";
  for (const config::EmbeddedFile* file = files; file->name != nullptr; ++file) {
    if (done.contains(file->name) || !IsFor(transaction.engine(), file->name)) continue;
    RETURN_IF_ERROR(Named(RunFile(transaction, set, *file, key), set, *file));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> HasTable(Transaction& transaction, const std::string& name) {
  const bool postgresql = transaction.engine() == Engine::kPostgresql;
  ASSIGN_OR_RETURN(const auto row,
                   transaction.QueryOne(postgresql ? "SELECT to_regclass($1)::text"
                                                   : "SELECT MAX(name) FROM sqlite_master WHERE name = $1",
                                        {name}));
  return !row->IsNull(0);
}

// The files that the database has and the program does not know, except those that earlier releases may
// ignore.
absl::StatusOr<std::set<std::string>> FindLaterFiles(Transaction& transaction, std::string_view set,
                                                     const config::EmbeddedFile* files) {
  ASSIGN_OR_RETURN(std::set<std::string> unknown, Done(transaction, set));
  for (const config::EmbeddedFile* file = files; file->name != nullptr; ++file) unknown.erase(file->name);
  if (unknown.empty()) return unknown;
  ASSIGN_OR_RETURN(const bool any_compatible, HasTable(transaction, "schema_compatible"));
  if (!any_compatible) return unknown;
  ASSIGN_OR_RETURN(
      const auto rows,
      transaction.Query("SELECT file FROM schema_compatible WHERE set_name = $1", {std::string(set)}));
  for (const Row& row : rows) unknown.erase(row.Text(0));
  return unknown;
}

bool IsForbidden(const absl::Status& status) {
  constexpr std::string_view kInsufficientPrivilege = "42501";
  return CauseOf(status).find(kInsufficientPrivilege) != std::string::npos;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> FindMissingFiles(Database& database, std::string_view set,
                                                          const config::EmbeddedFile* files) {
  std::vector<std::string> missing;
  std::set<std::string> later;
  // Without a lock, so that no process waits.
  RETURN_IF_ERROR(database.Read([&](Transaction& transaction) -> absl::Status {
    missing.clear();
    std::set<std::string> done;
    ASSIGN_OR_RETURN(const bool has_journal, HasTable(transaction, "schema_migrations"));
    if (has_journal) {
      ASSIGN_OR_RETURN(later, FindLaterFiles(transaction, set, files));
      ASSIGN_OR_RETURN(done, Done(transaction, set));
    }
    for (const config::EmbeddedFile* file = files; file->name != nullptr; ++file) {
      if (IsFor(transaction.engine(), file->name) && !done.contains(file->name))
        missing.emplace_back(file->name);
    }
    return absl::OkStatus();
  }));
  if (later.empty()) return missing;
  return absl::FailedPreconditionError("the database was changed by a later release (" + std::string(set) +
                                       "/" + *later.rbegin() +
                                       "); start a program of that release or a later one");
}

absl::Status Migrate(Database& database, std::string_view set, const config::EmbeddedFile* files) {
  ASSIGN_OR_RETURN(const std::vector<std::string> missing, FindMissingFiles(database, set, files));
  if (missing.empty()) return absl::OkStatus();
  absl::Status status = CreateJournal(database);
  if (status.ok())
    status = database.Write([&](Transaction& transaction) { return RunMissing(transaction, set, files); });
  if (!IsForbidden(status)) return status;
  return Unavailable("the schema lacks " + std::to_string(missing.size()) + " files, the first is " +
                     std::string(set) + "/" + missing.front() +
                     ", and this role may not change it: run `migrate apply` as the owner of the database");
}

}  // namespace idea::storage
