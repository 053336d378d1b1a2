#include "services/cli/context/token_claims.h"

#include <nlohmann/json.hpp>

#include "common/ids/ids.h"

namespace idea::cli {

std::optional<TokenClaims> ReadClaims(const std::string& token) {
  const size_t begin = token.find('.');
  const size_t end = token.find('.', begin + 1);
  if (begin == std::string::npos || end == std::string::npos) return std::nullopt;
  const auto payload = ids::FromBase64Url(std::string_view(token).substr(begin + 1, end - begin - 1));
  if (!payload) return std::nullopt;
  const auto json = nlohmann::json::parse(*payload, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::nullopt;
  const auto text = [&](const char* key) {
    return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "";
  };
  const auto time = [&](const char* key) -> clock::Micros {
    return json.contains(key) && json[key].is_number()
               ? static_cast<clock::Micros>(json[key].get<double>()) * clock::kSecond
               : 0;
  };
  return TokenClaims{text("sub"), text("iss"), time("iat"), time("exp")};
}

}  // namespace idea::cli
