#ifndef IDEA_COMMON_CONFIG_FORMS_H_
#define IDEA_COMMON_CONFIG_FORMS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The formats of the values of settings.
namespace idea::config {

enum class Form {
  // Derived from the default: a number if the default is one, "true" or "false" likewise, days if the name
  // ends with _DAYS, any text otherwise.
  kByDefault,
  // A number from Setting::min to Setting::max.
  kNumber,
  // Not empty, printable, without white space.
  kText,
  // Any text in one line, not empty.
  kPath,
  // "host:port", "[ipv6]:port". kOptionalAddress may be empty, may begin with "dns:///", and may list the
  // replicas of a service without a common name: "ipv4:10.0.0.1:7400,10.0.0.2:7400".
  kAddress,
  kOptionalAddress,
  // A SPIFFE trust domain: lower-case letters, digits, dots, hyphens and underscores.
  kTrustDomain,
  // "entities/{id}".
  kEntity,
  // "sqlite:<path>" or "postgresql://...". The address itself is checked where it is opened.
  kDatabase,
  // A URL that ParseRedisUrl() accepts.
  kRedis,
  // debug, info, warn or error.
  kLogLevel,
};

struct Setting;

// The expected values if `value` is invalid, such as "a number from 1 to 100". Empty if it is valid.
std::string Expected(const Setting& setting, const std::string& value);

// The allowed values, worded as by Expected(). Empty if any text is allowed.
std::string Allowed(const Setting& setting);

// "7,30" as days, ascending and without duplicates. nullopt for any other text.
std::optional<std::vector<int>> ReadDays(const std::string& text);

// The name in `names` that `name` is probably a misspelling of: it differs by one or two letters, more in a
// long name. Empty if none is close.
std::string NearMiss(std::string_view name, const std::vector<std::string_view>& names);

}  // namespace idea::config

#endif  // IDEA_COMMON_CONFIG_FORMS_H_
