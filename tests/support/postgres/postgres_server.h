#ifndef IDEA_TESTS_SUPPORT_POSTGRES_POSTGRES_SERVER_H_
#define IDEA_TESTS_SUPPORT_POSTGRES_POSTGRES_SERVER_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

namespace idea::testing {

// A real PostgreSQL for tests that break the server: on a unix socket, with its data in a temporary folder.
// Stopped by the destructor. Each function throws std::runtime_error if it fails.
class PostgresServer {
 public:
  // Whether PostgreSQL is installed. Logs the reason if not.
  static std::string WhyNot();

  // Creates and starts it.
  PostgresServer();
  // Creates and starts a standby that follows `primary`.
  static std::unique_ptr<PostgresServer> StandbyOf(const PostgresServer& primary);
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // "postgresql://..."
  const std::string& address() const { return address_; }
  // One address with both servers, this one first. Clients use the primary.
  std::string AddressWith(const PostgresServer& other) const;

  // Starts it again after Kill() or Stop(), with its data. Returns when it answers.
  void Start();
  // Stops it gracefully.
  void Stop();
  // Kills the server and all its processes with SIGKILL.
  void Kill();
  // Kills the processes that serve connections with SIGKILL; the server then restarts all its processes.
  void KillBackends();
  // Pauses all processes of the server (SIGSTOP), and resumes them.
  void Pause();
  void Resume();
  // Makes it a standby from the next Start() on.
  void BecomeStandby();
  // Promotes a standby. Returns when it is the primary.
  void Promote() { Run("SELECT pg_promote()"); }
  // Runs one SQL statement over a separate connection.
  void Run(const std::string& sql);
  // The log of the server.
  std::string Log() const;

 private:
  // `start` is the function of scripts/servers.sh, `arguments` the arguments after the folder.
  PostgresServer(const std::string& start, const std::string& arguments);

  pid_t postmaster() const;
  // The child processes of the postmaster; only those that serve a connection if `backends`.
  std::vector<pid_t> Children(bool backends) const;

  std::string folder_;
  std::string address_;
  // The processes that Pause() has stopped.
  std::vector<pid_t> paused_;
};

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_POSTGRES_POSTGRES_SERVER_H_
