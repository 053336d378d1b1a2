#include "services/inventory/log/cosignature_store.h"

#include "common/status/status.h"

namespace idea::inventory {

absl::StatusOr<bool> SaveCosignature(storage::Transaction& db, const Cosignature& cosignature) {
  ASSIGN_OR_RETURN(
      const int64_t added,
      db.Execute("INSERT INTO log_cosignatures (size, witness, line) VALUES ($1, $2, $3) ON CONFLICT "
                 "(size, witness) DO NOTHING",
                 {cosignature.size, cosignature.witness, cosignature.line}));
  RETURN_IF_ERROR(db.Execute("DELETE FROM log_cosignatures WHERE witness = $1 AND size <= (SELECT size FROM "
                             "log_cosignatures WHERE witness = $1 ORDER BY size DESC LIMIT 1 OFFSET $2)",
                             {cosignature.witness, int64_t{kMaxCosignatures}})
                      .status());
  return added > 0;
}

absl::Status DeleteCosignaturesBefore(storage::Transaction& db, int64_t size) {
  return db.Execute("DELETE FROM log_cosignatures WHERE size < $1", {size}).status();
}

absl::StatusOr<std::vector<Cosignature>> ReadCosignatures(storage::Transaction& db) {
  ASSIGN_OR_RETURN(
      const storage::Rows rows,
      db.Query("SELECT size, witness, line FROM log_cosignatures ORDER BY size DESC, witness", {}));
  std::vector<Cosignature> cosignatures;
  for (const storage::Row& row : rows) cosignatures.push_back({row.Int(0), row.Text(1), row.Text(2)});
  return cosignatures;
}

}  // namespace idea::inventory
