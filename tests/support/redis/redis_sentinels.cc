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
// The users of the secured servers and Sentinels.
constexpr char kServerUser[] = "idea", kServerPassword[] = "s3rver";
constexpr char kSentinelUser[] = "watcher", kSentinelPassword[] = "s3ntinel";

redis::Reply Query(const redis::Options& options, const std::vector<std::string>& command) {
  redis::Connection connection(options, milliseconds(2000));
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

std::string NewFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "idea_sentinels_XXXXXX").string();
  return mkdtemp(pattern.data());
}

[[noreturn]] void Fail(const char* why) {
  std::fprintf(stderr, "redis-sentinel for tests %s\n", why);
  std::abort();
}

}  // namespace

RedisSentinels::RedisSentinels(bool secured)
    : secured_(secured), folder_(NewFolder()), master_port_(FreePort()), replica_port_(FreePort()) {
  if (secured_) {
    const std::string certs = folder_ + "/certs";
    if (std::system((IDEA_SOURCE_DIR "/scripts/certs.sh " + certs + " >/dev/null").c_str()) != 0)
      Fail("has no certificates");
    options_.tls_dir = certs + "/drafting";
    options_.password_file = folder_ + "/server-password";
    options_.sentinel_user = kSentinelUser;
    options_.sentinel_password_file = folder_ + "/sentinel-password";
    std::ofstream(options_.password_file) << kServerPassword;
    std::ofstream(options_.sentinel_password_file) << kSentinelPassword;
  }
  master_ = std::make_unique<RedisServer>(ServerArguments(master_port_));
  std::vector<std::string> arguments = ServerArguments(replica_port_);
  for (const std::string& word :
       {std::string("--replicaof"), std::string("127.0.0.1"), std::to_string(master_port_),
        std::string("--repl-diskless-sync-delay"), std::string("0")})
    arguments.push_back(word);
  replica_ = std::make_unique<RedisServer>(arguments);
  // Sentinels learn of a replica from the master once in ten seconds, so it is started before them.
  const bool replicates = Eventually([&] {
    const redis::Reply role = Query(OptionsOf(*master_), {"ROLE"});
    return role.list.size() == 3 && !role.list[2].list.empty();
  });
  if (!replicates) Fail("has nothing to watch: the replica does not replicate");
  for (int i = 0; i < kSentinels; ++i) StartSentinel();
  const bool watch = Eventually([&] {
    for (const int port : ports_) {
      const redis::Reply known = QuerySentinel(port, {"SENTINEL", "MASTER", kMaster});
      if (ValueOf(known, "num-slaves") != "1" ||
          ValueOf(known, "num-other-sentinels") != std::to_string(kSentinels - 1))
        return false;
    }
    return true;
  });
  if (!watch) Fail("does not watch; is the package redis-sentinel installed?");
  std::string& url = options_.url;
  url = secured_ ? std::string("rediss-sentinel://") + kServerUser + "@" : "redis-sentinel://";
  for (const int port : ports_) url += (port == ports_.front() ? "" : ",") + Local(port);
  url += std::string("/") + kMaster;
}

RedisSentinels::~RedisSentinels() {
  for (const pid_t pid : sentinels_) {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::vector<std::string> RedisSentinels::ServerArguments(int port) const {
  if (!secured_) return {"--port", std::to_string(port)};
  const std::string of = folder_ + "/certs/notification/";
  return {"--tls-port",
          std::to_string(port),
          "--tls-cert-file",
          of + "tls.crt",
          "--tls-key-file",
          of + "tls.key",
          "--tls-ca-cert-file",
          of + "ca.crt",
          "--tls-replication",
          "yes",
          "--masteruser",
          kServerUser,
          "--masterauth",
          kServerPassword,
          "--user",
          kServerUser,
          "on",
          std::string(">") + kServerPassword,
          "~*",
          "&*",
          "+@all",
          "--user",
          "default",
          "off"};
}

std::string RedisSentinels::SentinelFile(int port) const {
  const std::string name = folder_ + "/sentinel-" + std::to_string(port);
  std::ofstream file(name + ".conf");
  file << "bind 127.0.0.1\ndir " << folder_ << "\nlogfile " << name << ".log\nsentinel monitor " << kMaster
       << " 127.0.0.1 " << master_port_ << " 2\nsentinel down-after-milliseconds " << kMaster
       << " 500\nsentinel failover-timeout " << kMaster << " 3000\n";
  if (!secured_) {
    file << "port " << port << "\n";
  } else {
    const std::string of = folder_ + "/certs/notification/";
    file << "port 0\ntls-port " << port << "\ntls-cert-file " << of << "tls.crt\ntls-key-file " << of
         << "tls.key\ntls-ca-cert-file " << of << "ca.crt\ntls-replication yes\nsentinel auth-user "
         << kMaster << " " << kServerUser << "\nsentinel auth-pass " << kMaster << " " << kServerPassword
         << "\nsentinel sentinel-user " << kSentinelUser << "\nsentinel sentinel-pass " << kSentinelPassword
         << "\nuser " << kSentinelUser << " on >" << kSentinelPassword << " ~* &* +@all\nuser default off\n";
  }
  return name + ".conf";
}

void RedisSentinels::StartSentinel() {
  ports_.push_back(FreePort());
  const std::string file = SentinelFile(ports_.back());
  const pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execlp("redis-sentinel", "redis-sentinel", file.c_str(), nullptr);
    _exit(127);
  }
  sentinels_.push_back(pid);
}

redis::Options RedisSentinels::OptionsOf(const RedisServer& server) const {
  if (!secured_) return server.address();
  return "unix://" + std::string(kServerUser) + ":" + kServerPassword + "@" +
         server.address().substr(std::string("unix:").size());
}

redis::Reply RedisSentinels::QuerySentinel(int port, const std::vector<std::string>& command) const {
  if (!secured_) return Query(Local(port), command);
  redis::Options options("rediss://" + std::string(kSentinelUser) + ":" + kSentinelPassword + "@" +
                         Local(port));
  options.tls_dir = options_.tls_dir;
  return Query(options, command);
}

bool RedisSentinels::IsPromoted() const {
  for (const int port : ports_) {
    const redis::Reply master = QuerySentinel(port, {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", kMaster});
    if (master.list.size() != 2 || master.list[1].text != std::to_string(replica_port_)) return false;
  }
  const redis::Reply role = Query(OptionsOf(*replica_), {"ROLE"});
  return !role.list.empty() && role.list[0].text == "master";
}

}  // namespace idea::testing
