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

// A connection to PostgreSQL with its prepared statements. Used by one thread at a time.
//
// A connection through a pooler that gives each transaction another session, such as PgBouncer in transaction
// mode, is recognized when it is opened, because the server reports another process id than the pooler. On
// such a connection nothing is prepared, and each transaction sets its time limits.
class PostgresConnection {
 public:
  // Connects, sets the timeouts of the session and creates the types of our SQL. `watch` must outlive the
  // connection.
  static absl::StatusOr<std::unique_ptr<PostgresConnection>> Open(const std::string& address,
                                                                  const Timeouts& timeouts,
                                                                  SocketWatch& watch);

  pqxx::connection& pqxx() { return connection_; }
  // Whether a pooler is between this process and the server.
  bool pooled() const { return pooled_; }
  // The commands that begin a transaction: `begin`, and the settings of the transaction.
  std::string BeginWith(std::string_view begin) const { return std::string(begin) + local_settings_; }
  pqxx::result Run(pqxx::transaction_base& session, std::string_view sql, const Args& args);
  // The statement as a text that can be sent with others. Not on a pooled connection.
  std::string CommandOf(std::string_view sql, const Args& args);
  // Whether the statement is prepared. Others are prepared when they are first used.
  bool Knows(std::string_view sql) const { return names_.contains(std::string(sql)); }

  // Runs `work` and converts its exceptions to a status. All access to the connection runs here. A lost
  // connection is a conflict, because nothing was committed; it is ERROR_REASON_STORAGE_UNAVAILABLE if the
  // server did not answer in time.
  absl::Status Guard(const std::function<void()>& work);
  // Ends the transaction of a session with the commands `last`. OK means that the commit is durable. A commit
  // whose answer was lost may have happened.
  absl::Status Commit(pqxx::transaction_base& session, const std::string& last = "");
  void Rollback(pqxx::transaction_base& session);
  // Whether the connection was lost and must be replaced.
  bool lost() const { return lost_ || !connection_.is_open(); }
  // Whether it was lost because the server did not answer in time.
  bool unanswered() const { return socket_ && socket_->cut(); }
  // Whether the transaction is read-only: then a refused write is a bug of its body, and does not mean that
  // the server is read-only.
  void set_reading(bool reading) { reading_ = reading; }
  // Suspends and resumes the time limit.
  void LiftTimeouts() { answer_limit_ = std::chrono::milliseconds(0); }
  void RestoreTimeouts();

 private:
  // Logs the notices of the server.
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
  // The timeout for answers of the server; zero means no limit.
  std::chrono::milliseconds answer_limit_{};
  std::unordered_map<std::string, std::string> names_;
  bool pooled_ = false;
  // The settings of each transaction of a pooled connection.
  std::string local_settings_;
  bool reading_ = false;
  bool lost_ = false;
};

// Closes a lost connection and those of the same time, which lead to the same server. Returns whether it was
// lost.
bool DropIfLost(Pool<PostgresConnection>& connections, Pool<PostgresConnection>::Lease& lease);

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_POSTGRES_CONNECTION_H_
