#ifndef IDEA_TESTS_CONTRACT_STORAGE_OUTAGE_H_
#define IDEA_TESTS_CONTRACT_STORAGE_OUTAGE_H_

#include <chrono>

#include "google/rpc/error_details.pb.h"
#include "tests/contract/storage/contract.h"

// The view of callers on a failing PostgreSQL.
namespace idea::storage {

// Short, so that a test does not wait long for a paused server.
inline constexpr Timeouts kShort{.statement = std::chrono::milliseconds(1000),
                                 .lock = std::chrono::milliseconds(1000),
                                 .idle_in_transaction = std::chrono::milliseconds(5000)};

inline bool HasRetryInfo(const absl::Status& status) {
  const google::rpc::Status wire = status::ToWire(status);
  for (const auto& detail : wire.details()) {
    if (detail.Is<google::rpc::RetryInfo>()) return true;
  }
  return false;
}

// STORAGE_UNAVAILABLE with RetryInfo.
MATCHER(IsOutage, "is an outage that the caller may wait for") {
  *result_listener << arg.ToString() << " " << CauseOf(arg);
  return status::ReasonOf(arg) == status::Reason::ERROR_REASON_STORAGE_UNAVAILABLE && HasRetryInfo(arg);
}

}  // namespace idea::storage

#endif  // IDEA_TESTS_CONTRACT_STORAGE_OUTAGE_H_
