#ifndef IDEA_SERVICES_INVENTORY_REGISTER_IMPORT_STORE_H_
#define IDEA_SERVICES_INVENTORY_REGISTER_IMPORT_STORE_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/storage/database.h"

// The table of imported filings, by source and reference in the source.
namespace idea::inventory {

struct Imported {
  // "filings/{filing}".
  std::string filing;
  // Digest of the row.
  std::string content;
  // The imported filing that replaced it: "filings/{filing}". Empty if none has.
  std::string successor = {};
};

absl::StatusOr<std::optional<Imported>> FindImported(storage::Transaction& db, const std::string& source,
                                                     const std::string& reference);

absl::Status StoreImported(storage::Transaction& db, const std::string& source, const std::string& reference,
                           const Imported& imported);

// Records which filing has replaced an imported one.
absl::Status SetSuccessor(storage::Transaction& db, const std::string& source, const std::string& reference,
                          const std::string& successor);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_REGISTER_IMPORT_STORE_H_
