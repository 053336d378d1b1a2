#ifndef IDEA_COMMON_REDIS_SESSION_H_
#define IDEA_COMMON_REDIS_SESSION_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/config/redis_url.h"
#include "common/redis/options.h"
#include "common/redis/reply.h"
#include "common/redis/socket.h"

struct redisReader;

namespace idea::redis {

// A connection to one server, Redis or Sentinel, until it fails. Not thread-safe.
class Session {
 public:
  // Connects to the server of a URL without Sentinels, logs in and selects the database.
  static absl::StatusOr<std::unique_ptr<Session>> Open(const config::RedisUrl& url, const Options& options,
                                                       Deadline deadline);
  // Connects to the master that one of the Sentinels names, and checks that it is a master.
  static absl::StatusOr<std::unique_ptr<Session>> OpenMaster(const config::RedisUrl& url,
                                                             const config::RedisUrl::Host& master,
                                                             const Options& options, Deadline deadline);
  // The address of the master according to this Sentinel.
  static absl::StatusOr<config::RedisUrl::Host> QuerySentinel(const config::RedisUrl& url,
                                                              const config::RedisUrl::Host& sentinel,
                                                              const Options& options, Deadline deadline);
  ~Session();

  // Runs the commands in one round trip. A session cannot be used after a failure.
  absl::StatusOr<std::vector<Reply>> Run(const std::vector<std::vector<std::string>>& commands,
                                         Deadline deadline);

 private:
  explicit Session(std::unique_ptr<Socket> socket);
  static absl::StatusOr<std::unique_ptr<Session>> Connect(const config::RedisUrl& url,
                                                          const config::RedisUrl::Host* host,
                                                          const Options& options, Deadline deadline);
  absl::Status LogIn(const std::string& user, const std::string& password, Deadline deadline);
  absl::Status Prepare(const config::RedisUrl& url, const Options& options, Deadline deadline);

  struct FreeReader {
    void operator()(redisReader* reader) const;
  };
  const std::unique_ptr<Socket> socket_;
  const std::unique_ptr<redisReader, FreeReader> reader_;
};

}  // namespace idea::redis

#endif  // IDEA_COMMON_REDIS_SESSION_H_
