#ifndef IDEA_SERVICES_INVENTORY_REGISTER_IMPORT_STORE_H_
#define IDEA_SERVICES_INVENTORY_REGISTER_IMPORT_STORE_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/storage/database.h"

// What was taken over from registers before this one, by source and the reference there.
namespace idea::inventory {

struct Imported {
  // "filings/{id}"
  std::string filing;
  // Digest of the row that it came from.
  std::string content;
  // The imported filing that has taken its place: "filings/{id}"; empty if none has.
  std::string successor = {};
};

absl::StatusOr<std::optional<Imported>> FindImported(storage::Transaction& db, const std::string& source,
                                                     const std::string& reference);

absl::Status StoreImported(storage::Transaction& db, const std::string& source, const std::string& reference,
                           const Imported& imported);

// Notes which filing has taken the place of an imported one.
absl::Status SetSuccessor(storage::Transaction& db, const std::string& source, const std::string& reference,
                          const std::string& successor);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_REGISTER_IMPORT_STORE_H_
