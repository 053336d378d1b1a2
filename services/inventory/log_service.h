#ifndef IDEA_SERVICES_INVENTORY_LOG_SERVICE_H_
#define IDEA_SERVICES_INVENTORY_LOG_SERVICE_H_

#include <utility>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "idea/inventory/v1/inventory.pb.h"
#include "services/inventory/checkpoint.h"

namespace idea::inventory {

// The transparency log: adds to it for the register, and answers what anybody may ask of it.
class LogService {
 public:
  explicit LogService(LogKey key) : key_(std::move(key)) {}

  // Adds an entry to the log, in the caller's transaction. The leaf comes with its proof and checkpoint.
  absl::StatusOr<v1::LogLeaf> Append(storage::Transaction& db, const v1::LogEntry& entry) const;

  absl::StatusOr<v1::GetCheckpointResponse> GetCheckpoint(rpc::Call& call,
                                                          const v1::GetCheckpointRequest& request);
  absl::StatusOr<v1::GetInclusionProofResponse> GetInclusionProof(
      rpc::Call& call, const v1::GetInclusionProofRequest& request);
  absl::StatusOr<v1::GetConsistencyProofResponse> GetConsistencyProof(
      rpc::Call& call, const v1::GetConsistencyProofRequest& request);
  absl::StatusOr<v1::GetTileResponse> GetTile(rpc::Call& call, const v1::GetTileRequest& request);

 private:
  const LogKey key_;
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_LOG_SERVICE_H_
