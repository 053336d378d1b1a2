#ifndef IDEA_COMMON_REDIS_OPTIONS_H_
#define IDEA_COMMON_REDIS_OPTIONS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/config/config.h"

namespace idea::redis {

// Where Redis is and how to log in. Files are read again for each connection, so that passwords and
// certificates can be rotated.
struct Options {
  // Of a URL as config::ParseRedisUrl understands it, without anything else.
  Options(std::string address) : url(std::move(address)) {}  // NOLINT(google-explicit-constructor)
  // Of the settings IDEA_REDIS, IDEA_REDIS_PASSWORD_FILE and so on.
  explicit Options(const config::Config& config);

  // Checks all of it, the files too. Names the setting that is wrong, and no secret.
  absl::Status Check() const;

  std::string url;
  std::string password_file;
  std::string tls_dir;
  std::string sentinel_user;
  std::string sentinel_password_file;
  // The keys of EventKeys.
  std::string event_keys_file;
};

// The password in a file of one line. The failure does not have its content.
absl::StatusOr<std::string> ReadPassword(const std::string& path);

}  // namespace idea::redis

#endif  // IDEA_COMMON_REDIS_OPTIONS_H_
