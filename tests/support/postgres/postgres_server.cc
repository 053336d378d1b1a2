#include "tests/support/postgres/postgres_server.h"

#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "tests/support/postgres/run_script.h"

namespace idea::testing {
namespace {

namespace fs = std::filesystem;

std::string ReadAll(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The parent of a process: the second field after the name, which is in parentheses.
pid_t ParentOf(const fs::path& process) {
  const std::string stat = ReadAll(process / "stat");
  const size_t after_name = stat.rfind(") ");
  return after_name == std::string::npos ? 0 : static_cast<pid_t>(std::atol(stat.c_str() + after_name + 4));
}

void Signal(pid_t pid, int signal) { kill(pid, signal); }

}  // namespace

std::string PostgresServer::WhyNot() {
  const char* const given = std::getenv("POSTGRES_BIN");
  const fs::path bin(given == nullptr ? "/usr/lib/postgresql/15/bin" : given);
  return fs::exists(bin / "initdb") ? "" : "PostgreSQL is not installed in " + bin.string();
}

PostgresServer::PostgresServer() : PostgresServer("start_postgres", "") {}

PostgresServer::PostgresServer(const std::string& start, const std::string& arguments) {
  folder_ = (fs::temp_directory_path() / "idea-postgres-XXXXXX").string();
  if (mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("no temporary folder");
  address_ = RunScript(start + " " + folder_ + arguments);
}

std::unique_ptr<PostgresServer> PostgresServer::StandbyOf(const PostgresServer& primary) {
  return std::unique_ptr<PostgresServer>(
      new PostgresServer("start_standby", " \"" + primary.address() + "\""));
}

std::string PostgresServer::AddressWith(const PostgresServer& other) const {
  const auto host = [](const std::string& address) {
    const size_t begin = address.find('@') + 1;
    return address.substr(begin, address.rfind('/') - begin);
  };
  std::string both = address_;
  const std::string own = host(both);
  return both.replace(both.find(own), own.size(), own + "," + host(other.address_)) +
         "?target_session_attrs=read-write";
}

PostgresServer::~PostgresServer() {
  Resume();
  try {
    RunScript("stop_postgres " + folder_);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "%s\n", failure.what());
  }
  std::error_code ignored;
  const fs::path data = fs::read_symlink(folder_ + "/data", ignored);
  if (!data.empty()) fs::remove_all(data, ignored);
  fs::remove_all(folder_, ignored);
}

void PostgresServer::Start() { address_ = RunScript("start_postgres " + folder_); }

void PostgresServer::Stop() { RunScript("stop_pidfile " + folder_ + "/data/postmaster.pid"); }

void PostgresServer::Kill() {
  const pid_t server = postmaster();
  std::vector<pid_t> all = Children(false);
  all.push_back(server);
  // The server first, so that it does not restart the others.
  Signal(server, SIGKILL);
  for (const pid_t pid : all) Signal(pid, SIGKILL);
}

void PostgresServer::KillBackends() {
  for (const pid_t pid : Children(true)) Signal(pid, SIGKILL);
}

void PostgresServer::Pause() {
  paused_ = Children(false);
  paused_.push_back(postmaster());
  for (const pid_t pid : paused_) Signal(pid, SIGSTOP);
}

void PostgresServer::Resume() {
  for (const pid_t pid : paused_) Signal(pid, SIGCONT);
  paused_.clear();
}

void PostgresServer::BecomeStandby() { std::ofstream(folder_ + "/data/standby.signal"); }

void PostgresServer::Run(const std::string& sql) {
  const std::string file = folder_ + "/statement.sql";
  std::ofstream(file) << sql;
  RunScript("\"$POSTGRES_BIN/psql\" -X -q -v ON_ERROR_STOP=1 -d \"" + address_ + "\" <" + file);
}

std::string PostgresServer::Log() const { return ReadAll(folder_ + "/data/server.log"); }

pid_t PostgresServer::postmaster() const {
  const long pid = std::atol(ReadAll(folder_ + "/data/postmaster.pid").c_str());
  if (pid <= 1) throw std::runtime_error("PostgreSQL does not run");
  return static_cast<pid_t>(pid);
}

std::vector<pid_t> PostgresServer::Children(bool backends) const {
  const pid_t server = postmaster();
  std::vector<pid_t> children;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const long pid = std::atol(entry.path().filename().c_str());
    if (pid <= 0 || ParentOf(entry.path()) != server) continue;
    // "postgres: idea idea [local] idle"
    const std::string title = ReadAll(entry.path() / "cmdline");
    if (!backends || title.find("[local]") != std::string::npos) children.push_back(static_cast<pid_t>(pid));
  }
  return children;
}

}  // namespace idea::testing
