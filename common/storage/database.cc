#include "common/storage/database.h"

#include "common/status/status.h"
#include "common/storage/connection_use.h"
#include "common/storage/password_file.h"
#include "common/storage/postgres_database.h"
#include "common/storage/sqlite_database.h"

namespace idea::storage {

size_t Row::Size() const {
  size_t size = 0;
  for (const Value& value : columns_) {
    if (const auto* text = std::get_if<std::string>(&value)) size += text->size();
    if (const auto* blob = std::get_if<Blob>(&value)) size += blob->bytes.size();
  }
  return size;
}

RowCheck FailIfNoRows(absl::Status failure) {
  return [failure = std::move(failure)](const absl::StatusOr<int64_t>& changed) {
    return changed.ok() && *changed == 0 ? failure : changed.status();
  };
}

RowCheck FailIfExists(absl::Status failure) {
  return [failure = std::move(failure)](const absl::StatusOr<int64_t>& changed) {
    return absl::IsAlreadyExists(changed.status()) ? failure : changed.status();
  };
}

absl::StatusOr<std::optional<Row>> Transaction::QueryOne(std::string_view sql, const Args& args) {
  ASSIGN_OR_RETURN(Rows rows, Query(sql, args));
  if (rows.empty()) return std::nullopt;
  if (rows.size() > 1) return absl::InternalError("more than one row for a query of one row");
  return std::move(rows.front());
}

ConnectionUse UseOf(Database& database) {
  auto* const pool = dynamic_cast<CountsConnections*>(&database);
  return pool == nullptr ? ConnectionUse() : pool->Connections();
}

absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& address, const Timeouts& timeouts) {
  return OpenWithPasswordFile(address, timeouts, "");
}

absl::StatusOr<std::unique_ptr<Database>> OpenWithPasswordFile(const std::string& address,
                                                               const Timeouts& timeouts,
                                                               const std::string& password_file) {
  constexpr std::string_view kSqlite = "sqlite:";
  if (address.starts_with(kSqlite)) return OpenSqlite(address.substr(kSqlite.size()));
  if (address.starts_with("postgresql://") || address.starts_with("postgres://"))
    return OpenPostgres(address, timeouts, password_file);
  return absl::InvalidArgumentError(
      "a database is sqlite:<path>, sqlite::memory: or postgresql://<user>@<host>/<name>");
}

}  // namespace idea::storage
