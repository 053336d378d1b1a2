#ifndef IDEA_TESTS_SUPPORT_REDIS_REDIS_SENTINELS_H_
#define IDEA_TESTS_SUPPORT_REDIS_REDIS_SENTINELS_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/support/redis/redis_server.h"

namespace idea::testing {

// A master and a replica of it, watched by three Sentinels that promote the replica within about two seconds
// after the master has stopped answering. Ready when the constructor returns.
class RedisSentinels {
 public:
  RedisSentinels();
  ~RedisSentinels();

  // "redis-sentinel://127.0.0.1:...,.../queue"
  std::string url() const;
  RedisServer& master() { return *master_; }
  RedisServer& replica() { return *replica_; }
  // Whether the Sentinels name the replica as the master, and it is one.
  bool IsPromoted() const;

 private:
  std::string folder_;
  int master_port_;
  int replica_port_;
  std::unique_ptr<RedisServer> master_, replica_;
  std::vector<int> ports_;
  std::vector<pid_t> sentinels_;
};

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_REDIS_REDIS_SENTINELS_H_
