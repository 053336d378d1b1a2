#ifndef IDEA_SERVICES_INVENTORY_EXCHANGE_TRANSFER_STORE_H_
#define IDEA_SERVICES_INVENTORY_EXCHANGE_TRANSFER_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "idea/inventory/v1/transfer.pb.h"

// The table of transfers.
namespace idea::inventory {

absl::Status InsertTransfer(storage::Transaction& db, const v1::Transfer& transfer);

// NOT_FOUND if the transfer does not exist.
absl::StatusOr<v1::Transfer> FindTransfer(storage::Transaction& db, const std::string& name);

// One page of the transfers under a filing, the newest first, without findings.
absl::StatusOr<v1::ListTransfersResponse> ListTransfers(storage::Transaction& db,
                                                        const v1::ListTransfersRequest& request);

// The time of the previous transfer between the same two under the same filing. A transfer that the other
// side recorded with the same digest is the same transfer.
absl::StatusOr<std::optional<clock::Micros>> TimeBefore(storage::Transaction& db,
                                                        const v1::Transfer& transfer);

// The reporters of other transfers with the same digest between the same two under the same filing, each
// once.
absl::StatusOr<std::vector<std::string>> ReportersOfSame(storage::Transaction& db,
                                                         const v1::Transfer& transfer);

// The time of the last transfer under a filing.
absl::StatusOr<std::optional<clock::Micros>> LastTime(storage::Transaction& db, const std::string& filing);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_EXCHANGE_TRANSFER_STORE_H_
