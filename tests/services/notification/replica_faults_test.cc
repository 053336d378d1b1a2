#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <random>

#include "tests/services/notification/recording_service.h"
#include "tests/support/redis/redis_server.h"

namespace idea::notification {
namespace {

using testing::IsOk;

constexpr int kRounds = 20;
constexpr int kBucps = 4;

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
  ~Replica() { Kill(); }

 private:
  pid_t pid_ = -1;
  bool paused_ = false;
};

// Kills, restarts, pauses and continues three replicas at random while two services record events of four
// BUCPs.
using ReplicaFaults = testing::OnBackend;

TEST_P(ReplicaFaults, NeitherLoseNorRepeatNorReorderEvents) {
  const testing::RedisServer redis;
  const std::string& folder = redis.folder();
  ASSERT_EQ(std::system((IDEA_SOURCE_DIR "/scripts/certs.sh " + folder + "/certs >/dev/null").c_str()), 0);
  ASSERT_EQ(chdir(folder.c_str()), 0);
  std::filesystem::create_directories(folder + "/issuer-keys");
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"IDEA_DATABASE", address()},
                                                        {"IDEA_REDIS", redis.address()},
                                                        {"IDEA_TLS_DIR", folder + "/certs/{service}"},
                                                        {"IDEA_TOKEN_KEYS_DIR", folder + "/issuer-keys"},
                                                        {"IDEA_LISTEN", "127.0.0.1:0"}}) {
    setenv(name.c_str(), value.c_str(), 1);
  }
  MigrateInboxes(database());
  std::array<Replica, 3> replicas;
  for (Replica& replica : replicas) replica.Start();
  RecordingService drafting("drafting", redis.address(), GetParam()),
      review("review", redis.address(), GetParam());
  std::mt19937 random(15);
  for (int round = 0; round < kRounds; ++round) {
    for (int i = 0; i < 10; ++i) {
      RecordingService& service = random() % 2 == 0 ? drafting : review;
      service.Record("bucps/" + std::to_string(random() % kBucps));
    }
    // Faults occur while replicas wait, read and write.
    if (round % 4 == 0) {
      for (Replica& replica : replicas) {
        if (replica.paused()) replica.Continue();
      }
      ExpectEachOnceInOrder(database(), {&drafting, &review});
    }
    Replica& replica = replicas[random() % replicas.size()];
    if (replica.paused()) {
      replica.Continue();
    } else if (random() % 2 == 0) {
      replica.Pause();
    } else {
      replica.Kill();
      replica.Start();
    }
  }
  for (Replica& replica : replicas) {
    if (replica.paused()) replica.Continue();
  }
  ExpectEachOnceInOrder(database(), {&drafting, &review});
}

INSTANTIATE_TEST_SUITE_P(Every, ReplicaFaults, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::notification
