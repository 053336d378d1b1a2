#ifndef IDEA_COMMON_CONFIG_CONFIG_H_
#define IDEA_COMMON_CONFIG_CONFIG_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/config/forms.h"

// The settings of a process: environment variables, each with a usable default and a flag of the same name
// that overrides it (IDEA_LISTEN is --listen). Secrets are given as paths.
namespace idea::config {

// A row of the table of settings.
struct Setting {
  const char* name;
  const char* fallback;
  const char* help;
  Form form = Form::kByDefault;
  // The bounds of a number.
  int64_t min = 0;
  int64_t max = 1'000'000'000;
  // The value may contain a password. It never appears in errors, log lines or help texts.
  bool secret = false;
};
inline constexpr bool kSecret = true;

// All settings: --help prints them, and the manifests may set them.
const std::vector<Setting>& Settings();

class Config {
 public:
  // Reads environment and flags and checks every value. Fails with one line that names the variable and the
  // allowed values: on a bad value, an unknown flag, a flag without a value, or an unknown IDEA_ variable
  // whose name resembles a setting.
  static absl::StatusOr<Config> Load(int argc, const char* const* argv,
                                     const std::map<std::string, std::string>& env);

  // The value of a declared setting. "{service}" in it is replaced. Asking for an undeclared setting is a
  // bug.
  std::string Text(std::string_view name, std::string_view service = "") const;
  int64_t Number(std::string_view name) const;
  bool Flag(std::string_view name) const;
  // For a setting whose name ends with _DAYS: ascending, without duplicates.
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

// The environment of the process, for Load().
std::map<std::string, std::string> Environment();

}  // namespace idea::config

#endif  // IDEA_COMMON_CONFIG_CONFIG_H_
