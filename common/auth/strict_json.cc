#include "common/auth/strict_json.h"

#include <set>
#include <string>
#include <vector>

#include "common/ids/ids.h"

namespace idea::auth {

std::optional<nlohmann::json> ReadStrictPart(std::string_view part) {
  using Json = nlohmann::json;
  const std::optional<std::string> text = ids::FromBase64Url(part);
  if (!text) return std::nullopt;
  bool twice = false;
  // The member names of each open object, outermost first.
  std::vector<std::set<std::string>> members;
  const auto note = [&](int, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) members.emplace_back();
    if (event == Json::parse_event_t::object_end) members.pop_back();
    if (event == Json::parse_event_t::key && !members.back().insert(value.get<std::string>()).second)
      twice = true;
    return true;
  };
  Json json = Json::parse(*text, note, false);
  if (twice || !json.is_object()) return std::nullopt;
  return json;
}

}  // namespace idea::auth
