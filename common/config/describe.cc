#include "common/config/describe.h"

#include <algorithm>

namespace idea::config {

std::string Describe(const Config& config) {
  std::string out;
  for (const Setting& setting : Settings()) {
    std::string value = config.Text(setting.name, "{service}");
    if (setting.secret && value != setting.fallback) value = "(secret)";
    std::replace_if(
        value.begin(), value.end(), [](char c) { return (c >= '\0' && c < ' ') || c == '\x7f'; }, '?');
    out += std::string(setting.name) + "=" + value + "\n";
  }
  return out;
}

}  // namespace idea::config
