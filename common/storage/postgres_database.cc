#include "common/storage/postgres_database.h"

#include <map>
#include <mutex>
#include <pqxx/nontransaction>

#include "common/status/status.h"
#include "common/storage/attempts.h"
#include "common/storage/pool.h"
#include "common/storage/postgres_connection.h"
#include "common/storage/postgres_lane.h"
#include "common/storage/postgres_transaction.h"

namespace idea::storage {
namespace {

constexpr int kConnections = 7;
// More callers than connections: those that wait in a lane share one.
constexpr int kCallers = 32;

constexpr char kBeginReading[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;";
constexpr char kBeginWriting[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE;";

// Adds a setting of the connection that the address does not have.
std::string WithDefault(std::string address, const std::string& name, const std::string& value) {
  if (address.find(name + "=") != std::string::npos) return address;
  const char* separator = address.find('?') == std::string::npos ? "?" : "&";
  return address + separator + name + "=" + value;
}

// A server that is gone is noticed within seconds, not when the kernel gives up.
std::string Impatient(const std::string& address) {
  return WithDefault(WithDefault(address, "connect_timeout", "5"), "tcp_user_timeout", "10000");
}

class Postgres : public Database {
 public:
  explicit Postgres(const std::string& address)
      : connections_(kConnections,
                     [address = Impatient(address)] { return PostgresConnection::Open(address); }) {}

  absl::Status Read(const Body& body) override { return Run(body, kBeginReading); }
  absl::Status Write(const Body& body, Lane lane) override {
    if (lane.empty()) return Run(body, kBeginWriting);
    RETURN_IF_ERROR(CheckNotNested(this));
    GroupWriter& writer = WriterOf(lane);
    return RetryConflicts([&] { return writer.Write(body); });
  }
  int Parallelism() const override { return kCallers; }

 private:
  GroupWriter& WriterOf(Lane lane) {
    const std::lock_guard lock(mutex_);
    std::unique_ptr<GroupWriter>& writer = lanes_[std::string(lane)];
    if (writer == nullptr) {
      writer = std::make_unique<GroupWriter>(std::make_unique<PostgresLane>(this, connections_, lane));
    }
    return *writer;
  }

  absl::Status Run(const Body& body, const char* begin) {
    RETURN_IF_ERROR(CheckNotNested(this));
    return RetryConflicts([&] { return RunOnce(body, begin); });
  }

  absl::Status RunOnce(const Body& body, const char* begin) {
    ASSIGN_OR_RETURN(auto lease, connections_.Take());
    absl::Status answer = RunOn(*lease, body, begin);
    if (lease->lost()) connections_.Drop(lease);
    return answer;
  }

  absl::Status RunOn(PostgresConnection& connection, const Body& body, std::string begin) {
    pqxx::nontransaction session(connection.pqxx());
    PostgresTransaction transaction(connection, session, begin);
    absl::Status answer = transaction.End(RunBody(this, body, transaction));
    const bool begun = begin.empty();
    if (begun && answer.ok()) return connection.Commit(session);
    if (begun) connection.Rollback(session);
    return answer;
  }

  Pool<PostgresConnection> connections_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<GroupWriter>> lanes_;
};

}  // namespace

std::unique_ptr<Database> OpenPostgres(const std::string& address) {
  return std::make_unique<Postgres>(address);
}

}  // namespace idea::storage
