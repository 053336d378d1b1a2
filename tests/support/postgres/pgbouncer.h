#ifndef IDEA_TESTS_SUPPORT_POSTGRES_PGBOUNCER_H_
#define IDEA_TESTS_SUPPORT_POSTGRES_PGBOUNCER_H_

#include <string>

namespace idea::testing {

// A real PgBouncer in transaction mode for a PostgreSQL of scripts/servers.sh. Stopped by the destructor.
// Each function throws std::runtime_error if it fails.
class Pgbouncer {
 public:
  // Whether PgBouncer is installed. Logs the reason if not.
  static std::string WhyNot();

  // `server` is the postgresql:// address of the server.
  explicit Pgbouncer(std::string server);
  ~Pgbouncer();
  Pgbouncer(const Pgbouncer&) = delete;
  Pgbouncer& operator=(const Pgbouncer&) = delete;

  // "postgresql://..."
  const std::string& address() const { return address_; }

  // Kills it with SIGKILL and starts it again at the same address.
  void Kill();
  void Start();
  // Runs one SQL statement through it. Returns the output of psql without column names.
  std::string Run(const std::string& sql);

 private:
  const std::string server_;
  std::string folder_;
  std::string address_;
};

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_POSTGRES_PGBOUNCER_H_
