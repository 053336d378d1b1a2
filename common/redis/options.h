#ifndef IDEA_COMMON_REDIS_OPTIONS_H_
#define IDEA_COMMON_REDIS_OPTIONS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/config/config.h"

namespace idea::redis {

// The address of Redis and the credentials. Files are read again for each connection, so that passwords and
// certificates can be rotated.
struct Options {
  // From a URL that config::ParseRedisUrl() accepts, and nothing else.
  Options(std::string address) : url(std::move(address)) {}  // NOLINT(google-explicit-constructor)
  // From the settings IDEA_REDIS, IDEA_REDIS_PASSWORD_FILE and so on.
  explicit Options(const config::Config& config);

  // Checks all options and files. A failure names the wrong setting and contains no secret.
  absl::Status Check() const;

  std::string url;
  std::string password_file;
  std::string tls_dir;
  std::string sentinel_user;
  std::string sentinel_password_file;
  // The file of EventKeys.
  std::string event_keys_file;
};

// Reads a password from a file of one line. Failures do not contain the content.
absl::StatusOr<std::string> ReadPassword(const std::string& path);

}  // namespace idea::redis

#endif  // IDEA_COMMON_REDIS_OPTIONS_H_
