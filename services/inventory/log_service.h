#ifndef IDEA_SERVICES_INVENTORY_LOG_SERVICE_H_
#define IDEA_SERVICES_INVENTORY_LOG_SERVICE_H_

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/transparency/checkpoint.h"
#include "idea/inventory/v1/evidence.pb.h"
#include "idea/inventory/v1/inventory.pb.h"

namespace idea::inventory {

// The transparency log: adds to it for the register, and answers what anybody may ask of it.
class LogService {
 public:
  explicit LogService(transparency::LogKey key) : key_(std::move(key)) {}

  // Adds an entry to the log, in the caller's transaction. The leaf comes with its proof and checkpoint.
  absl::StatusOr<v1::LogLeaf> Append(storage::Transaction& db, const v1::LogEntry& entry) const;

  // Fills in what the log says of evidence.filing(), which has a receipt: leaves, proofs and the newest
  // checkpoint.
  absl::Status Prove(storage::Transaction& db, v1::Evidence& evidence) const;
  // Signs the parts of a message, under a name that no checkpoint has.
  std::string Seal(std::string_view subject, const google::protobuf::Message& message) const;

  absl::StatusOr<v1::GetCheckpointResponse> GetCheckpoint(rpc::Call& call,
                                                          const v1::GetCheckpointRequest& request);
  absl::StatusOr<v1::GetInclusionProofResponse> GetInclusionProof(
      rpc::Call& call, const v1::GetInclusionProofRequest& request);
  absl::StatusOr<v1::GetConsistencyProofResponse> GetConsistencyProof(
      rpc::Call& call, const v1::GetConsistencyProofRequest& request);
  absl::StatusOr<v1::GetTileResponse> GetTile(rpc::Call& call, const v1::GetTileRequest& request);

 private:
  const transparency::LogKey key_;
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_LOG_SERVICE_H_
