#ifndef IDEA_TESTS_SERVICES_NOTIFICATION_REPLICA_H_
#define IDEA_TESTS_SERVICES_NOTIFICATION_REPLICA_H_

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/redis/redis_server.h"

namespace idea::notification {

// The program, with a database and a Redis that it shares with other replicas.
class Replica {
 public:
  void Start() {
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      const int log = open("replica.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
      dup2(log, STDERR_FILENO);
      execl(IDEA_BINARY_DIR "/bin/notification", "notification", nullptr);
      _exit(127);
    }
    paused_ = false;
  }
  void Kill() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  void Pause() {
    paused_ = true;
    kill(pid_, SIGSTOP);
  }
  void Continue() {
    paused_ = false;
    kill(pid_, SIGCONT);
  }
  bool paused() const { return paused_; }
  // The largest memory that it has used, in KiB.
  long MaxMemory() const {
    std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
    for (std::string word; status >> word;) {
      long kib = 0;
      if (word == "VmHWM:" && status >> kib) return kib;
    }
    return 0;
  }
  ~Replica() { Kill(); }

 private:
  pid_t pid_ = -1;
  bool paused_ = false;
};

// Sets the settings of replicas with this database in the environment, and makes certificates in the folder
// of Redis, which becomes the working directory.
inline void PrepareReplicas(const testing::RedisServer& redis, const std::string& database) {
  const std::string& folder = redis.folder();
  ASSERT_EQ(std::system((IDEA_SOURCE_DIR "/scripts/certs.sh " + folder + "/certs >/dev/null").c_str()), 0);
  ASSERT_EQ(chdir(folder.c_str()), 0);
  std::filesystem::create_directories(folder + "/issuer-keys");
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"IDEA_DATABASE", database},
                                                        {"IDEA_REDIS", redis.address()},
                                                        {"IDEA_TLS_DIR", folder + "/certs/{service}"},
                                                        {"IDEA_TOKEN_KEYS_DIR", folder + "/issuer-keys"},
                                                        {"IDEA_LISTEN", "127.0.0.1:0"}}) {
    setenv(name.c_str(), value.c_str(), 1);
  }
}

}  // namespace idea::notification

#endif  // IDEA_TESTS_SERVICES_NOTIFICATION_REPLICA_H_
