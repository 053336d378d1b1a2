#ifndef IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_NAME_H_
#define IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_NAME_H_

#include <string>
#include <string_view>
#include <vector>

// Names of entities as people see them: names that readers cannot distinguish are the same name.
namespace idea::registry {

// Says what a name must be if it can deceive the eye: it has letters of several alphabets or invisible
// characters. Returns "" if the name is acceptable. The text is UTF-8.
std::string NameRequirement(std::string_view name);

// A key that is equal for names that look the same. Ignores case (Unicode TR 39, skeletons).
std::string NameKey(std::string_view name);

// The words of a name in lower case, without accents and apostrophes. "&" becomes "and".
std::vector<std::string> WordsOf(std::string_view name);

// The words of a name in alphabetical order with common abbreviations written out: equal for "Dept. of Aging"
// and "Aging, Department of".
std::string UnabbreviatedKey(std::string_view name);

// Like UnabbreviatedKey, but without words that say little, such as "California", "State" or "Agency": equal
// for "Aging, Department of" and "California Department of Aging".
std::string LooseKey(std::string_view name);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_NAME_H_
