#ifndef IDEA_COMMON_CONFIG_CONFIG_H_
#define IDEA_COMMON_CONFIG_CONFIG_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

// The settings of a process: environment variables, each with a default that works, each overridden by a flag
// of the same name (IDEA_LISTEN is --listen). Secrets are paths.
namespace idea::config {

// One setting as the table declares it.
struct Setting {
  const char* name;
  const char* fallback;
  const char* help;
};

// Every setting there is: what --help prints and what the manifests may set.
const std::vector<Setting>& Settings();

class Config {
 public:
  // Reads environment and flags. Fails with one clear line on an unknown flag, a flag without a value or an
  // unknown IDEA_ variable.
  static absl::StatusOr<Config> Load(int argc, const char* const* argv,
                                     const std::map<std::string, std::string>& env);

  // The value of a declared setting; asking for another is a bug. {service} in it is replaced.
  std::string Text(std::string_view name, std::string_view service = "") const;
  int64_t Number(std::string_view name) const;
  bool Flag(std::string_view name) const;
  // Of a setting that ends with _DAYS: ascending, each once.
  std::vector<int> Days(std::string_view name) const;

  // --help was given.
  bool help() const { return help_; }
  static std::string Help(std::string_view process);

 private:
  std::map<std::string, std::string, std::less<>> values_;
  bool help_ = false;
};

// The process's environment, for Load.
std::map<std::string, std::string> Environment();

}  // namespace idea::config

#endif  // IDEA_COMMON_CONFIG_CONFIG_H_
