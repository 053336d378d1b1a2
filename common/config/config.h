#ifndef IDEA_COMMON_CONFIG_CONFIG_H_
#define IDEA_COMMON_CONFIG_CONFIG_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/config/forms.h"

// The settings of a process: environment variables, each with a default that works, each overridden by a flag
// of the same name (IDEA_LISTEN is --listen). Secrets are paths.
namespace idea::config {

// One setting as the table declares it.
struct Setting {
  const char* name;
  const char* fallback;
  const char* help;
  Form form = Form::kByDefault;
  // Of a number.
  int64_t min = 0;
  int64_t max = 1'000'000'000;
  // The value may hold a password: no error, log line or help shows it.
  bool secret = false;
};
inline constexpr bool kSecret = true;

// Every setting there is: what --help prints and what the manifests may set.
const std::vector<Setting>& Settings();

class Config {
 public:
  // Reads environment and flags, and checks every value. Fails with one clear line, which names the variable
  // and the allowed values, on a bad value, an unknown flag, a flag without a value, or an unknown IDEA_
  // variable whose name is nearly that of a setting.
  static absl::StatusOr<Config> Load(int argc, const char* const* argv,
                                     const std::map<std::string, std::string>& env);

  // The value of a declared setting; asking for another is a bug. {service} in it is replaced.
  std::string Text(std::string_view name, std::string_view service = "") const;
  int64_t Number(std::string_view name) const;
  bool Flag(std::string_view name) const;
  // Of a setting that ends with _DAYS: ascending, each once.
  std::vector<int> Days(std::string_view name) const;

  // IDEA_ variables that are not settings, such as those that Kubernetes sets for a Service named "idea-...".
  const std::vector<std::string>& ignored() const { return ignored_; }

  // --help or --version was given.
  bool help() const { return help_; }
  bool version() const { return version_; }
  static std::string Help(std::string_view process);

 private:
  absl::Status ReadFlags(int argc, const char* const* argv);
  std::map<std::string, std::string, std::less<>> values_;
  std::vector<std::string> ignored_;
  bool help_ = false;
  bool version_ = false;
};

// The process's environment, for Load.
std::map<std::string, std::string> Environment();

}  // namespace idea::config

#endif  // IDEA_COMMON_CONFIG_CONFIG_H_
