#ifndef IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_RULES_H_
#define IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_RULES_H_

#include <set>
#include <string>

#include "absl/status/status.h"
#include "idea/registry/v1/entity.pb.h"

// What holds of an entity in itself, whatever else is in the registry. No I/O.
namespace idea::registry {

// INVALID_FIELD, below "entity", for names that play tricks on the eye, parentages that are not in the order
// of their days or go on after the entity's end, and an entity that is its own agency or successor.
absl::Status CheckEntity(const v1::Entity& entity);

// The agencies and successors that the entity names.
std::set<std::string> NamedBy(const v1::Entity& entity);

// The agency on a day; empty: none.
std::string ParentOn(const v1::Entity& entity, const std::string& day);

// From `day` on the entity reports to `parent`, until the next parentage begins.
void Move(v1::Entity& entity, const std::string& parent, const std::string& day);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_RULES_H_
