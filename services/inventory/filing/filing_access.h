#ifndef IDEA_SERVICES_INVENTORY_FILING_FILING_ACCESS_H_
#define IDEA_SERVICES_INVENTORY_FILING_FILING_ACCESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/auth/auth.h"
#include "common/auth/visibility.h"
#include "common/flow/flow.h"
#include "common/storage/database.h"
#include "idea/inventory/v1/filing.pb.h"

// Which agreements a caller sees, and its roles in them.
namespace idea::inventory {

// The Statewide CDO's office and peer services see all agreements, other callers those of their entity.
// Refers to `caller`, which must outlive it.
auth::Visibility VisibilityOf(const auth::Caller& caller);

// The roles of the caller in the agreement.
flow::Roles RolesOf(const auth::Caller& caller, const v1::Filing& filing);

// NOT_FOUND if the filing does not exist or is not visible to the caller.
absl::StatusOr<v1::Filing> FindVisible(storage::Transaction& db, const auth::Caller& caller,
                                       const std::string& name);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_FILING_FILING_ACCESS_H_
