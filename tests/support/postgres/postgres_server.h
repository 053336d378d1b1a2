#ifndef IDEA_TESTS_SUPPORT_POSTGRES_POSTGRES_SERVER_H_
#define IDEA_TESTS_SUPPORT_POSTGRES_POSTGRES_SERVER_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

namespace idea::testing {

// A real PostgreSQL for tests that break the server: on a unix socket, its data in a temporary folder. Ends
// with the object. Each function throws std::runtime_error if it fails.
class PostgresServer {
 public:
  // Whether PostgreSQL is installed; says why not.
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
  // One address of both servers, this one first. A client uses the one that is the primary.
  std::string AddressWith(const PostgresServer& other) const;

  // Starts it again after Kill or Stop, with its data; returns when it answers.
  void Start();
  // Stops it in an orderly way.
  void Stop();
  // Ends the server and all its processes with SIGKILL.
  void Kill();
  // Ends the processes that serve connections with SIGKILL; the server restarts all its processes then.
  void KillBackends();
  // Stops all processes of the server from answering (SIGSTOP), and lets them go on.
  void Pause();
  void Resume();
  // Makes it a standby from the next Start on.
  void BecomeStandby();
  // Makes a standby the primary; returns when it is.
  void Promote() { Run("SELECT pg_promote()"); }
  // Runs one SQL statement over a separate connection.
  void Run(const std::string& sql);
  // What the server has written to its log.
  std::string Log() const;

 private:
  // `start` is the function of scripts/servers.sh, `arguments` what follows the folder.
  PostgresServer(const std::string& start, const std::string& arguments);

  pid_t postmaster() const;
  // Children of the postmaster; only those that serve a connection if `backends`.
  std::vector<pid_t> Children(bool backends) const;

  std::string folder_;
  std::string address_;
  // Processes that Pause has stopped.
  std::vector<pid_t> paused_;
};

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_POSTGRES_POSTGRES_SERVER_H_
