#ifndef IDEA_TESTS_SUPPORT_REDIS_REDIS_SERVER_H_
#define IDEA_TESTS_SUPPORT_REDIS_REDIS_SERVER_H_

#include <sys/types.h>

#include <string>
#include <vector>

namespace idea::testing {

// A real Redis for one test: on a unix socket in a temporary folder, with an append-only file that is synced
// on every command.
class RedisServer {
 public:
  // Starts it with additional arguments, such as {"--port", "7000"}.
  explicit RedisServer(std::vector<std::string> arguments = {});
  ~RedisServer();

  // The address for common/redis: "unix:/...".
  const std::string& address() const { return address_; }

  // Starts it again. Returns when it answers.
  void Start();
  // Kills it.
  void Kill();
  // Pauses and resumes it.
  void Freeze();
  void Thaw();
  // Removes its data. Only while it is stopped.
  void Wipe();
  // Saves a copy of its data, and restores that copy. Both restart it.
  void Backup();
  void Restore();
  // The folder of its files.
  const std::string& folder() const { return folder_; }

 private:
  const std::vector<std::string> arguments_;
  std::string folder_;
  std::string address_;
  pid_t pid_ = -1;
};

// A free port of this machine.
int FreePort();

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_REDIS_REDIS_SERVER_H_
