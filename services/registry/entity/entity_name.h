#ifndef IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_NAME_H_
#define IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_NAME_H_

#include <string>
#include <string_view>
#include <vector>

// Names of entities as people see them: what two readers cannot tell apart is one name.
namespace idea::registry {

// What is wanted of a name that plays tricks on the eye: letters of several alphabets, invisible characters.
// Empty if it is fine. The text is UTF-8.
std::string WantedName(std::string_view name);

// The same for names that look the same, whatever the case (Unicode's TR 39, skeletons).
std::string NameKey(std::string_view name);

// The words of a name in lower case without accents, apostrophes within words dropped; "&" is "and".
std::vector<std::string> WordsOf(std::string_view name);

// The words of a name in alphabetical order, usual abbreviations written out: "Dept. of Aging" and "Aging,
// Department of" are the same.
std::string UnabbreviatedKey(std::string_view name);

// The same for names of which one leaves out what says little, "California" or "State" or "Agency", or has
// its words in another order: "Aging, Department of" and "California Department of Aging".
std::string LooseKey(std::string_view name);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_NAME_H_
