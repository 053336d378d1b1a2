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

// The tables of entities and their history. Names are full resource names. The etag is the version of the
// row. `day` is the day for which an entity's `parent` is returned. Each read takes a fixed number of
// queries, regardless of the number of entities.
namespace idea::registry {

// The operand of IN for `count` parameters from number `first` on: InList(2, 3) is "($2, $3, $4)". `count` is
// at least 1.
std::string InList(size_t first, size_t count);

// Stores a new entity. Returns ERROR_REASON_ALREADY_EXISTS if another entity has its name or display name.
absl::Status InsertEntity(storage::Transaction& db, const v1::Entity& entity, clock::Micros now);

// The entity, or ERROR_REASON_NOT_FOUND.
absl::StatusOr<v1::Entity> GetEntity(storage::Transaction& db, const std::string& name,
                                     const std::string& day);

// Returns ERROR_REASON_NOT_FOUND if the entity does not exist.
absl::Status CheckExists(storage::Transaction& db, const std::string& name);

// The entities with the given names, by name. Omits names of entities that do not exist.
absl::StatusOr<std::map<std::string, v1::Entity>> FindEntities(storage::Transaction& db,
                                                               const std::vector<std::string>& names,
                                                               const std::string& day);
absl::StatusOr<std::map<std::string, v1::Entity>> AllEntities(storage::Transaction& db,
                                                              const std::string& day);

// Returns one page. Fails as listing::Plan does.
absl::StatusOr<v1::ListEntitiesResponse> ListEntities(storage::Transaction& db,
                                                      const v1::ListEntitiesRequest& request,
                                                      const std::string& day);

// All names, acronyms and former names.
absl::StatusOr<std::vector<SearchableName>> AllSearchableNames(storage::Transaction& db);

// Whether one of `agencies` reports to the entity, at any depth and on any day.
absl::StatusOr<bool> IsAbove(storage::Transaction& db, const std::string& entity,
                             const std::set<std::string>& agencies);

// Stores every field of the entity. Returns ERROR_REASON_CONCURRENT_CHANGE if the row no longer has
// entity.etag, and ERROR_REASON_ALREADY_EXISTS if another entity has the display name.
absl::Status UpdateEntity(storage::Transaction& db, const v1::Entity& entity, clock::Micros now);

// The names of at most 10 resources that refer to the entity: contacts, certifications, entities that report
// to it and entities that it succeeds. Its accessions and its history do not count.
absl::StatusOr<std::vector<std::string>> ReferencesTo(storage::Transaction& db, const std::string& entity);

// Removes the entity with its accessions and its history. Returns ERROR_REASON_CONCURRENT_CHANGE if the row
// no longer has entity.etag.
absl::Status RemoveEntity(storage::Transaction& db, const v1::Entity& entity);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_STORE_H_
