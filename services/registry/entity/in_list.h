#ifndef IDEA_SERVICES_REGISTRY_ENTITY_IN_LIST_H_
#define IDEA_SERVICES_REGISTRY_ENTITY_IN_LIST_H_

#include <cstddef>
#include <string>

namespace idea::registry {

// What follows IN for `count` parameters from number `first` on: InList(2, 3) is "($2, $3, $4)". At least
// one.
inline std::string InList(size_t first, size_t count) {
  std::string list = "($" + std::to_string(first);
  for (size_t i = 1; i < count; ++i) list += ", $" + std::to_string(first + i);
  return list + ")";
}

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_ENTITY_IN_LIST_H_
