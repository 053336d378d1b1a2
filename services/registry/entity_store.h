#ifndef IDEA_SERVICES_REGISTRY_ENTITY_STORE_H_
#define IDEA_SERVICES_REGISTRY_ENTITY_STORE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "idea/registry/v1/registry.pb.h"

// The table of entities. Names are whole resource names; the etag is the row's version.
namespace idea::registry {

// Stores a new entity. ERROR_REASON_ALREADY_EXISTS if its name or its display name is taken.
absl::Status InsertEntity(storage::Transaction& db, const v1::Entity& entity, clock::Micros now);

absl::StatusOr<std::optional<v1::Entity>> FindEntity(storage::Transaction& db, const std::string& name);

// FindEntity, or ERROR_REASON_NOT_FOUND.
absl::StatusOr<v1::Entity> GetEntity(storage::Transaction& db, const std::string& name);

// Those of `names` that there are, by name; one query.
absl::StatusOr<std::map<std::string, v1::Entity>> FindEntities(storage::Transaction& db,
                                                               const std::vector<std::string>& names);

// Display name -> name of every entity.
absl::StatusOr<std::map<std::string, std::string>> EntityNames(storage::Transaction& db);

// One page. Fails as listing::Plan does.
absl::StatusOr<v1::ListEntitiesResponse> ListEntities(storage::Transaction& db,
                                                      const v1::ListEntitiesRequest& request);

// Records the standing. ERROR_REASON_CONCURRENT_CHANGE unless the entity still has the etag that was read.
absl::Status UpdateGovernorAuthority(storage::Transaction& db, const v1::Entity& read,
                                     v1::GovernorAuthority authority, clock::Micros now);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_ENTITY_STORE_H_
