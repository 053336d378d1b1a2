#ifndef IDEA_TESTS_SUPPORT_REDIS_REDIS_SENTINELS_H_
#define IDEA_TESTS_SUPPORT_REDIS_REDIS_SENTINELS_H_

#include <memory>
#include <string>
#include <vector>

#include "common/redis/options.h"
#include "common/redis/reply.h"
#include "tests/support/redis/redis_server.h"

namespace idea::testing {

// A master and its replica, watched by three Sentinels that promote the replica about two seconds after the
// master stops answering. Ready when the constructor returns.
class RedisSentinels {
 public:
  // If `secured`, servers and Sentinels only accept TLS, verify client certificates, and have a user with a
  // password each and no default user.
  explicit RedisSentinels(bool secured = false);
  ~RedisSentinels();

  // The options of services for the master.
  const redis::Options& options() const { return options_; }
  RedisServer& master() { return *master_; }
  RedisServer& replica() { return *replica_; }
  // The options of an administrator for one of the two.
  redis::Options OptionsOf(const RedisServer& server) const;
  // Whether the Sentinels name the replica as the master, and it is one.
  bool IsPromoted() const;

 private:
  std::vector<std::string> ServerArguments(int port) const;
  std::string SentinelFile(int port) const;
  // Starts a Sentinel on a free port.
  void StartSentinel();
  redis::Reply QuerySentinel(int port, const std::vector<std::string>& command) const;

  const bool secured_;
  const std::string folder_;
  redis::Options options_{""};
  const int master_port_;
  const int replica_port_;
  std::unique_ptr<RedisServer> master_, replica_;
  std::vector<int> ports_;
  std::vector<pid_t> sentinels_;
};

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_REDIS_REDIS_SENTINELS_H_
