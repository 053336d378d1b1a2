#ifndef IDEA_COMMON_CONFIG_REDIS_URL_H_
#define IDEA_COMMON_CONFIG_REDIS_URL_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

// The address of Redis in a setting, one of:
//   host:port
//   [::1]:6379
//   unix:/path
//   unix://[user[:password]@]/path
//   redis://[user[:password]@]host[:port][/database]
//   rediss://...  (TLS)
//   redis-sentinel://[user[:password]@]host[:port][,host[:port]]...[/master[/database]]
//   rediss-sentinel://...  (TLS, to the Sentinels too)
// User and password are those of Redis, percent-encoded. The default port is 6379, 26379 for a Sentinel. The
// default name of the master is "mymaster". A URL with any other part is refused.
namespace idea::config {

struct RedisUrl {
  struct Host {
    // A host name or an IP address. IPv6 addresses have no brackets here.
    std::string name;
    int port = 0;
    bool operator==(const Host&) const = default;
  };
  // The hosts of Redis, or of its Sentinels if `master` is not empty. Empty for a Unix socket.
  std::vector<Host> hosts;
  std::string unix_path;
  // The name under which Sentinel monitors the master.
  std::string master;
  std::string user;
  std::string password;
  int database = 0;
  bool tls = false;

  bool is_sentinel() const { return !master.empty(); }
};

// INVALID_ARGUMENT with the expected form. The message contains nothing of `text`, which may hold a password.
absl::StatusOr<RedisUrl> ParseRedisUrl(std::string_view text);

}  // namespace idea::config

#endif  // IDEA_COMMON_CONFIG_REDIS_URL_H_
