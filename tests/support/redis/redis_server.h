#ifndef IDEA_TESTS_SUPPORT_REDIS_REDIS_SERVER_H_
#define IDEA_TESTS_SUPPORT_REDIS_REDIS_SERVER_H_

#include <sys/types.h>

#include <string>

namespace idea::testing {

// A real Redis of the test's own: on a unix socket in a temporary folder, with an append-only file that is
// written through on every command. Ends with the test.
class RedisServer {
 public:
  // Starts it.
  RedisServer();
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

 private:
  std::string folder_;
  std::string address_;
  pid_t pid_ = -1;
};

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_REDIS_REDIS_SERVER_H_
