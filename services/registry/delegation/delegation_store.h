#ifndef IDEA_SERVICES_REGISTRY_DELEGATION_DELEGATION_STORE_H_
#define IDEA_SERVICES_REGISTRY_DELEGATION_DELEGATION_STORE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "idea/registry/v1/delegation.pb.h"

// The table of delegations, and the roles that a person has through them.
namespace idea::registry {

absl::Status InsertDelegation(storage::Transaction& db, const std::string& entity,
                              const v1::Delegation& delegation);

// The delegation, or ERROR_REASON_NOT_FOUND.
absl::StatusOr<v1::Delegation> GetDelegation(storage::Transaction& db, const std::string& name);

// Ends the delegation at `now`. Returns ERROR_REASON_STEP_NOT_ALLOWED if it has ended.
absl::Status EndDelegation(storage::Transaction& db, const std::string& name, clock::Micros now);

// Returns one page. Fails as listing::Plan does.
absl::StatusOr<v1::ListDelegationsResponse> ListDelegations(storage::Transaction& db,
                                                            const v1::ListDelegationsRequest& request);

// The contact of a person at an entity and the roles in force: the person's own roles, and delegated roles if
// the principal acts for the entity and has them.
absl::StatusOr<v1::ResolvePersonResponse> Resolve(storage::Transaction& db, const std::string& entity,
                                                  const std::string& person, clock::Micros now);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_DELEGATION_DELEGATION_STORE_H_
