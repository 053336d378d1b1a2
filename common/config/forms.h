#ifndef IDEA_COMMON_CONFIG_FORMS_H_
#define IDEA_COMMON_CONFIG_FORMS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the value of a setting may look like.
namespace idea::config {

enum class Form {
  // By the default of the setting: a number if that is one, "true" or "false" likewise, days if the name ends
  // with _DAYS, else any text.
  kByDefault,
  // A number from Setting::min to Setting::max.
  kNumber,
  // Not empty, printable, without white space.
  kText,
  // Any text in one line but the empty one.
  kPath,
  // "host:port", "[ipv6]:port"; kOptionalAddress may be empty, may begin with "dns:///", and may list the
  // replicas of a service that have no common name: "ipv4:10.0.0.1:7400,10.0.0.2:7400".
  kAddress,
  kOptionalAddress,
  // A SPIFFE trust domain: lower-case letters, digits, dots, hyphens and underscores.
  kTrustDomain,
  // "entities/{id}".
  kEntity,
  // "sqlite:<path>" or "postgresql://...". The address itself is checked where it is opened.
  kDatabase,
  // What ParseRedisUrl understands.
  kRedis,
  // debug, info, warn or error.
  kLogLevel,
};

struct Setting;

// What is wanted instead of `value`, such as "a number from 1 to 100"; empty if the value is good.
std::string Wanted(const Setting& setting, const std::string& value);

// The allowed values in the words of Wanted; empty where any text is allowed.
std::string Allowed(const Setting& setting);

// "7,30" as days, ascending, each once; nullopt for any other text.
std::optional<std::vector<int>> ReadDays(const std::string& text);

// The name in `names` that was probably meant by `name`: one that differs by a letter or two, more in a long
// name. Empty if none is near.
std::string NearMiss(std::string_view name, const std::vector<std::string_view>& names);

}  // namespace idea::config

#endif  // IDEA_COMMON_CONFIG_FORMS_H_
