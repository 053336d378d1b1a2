#ifndef IDEA_SERVICES_REGISTRY_DELEGATION_DELEGATION_STORE_H_
#define IDEA_SERVICES_REGISTRY_DELEGATION_DELEGATION_STORE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "idea/registry/v1/delegation.pb.h"

// The table of delegations, and the question which roles a person has.
namespace idea::registry {

absl::Status InsertDelegation(storage::Transaction& db, const std::string& entity,
                              const v1::Delegation& delegation);

// The delegation, or ERROR_REASON_NOT_FOUND.
absl::StatusOr<v1::Delegation> GetDelegation(storage::Transaction& db, const std::string& name);

// Ends it at `now`. ERROR_REASON_STEP_NOT_ALLOWED if it has ended.
absl::Status EndDelegation(storage::Transaction& db, const std::string& name, clock::Micros now);

// One page. Fails as listing::Plan does.
absl::StatusOr<v1::ListDelegationsResponse> ListDelegations(storage::Transaction& db,
                                                            const v1::ListDelegationsRequest& request);

// Who a person is for an entity, with the roles in force: the own ones, and those of delegations, as far as
// the contact who is stood in for acts and has them.
absl::StatusOr<v1::ResolvePersonResponse> Resolve(storage::Transaction& db, const std::string& entity,
                                                  const std::string& person, clock::Micros now);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_DELEGATION_DELEGATION_STORE_H_
