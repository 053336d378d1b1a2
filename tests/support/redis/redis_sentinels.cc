#include "tests/support/redis/redis_sentinels.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "common/redis/redis.h"
#include "tests/support/eventually.h"

namespace idea::testing {
namespace {

using std::chrono::milliseconds;

constexpr int kSentinels = 3;
constexpr char kMaster[] = "queue";

redis::Reply Ask(const std::string& address, const std::vector<std::string>& command) {
  redis::Connection connection(address, milliseconds(2000));
  auto reply = connection.Run(command);
  return reply.ok() ? *std::move(reply) : redis::Reply();
}

std::string Local(int port) { return "127.0.0.1:" + std::to_string(port); }

std::string ValueOf(const redis::Reply& flat, const std::string& name) {
  for (size_t i = 0; i + 1 < flat.list.size(); i += 2) {
    if (flat.list[i].text == name) return flat.list[i + 1].text;
  }
  return "";
}

}  // namespace

RedisSentinels::RedisSentinels() : master_port_(FreePort()), replica_port_(FreePort()) {
  master_ = std::make_unique<RedisServer>(std::vector<std::string>{"--port", std::to_string(master_port_)});
  replica_ = std::make_unique<RedisServer>(
      std::vector<std::string>{"--port", std::to_string(replica_port_), "--replicaof", "127.0.0.1",
                               std::to_string(master_port_), "--repl-diskless-sync-delay", "0"});
  folder_ = master_->folder();
  // Sentinels learn of a replica from the master once in ten seconds: it is there before they begin.
  const bool replicates = Eventually([&] {
    const redis::Reply role = Ask(master_->address(), {"ROLE"});
    return role.list.size() == 3 && !role.list[2].list.empty();
  });
  for (int i = 0; i < kSentinels; ++i) {
    ports_.push_back(FreePort());
    const std::string port = std::to_string(ports_.back());
    std::string conf = folder_ + "/sentinel-" + port + ".conf", log = folder_ + "/sentinel-" + port + ".log";
    std::ofstream(conf) << "port " << port << "\nbind 127.0.0.1\ndir " << folder_ << "\nlogfile " << log
                        << "\nsentinel monitor " << kMaster << " 127.0.0.1 " << master_port_
                        << " 2\nsentinel down-after-milliseconds " << kMaster
                        << " 500\nsentinel failover-timeout " << kMaster << " 3000\n";
    const pid_t pid = fork();
    if (pid == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      execlp("redis-sentinel", "redis-sentinel", conf.c_str(), nullptr);
      _exit(127);
    }
    sentinels_.push_back(pid);
  }
  const bool watch = replicates && Eventually([&] {
                       for (const int port : ports_) {
                         const redis::Reply known = Ask(Local(port), {"SENTINEL", "MASTER", kMaster});
                         if (ValueOf(known, "num-slaves") != "1" ||
                             ValueOf(known, "num-other-sentinels") != std::to_string(kSentinels - 1))
                           return false;
                       }
                       return true;
                     });
  if (watch) return;
  std::fprintf(stderr, "redis-sentinel for tests does not watch; is the package redis-sentinel installed?\n");
  std::abort();
}

RedisSentinels::~RedisSentinels() {
  for (const pid_t pid : sentinels_) {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
}

std::string RedisSentinels::url() const {
  std::string url;
  for (const int port : ports_) url += (url.empty() ? "redis-sentinel://" : ",") + Local(port);
  return url + "/" + kMaster;
}

bool RedisSentinels::IsPromoted() const {
  for (const int port : ports_) {
    const redis::Reply master = Ask(Local(port), {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", kMaster});
    if (master.list.size() != 2 || master.list[1].text != std::to_string(replica_port_)) return false;
  }
  const redis::Reply role = Ask(replica_->address(), {"ROLE"});
  return !role.list.empty() && role.list[0].text == "master";
}

}  // namespace idea::testing
