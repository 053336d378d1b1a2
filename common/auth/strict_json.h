#ifndef IDEA_COMMON_AUTH_STRICT_JSON_H_
#define IDEA_COMMON_AUTH_STRICT_JSON_H_

#include <optional>
#include <string_view>

#include "nlohmann/json.hpp"

namespace idea::auth {

// The JSON object in a part of a JWS or JWT. nullopt unless the part is base64url without padding, white
// space or stray bits (RFC 7515, section 2) and holds one JSON object without duplicate members at any depth.
// Parsers differ in which duplicate counts.
std::optional<nlohmann::json> ReadStrictPart(std::string_view part);

}  // namespace idea::auth

#endif  // IDEA_COMMON_AUTH_STRICT_JSON_H_
