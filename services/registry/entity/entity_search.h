#ifndef IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_SEARCH_H_
#define IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_SEARCH_H_

#include <string>
#include <string_view>
#include <vector>

#include "idea/registry/v1/entity.pb.h"

// Finding entities by what people type. No I/O.
namespace idea::registry {

// What an entity is or was called.
struct Called {
  std::string entity;
  std::string text;
};

struct Found {
  std::string entity;
  v1::EntityMatchKind match = v1::ENTITY_MATCH_KIND_UNSPECIFIED;
  std::string matched_text;
};

// The entities that a text may mean, each once, the likeliest first, at most `most`: the whole text before a
// part of it before words that are nearly the same. One mistake is forgiven in a word of four letters, two in
// one of eight.
std::vector<Found> Search(std::string_view query, const std::vector<Called>& called, size_t most);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_SEARCH_H_
