#include "services/inventory/register/import_store.h"

#include "common/status/status.h"

namespace idea::inventory {

absl::StatusOr<std::optional<Imported>> FindImported(storage::Transaction& db, const std::string& source,
                                                     const std::string& reference) {
  ASSIGN_OR_RETURN(
      const auto row,
      db.QueryOne("SELECT filing, content, successor FROM imported_filings WHERE source = $1 AND "
                  "reference = $2",
                  {source, reference}));
  if (!row) return std::optional<Imported>();
  return std::optional(Imported{row->Text(0), row->Text(1), row->Text(2)});
}

absl::Status StoreImported(storage::Transaction& db, const std::string& source, const std::string& reference,
                           const Imported& imported) {
  return db.ExecuteDeferred(
      "INSERT INTO imported_filings (source, reference, filing, content) VALUES ($1, $2, $3, $4)",
      {source, reference, imported.filing, imported.content});
}

absl::Status SetSuccessor(storage::Transaction& db, const std::string& source, const std::string& reference,
                          const std::string& successor) {
  return db.ExecuteDeferred("UPDATE imported_filings SET successor = $1 WHERE source = $2 AND reference = $3",
                            {successor, source, reference});
}

}  // namespace idea::inventory
