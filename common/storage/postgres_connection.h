#ifndef IDEA_COMMON_STORAGE_POSTGRES_CONNECTION_H_
#define IDEA_COMMON_STORAGE_POSTGRES_CONNECTION_H_

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <pqxx/connection>
#include <pqxx/errorhandler>
#include <pqxx/result>
#include <pqxx/transaction_base>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/storage/database.h"
#include "common/storage/pool.h"
#include "common/storage/socket_watch.h"

namespace idea::storage {

// One connection to PostgreSQL, with its prepared statements. Used by one thread at a time.
//
// A connection through a pooler that gives each transaction another session of the server, such as PgBouncer
// in transaction mode, is recognized when it is opened: the server says another process id than the pooler.
// On such a connection nothing is prepared, and each transaction sets its own time limits.
class PostgresConnection {
 public:
  // Connects, sets the session's timeouts and makes the database ready for the types of our SQL. `watch` must
  // outlive the connection.
  static absl::StatusOr<std::unique_ptr<PostgresConnection>> Open(const std::string& address,
                                                                  const Timeouts& timeouts,
                                                                  SocketWatch& watch);

  pqxx::connection& pqxx() { return connection_; }
  // Whether a pooler stands between this process and the server.
  bool pooled() const { return pooled_; }
  // The commands that begin a transaction: `begin`, and what the transaction must set for itself.
  std::string BeginWith(std::string_view begin) const { return std::string(begin) + local_settings_; }
  pqxx::result Run(pqxx::transaction_base& session, std::string_view sql, const Args& args);
  // The statement as a text that can be sent with others. Not on a pooled connection.
  std::string CommandOf(std::string_view sql, const Args& args);
  // Whether it was prepared before. What was not is sent to the server to be prepared when it is first used.
  bool Knows(std::string_view sql) const { return names_.contains(std::string(sql)); }

  // Runs `work` and makes a status of what it throws. Everything that touches the connection runs here. A
  // lost connection is a conflict, because nothing was committed; it is ERROR_REASON_STORAGE_UNAVAILABLE if
  // the server did not answer in time.
  absl::Status Guard(const std::function<void()>& work);
  // Ends the transaction of a session, `last` being its last commands. OK means: durable. A commit whose
  // answer was lost may have happened.
  absl::Status Commit(pqxx::transaction_base& session, const std::string& last = "");
  void Rollback(pqxx::transaction_base& session);
  // Whether the connection was lost and has to be replaced.
  bool lost() const { return lost_ || !connection_.is_open(); }
  // Whether it was lost because the server did not answer in time.
  bool unanswered() const { return socket_ && socket_->cut(); }
  // Whether the transaction was begun as read-only: then a refused write is a bug of its body, and not a
  // server that has become read-only.
  void set_reading(bool reading) { reading_ = reading; }
  // Stops waiting with a limit, and starts again.
  void LiftTimeouts() { answer_limit_ = std::chrono::milliseconds(0); }
  void RestoreTimeouts();

 private:
  // Writes the server's notices to the log.
  class NoticeLog : public pqxx::errorhandler {
   public:
    using pqxx::errorhandler::errorhandler;
    bool operator()(const char text[]) noexcept override;
  };

  PostgresConnection(const std::string& address, const Timeouts& timeouts, SocketWatch& watch);
  void MakeReady();
  void NotePooler(bool asynchronous);
  const std::string& Prepare(std::string_view sql);
  std::string Literal(const Value& value);
  absl::Status Lost(std::string_view words);

  const Timeouts timeouts_;
  pqxx::connection connection_;
  NoticeLog notices_;
  // Destroyed before the connection closes its socket.
  std::optional<SocketWatch::Socket> socket_;
  // How long the server may take to answer; zero means no limit.
  std::chrono::milliseconds answer_limit_{};
  std::unordered_map<std::string, std::string> names_;
  bool pooled_ = false;
  // What each transaction of a pooled connection sets.
  std::string local_settings_;
  bool reading_ = false;
  bool lost_ = false;
};

// Closes a connection that was lost, and returns whether it was. The others lead to the same server and go
// too.
bool DropIfLost(Pool<PostgresConnection>& connections, Pool<PostgresConnection>::Lease& lease);

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_POSTGRES_CONNECTION_H_
