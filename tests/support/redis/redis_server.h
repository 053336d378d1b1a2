#ifndef IDEA_TESTS_SUPPORT_REDIS_REDIS_SERVER_H_
#define IDEA_TESTS_SUPPORT_REDIS_REDIS_SERVER_H_

#include <sys/types.h>

#include <string>
#include <vector>

namespace idea::testing {

// A real Redis of the test's own: on a unix socket in a temporary folder, with an append-only file that is
// written through on every command. Ends with the test.
class RedisServer {
 public:
  // Starts it, with more arguments, such as {"--port", "7000"}.
  explicit RedisServer(std::vector<std::string> arguments = {});
  ~RedisServer();

  // What common/redis connects to: "unix:/...".
  const std::string& address() const { return address_; }

  // Starts it again; returns when it answers.
  void Start();
  // Ends it without a warning.
  void Kill();
  // Stops it from answering, and lets it go on.
  void Freeze();
  void Thaw();
  // Removes everything that it has stored. Only while it does not run.
  void Wipe();
  // Keeps a copy of what it has stored, and goes back to that copy. Both restart it.
  void Backup();
  void Restore();
  // Where it keeps its files.
  const std::string& folder() const { return folder_; }

 private:
  const std::vector<std::string> arguments_;
  std::string folder_;
  std::string address_;
  pid_t pid_ = -1;
};

// A port of this machine that is free now.
int FreePort();

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_REDIS_REDIS_SERVER_H_
