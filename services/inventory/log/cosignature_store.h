#ifndef IDEA_SERVICES_INVENTORY_LOG_COSIGNATURE_STORE_H_
#define IDEA_SERVICES_INVENTORY_LOG_COSIGNATURE_STORE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/storage/database.h"

// The table of the witnesses' cosignatures of the log's checkpoints. Keeps only the newest.
namespace idea::inventory {

struct Cosignature {
  // Number of entries in the tree of the checkpoint.
  int64_t size = 0;
  // The witness's name in the policy of the log.
  std::string witness;
  // The signature line with its newline.
  std::string line;
};

// Maximum number of cosignatures of one witness that are kept.
inline constexpr int kMaxCosignatures = 100;

// Stores a cosignature. Returns false if one of that witness for that size exists. Deletes the oldest of the
// witness above the maximum.
absl::StatusOr<bool> SaveCosignature(storage::Transaction& db, const Cosignature& cosignature);

// Deletes the cosignatures of smaller trees.
absl::Status DeleteCosignaturesBefore(storage::Transaction& db, int64_t size);

// All cosignatures, the largest tree first.
absl::StatusOr<std::vector<Cosignature>> ReadCosignatures(storage::Transaction& db);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_LOG_COSIGNATURE_STORE_H_
