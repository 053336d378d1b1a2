#include "services/inventory/log/timestamp_store.h"

#include "common/status/status.h"

namespace idea::inventory {

absl::Status SaveTimestamp(storage::Transaction& db, const StampedCheckpoint& stamped) {
  return db
      .Execute(
          "INSERT INTO log_timestamps (size, time, checkpoint, token) VALUES ($1, $2, $3, $4) ON CONFLICT "
          "(size) DO NOTHING",
          {stamped.size, stamped.time, stamped.checkpoint, storage::Blob{stamped.token}})
      .status();
}

absl::StatusOr<std::optional<StampedCheckpoint>> NewestTimestamp(storage::Transaction& db, int64_t size) {
  ASSIGN_OR_RETURN(
      const auto row,
      db.QueryOne("SELECT size, time, checkpoint, token FROM log_timestamps WHERE size <= $1 ORDER "
                  "BY size DESC LIMIT 1",
                  {size}));
  if (!row) return std::optional<StampedCheckpoint>();
  return std::optional<StampedCheckpoint>({row->Int(0), row->Int(1), row->Text(2), row->Bytes(3)});
}

}  // namespace idea::inventory
