#ifndef IDEA_SERVICES_INVENTORY_LOG_TIMESTAMP_STORE_H_
#define IDEA_SERVICES_INVENTORY_LOG_TIMESTAMP_STORE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"

// The table of checkpoints that a time-stamping authority has stamped.
namespace idea::inventory {

struct StampedCheckpoint {
  // Number of entries in the tree.
  int64_t size = 0;
  // When the token was asked for, by this service's clock.
  clock::Micros time = 0;
  // The signed note, and the token over its text in DER.
  std::string checkpoint;
  std::string token;
};

// Stores a token. The first one for a tree is kept.
absl::Status SaveTimestamp(storage::Transaction& db, const StampedCheckpoint& stamped);

// The one of the largest tree that has at most `size` entries; nullopt if none exists.
absl::StatusOr<std::optional<StampedCheckpoint>> NewestTimestamp(storage::Transaction& db, int64_t size);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_LOG_TIMESTAMP_STORE_H_
