#ifndef IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_SEARCH_H_
#define IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_SEARCH_H_

#include <string>
#include <string_view>
#include <vector>

#include "idea/registry/v1/entity.pb.h"

// Finds entities by text that people type. No I/O.
namespace idea::registry {

// A name, former name or acronym of an entity.
struct SearchableName {
  std::string entity;
  std::string text;
};

struct SearchMatch {
  std::string entity;
  v1::EntityMatchKind match = v1::ENTITY_MATCH_KIND_UNSPECIFIED;
  std::string matched_text;
};

// Returns at most `max_results` entities that match the query, each once, the best match first: an exact
// match comes before a part of a name, and that before words that are nearly the same. A word of four letters
// may contain one typing error, a word of eight letters two.
std::vector<SearchMatch> Search(std::string_view query, const std::vector<SearchableName>& names,
                                size_t max_results);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_SEARCH_H_
