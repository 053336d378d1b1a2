#include "common/config/key_file.h"

#include <charconv>
#include <fstream>
#include <string_view>

namespace idea::config {
namespace {

constexpr size_t kKeyBytes = 32;
// The maximum number of keys.
constexpr size_t kMaxKeys = 16;

// Decodes a line of 64 hexadecimal digits; empty for any other line.
std::string KeyOf(std::string_view line) {
  std::string key;
  if (line.size() != 2 * kKeyBytes) return key;
  for (size_t i = 0; i < line.size(); i += 2) {
    unsigned byte = 0;
    const char* const digits = line.data() + i;
    const auto [end, failure] = std::from_chars(digits, digits + 2, byte, 16);
    if (failure != std::errc() || end != digits + 2) return "";
    key += static_cast<char>(byte);
  }
  return key;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ReadKeyFile(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> keys;
  for (std::string line; std::getline(file, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) continue;
    keys.push_back(KeyOf(line));
    if (keys.back().empty() || keys.size() > kMaxKeys)
      return absl::InvalidArgumentError(path + " must have 1 to 16 lines of 64 hexadecimal digits");
  }
  if (keys.empty()) return absl::InvalidArgumentError("no key was read from " + path);
  return keys;
}

}  // namespace idea::config
