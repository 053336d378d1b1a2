#ifndef IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_STORE_H_
#define IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_STORE_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "idea/registry/v1/entity.pb.h"
#include "services/registry/entity/entity_search.h"

// The tables of entities and of what they were. Names are whole resource names; the etag is the row's
// version; `day` is the day for which an entity's `parent` is answered. Each read is a fixed number of
// queries, however many entities it returns.
namespace idea::registry {

// The operand of IN for `count` parameters from number `first` on: InList(2, 3) is "($2, $3, $4)". `count` is
// at least 1.
std::string InList(size_t first, size_t count);

// Stores a new entity. ERROR_REASON_ALREADY_EXISTS if its name or its display name is taken.
absl::Status InsertEntity(storage::Transaction& db, const v1::Entity& entity, clock::Micros now);

// The entity, or ERROR_REASON_NOT_FOUND.
absl::StatusOr<v1::Entity> GetEntity(storage::Transaction& db, const std::string& name,
                                     const std::string& day);

// ERROR_REASON_NOT_FOUND unless the entity is there.
absl::Status CheckThere(storage::Transaction& db, const std::string& name);

// Those of `names` that there are, by name.
absl::StatusOr<std::map<std::string, v1::Entity>> FindEntities(storage::Transaction& db,
                                                               const std::vector<std::string>& names,
                                                               const std::string& day);
absl::StatusOr<std::map<std::string, v1::Entity>> AllEntities(storage::Transaction& db,
                                                              const std::string& day);

// One page. Fails as listing::Plan does.
absl::StatusOr<v1::ListEntitiesResponse> ListEntities(storage::Transaction& db,
                                                      const v1::ListEntitiesRequest& request,
                                                      const std::string& day);

// Every name, acronym and former name.
absl::StatusOr<std::vector<Called>> AllCalled(storage::Transaction& db);

// Whether one of `agencies` reports to the entity, at any depth and at any time.
absl::StatusOr<bool> IsAbove(storage::Transaction& db, const std::string& entity,
                             const std::set<std::string>& agencies);

// Stores every field of the entity. ERROR_REASON_CONCURRENT_CHANGE unless the row still has entity.etag,
// ERROR_REASON_ALREADY_EXISTS if the display name is another entity's.
absl::Status UpdateEntity(storage::Transaction& db, const v1::Entity& entity, clock::Micros now);

// Names of what refers to the entity besides its own accessions and history: contacts, certifications, and
// entities that report to it or that it succeeds. At most 10.
absl::StatusOr<std::vector<std::string>> ReferencesTo(storage::Transaction& db, const std::string& entity);

// Removes the entity with its accessions and its history. ERROR_REASON_CONCURRENT_CHANGE unless the row still
// has entity.etag.
absl::Status RemoveEntity(storage::Transaction& db, const v1::Entity& entity);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_STORE_H_
