#include "tests/support/redis/redis_server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

#include "common/redis/redis.h"

namespace idea::testing {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kStartTimeout{20'000};

bool Answers(const std::string& address) {
  redis::Connection connection(address, milliseconds(500));
  const absl::StatusOr<redis::Reply> reply = connection.Run({"PING"});
  return reply.ok() && redis::KindOf(redis::StatusOf(*reply)) != "LOADING";
}

[[noreturn]] void Fail(const char* why) {
  std::fprintf(stderr, "redis-server for tests: %s\n", why);
  std::abort();
}

}  // namespace

RedisServer::RedisServer(std::vector<std::string> arguments) : arguments_(std::move(arguments)) {
  std::string pattern = (std::filesystem::temp_directory_path() / "idea_redis_XXXXXX").string();
  folder_ = mkdtemp(pattern.data());
  address_ = "unix:" + folder_ + "/redis.sock";
  Start();
}

RedisServer::~RedisServer() {
  Kill();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void RedisServer::Start() {
  const std::string data = folder_ + "/data", socket = folder_ + "/redis.sock", log = folder_ + "/redis.log";
  std::filesystem::create_directories(data);
  std::vector<std::string> all = {"redis-server", "--port",    "0", "--unixsocket", socket, "--dir",
                                  data,           "--save",    "",  "--appendonly", "yes",  "--appendfsync",
                                  "always",       "--logfile", log};
  all.insert(all.end(), arguments_.begin(), arguments_.end());
  std::vector<char*> words;
  for (std::string& word : all) words.push_back(word.data());
  words.push_back(nullptr);
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execvp("redis-server", words.data());
    _exit(127);
  }
  if (pid_ < 0) Fail("cannot fork");
  const auto until = std::chrono::steady_clock::now() + kStartTimeout;
  while (!Answers(address_)) {
    if (waitpid(pid_, nullptr, WNOHANG) != 0)
      Fail("it ended at once; is the package redis-server installed?");
    if (std::chrono::steady_clock::now() > until) Fail("it does not answer");
    std::this_thread::sleep_for(milliseconds(5));
  }
}

void RedisServer::Kill() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void RedisServer::Freeze() { kill(pid_, SIGSTOP); }

void RedisServer::Thaw() { kill(pid_, SIGCONT); }

void RedisServer::Wipe() { std::filesystem::remove_all(folder_ + "/data"); }

void RedisServer::Backup() {
  Kill();
  std::filesystem::remove_all(folder_ + "/backup");
  std::filesystem::copy(folder_ + "/data", folder_ + "/backup", std::filesystem::copy_options::recursive);
  Start();
}

void RedisServer::Restore() {
  Kill();
  Wipe();
  std::filesystem::copy(folder_ + "/backup", folder_ + "/data", std::filesystem::copy_options::recursive);
  Start();
}

int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    Fail("no port is free");
  close(fd);
  return ntohs(address.sin_port);
}

}  // namespace idea::testing
