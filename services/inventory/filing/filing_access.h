#ifndef IDEA_SERVICES_INVENTORY_FILING_FILING_ACCESS_H_
#define IDEA_SERVICES_INVENTORY_FILING_FILING_ACCESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/auth/auth.h"
#include "common/flow/flow.h"
#include "common/storage/database.h"
#include "idea/inventory/v1/filing.pb.h"

namespace idea::inventory {

// Which parts the caller plays in the agreement.
flow::Parts PartsOf(const auth::Caller& caller, const v1::Filing& filing);

// Parties, the Statewide CDO's office and peer services see a filing; to anybody else it is NOT_FOUND.
absl::StatusOr<v1::Filing> FindVisible(storage::Transaction& db, const auth::Caller& caller,
                                       const std::string& name);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_FILING_FILING_ACCESS_H_
