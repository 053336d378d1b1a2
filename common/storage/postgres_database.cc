#include "common/storage/postgres_database.h"

#include <libpq-fe.h>

#include <cctype>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
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
// More than the connections, because callers that queue in a lane share one.
constexpr int kCallers = 32;

constexpr char kBeginReading[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;";
// Without READ WRITE, so that a server that its operator has made read-only refuses the write.
constexpr char kBeginWriting[] = "BEGIN ISOLATION LEVEL REPEATABLE READ;";

// Adds a connection setting that the address does not have.
std::string WithDefault(std::string address, const std::string& name, const std::string& value) {
  if (address.find(name + "=") != std::string::npos) return address;
  const char* separator = address.find('?') == std::string::npos ? "?" : "&";
  return address + separator + name + "=" + value;
}

// Detects a lost server within seconds instead of the timeouts of the kernel, and avoids a standby, which
// would answer reads with old data.
std::string WithDefaults(std::string address) {
  for (const auto& [name, value] : {std::pair{"connect_timeout", "5"},
                                    {"tcp_user_timeout", "10000"},
                                    {"keepalives_idle", "30"},
                                    {"keepalives_interval", "5"},
                                    {"keepalives_count", "3"},
                                    {"target_session_attrs", "primary"}}) {
    address = WithDefault(std::move(address), name, value);
  }
  return address;
}

bool IsAddress(const std::string& address) {
  char* problem = nullptr;
  PQconninfoOption* const options = PQconninfoParse(address.c_str(), &problem);
  PQconninfoFree(options);
  PQfreemem(problem);
  return options != nullptr;
}

// Adds the password in the first line of the file, if a file is named.
absl::StatusOr<std::string> WithPassword(const std::string& address, const std::string& file) {
  if (file.empty()) return address;
  std::ifstream in(file);
  std::string password;
  if (!std::getline(in, password) || password.empty())
    return Unavailable("IDEA_DATABASE_PASSWORD_FILE: " + file + " cannot be read or is empty");
  std::string out = address + "&password=";
  for (const char c : password) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) {
      out += c;
    } else {
      constexpr char kDigits[] = "0123456789ABCDEF";
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

class Postgres : public Database, public CountsConnections {
 public:
  Postgres(const std::string& address, const Timeouts& timeouts, const std::string& password_file)
      : connections_(kConnections,
                     [this, address, timeouts,
                      password_file]() -> absl::StatusOr<std::unique_ptr<PostgresConnection>> {
                       ASSIGN_OR_RETURN(const std::string complete, WithPassword(address, password_file));
                       return PostgresConnection::Open(complete, timeouts, watch_);
                     }) {}

  absl::Status Read(const Body& body) override { return Run(body, kBeginReading); }
  absl::Status Write(const Body& body, Lane lane) override {
    if (lane.empty()) return Run(body, kBeginWriting);
    RETURN_IF_ERROR(CheckNotNested(this));
    GroupWriter& writer = WriterOf(lane);
    return RetryConflicts([&] { return writer.Write(body); });
  }
  int Parallelism() const override { return kCallers; }
  ConnectionUse Connections() override {
    ConnectionUse use = connections_.Use();
    const std::lock_guard lock(mutex_);
    for (const auto& [name, writer] : lanes_) use.queued_writes += writer->queued();
    return use;
  }
  void EndBy(std::chrono::steady_clock::time_point end) override { watch_.EndBy(end); }

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
    ASSIGN_OR_RETURN(auto lease, connections_.Acquire());
    absl::Status answer = RunOn(*lease, body, begin);
    DropIfLost(connections_, lease);
    return answer;
  }

  absl::Status RunOn(PostgresConnection& connection, const Body& body, const char* begin) {
    std::optional<pqxx::nontransaction> session;
    connection.set_reading(begin == kBeginReading);
    RETURN_IF_ERROR(connection.Guard([&] { session.emplace(connection.pqxx()); }));
    std::string ahead = connection.BeginWith(begin);
    PostgresTransaction transaction(connection, *session, ahead);
    absl::Status answer = transaction.End(RunBody(this, body, transaction));
    const bool begun = ahead.empty();
    if (begun && answer.ok()) return connection.Commit(*session);
    if (begun) connection.Rollback(*session);
    return answer;
  }

  // Outlives the connections.
  SocketWatch watch_;
  Pool<PostgresConnection> connections_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<GroupWriter>> lanes_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenPostgres(const std::string& address, const Timeouts& timeouts,
                                                       const std::string& password_file) {
  const std::string complete = WithDefaults(address);
  if (!IsAddress(complete)) {
    return absl::InvalidArgumentError(
        "the postgresql:// address is malformed; write it as postgresql://<user>@<host>:<port>/<name>, with "
        "%XX for special characters");
  }
  return std::make_unique<Postgres>(complete, timeouts, password_file);
}

}  // namespace idea::storage
