#include "services/notification/checkpoint_worker.h"

#include "common/status/status.h"
#include "idea/inventory/v1/log.pb.h"

namespace idea::notification {

std::string CheckpointWorker::Newest() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

absl::StatusOr<int> CheckpointWorker::Pass() {
  ASSIGN_OR_RETURN(auto read, peers_.Send<inventory::v1::GetCheckpointResponse>(
                                  rpc::NewContext(kAskTimeout), inventory::v1::GetCheckpointRequest()));
  const std::lock_guard lock(mutex_);
  newest_ = std::move(*read.mutable_checkpoint());
  return 0;
}

}  // namespace idea::notification
