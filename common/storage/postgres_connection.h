#ifndef IDEA_COMMON_STORAGE_POSTGRES_CONNECTION_H_
#define IDEA_COMMON_STORAGE_POSTGRES_CONNECTION_H_

#include <functional>
#include <memory>
#include <pqxx/connection>
#include <pqxx/errorhandler>
#include <pqxx/result>
#include <pqxx/transaction_base>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/storage/database.h"

namespace idea::storage {

// One connection to PostgreSQL, with its prepared statements. Used by one thread at a time.
class PostgresConnection {
 public:
  // Connects, and makes the database ready for the types of our SQL.
  static absl::StatusOr<std::unique_ptr<PostgresConnection>> Open(const std::string& address);

  pqxx::connection& pqxx() { return connection_; }
  pqxx::result Run(pqxx::transaction_base& session, std::string_view sql, const Args& args);
  // The statement as a text that can be sent with others.
  std::string CommandOf(std::string_view sql, const Args& args);
  // Whether it was prepared before. What was not is sent to the server to be prepared when it is first used.
  bool Knows(std::string_view sql) const { return names_.contains(std::string(sql)); }

  // Runs `work` and makes a status of what it throws. A lost connection is a conflict: nothing was committed.
  absl::Status Guard(const std::function<void()>& work);
  // Ends the transaction of a session, `last` being its last commands. OK means: durable. A commit whose
  // answer was lost may have happened.
  absl::Status Commit(pqxx::transaction_base& session, const std::string& last = "");
  void Rollback(pqxx::transaction_base& session);
  // Whether the connection was lost and has to be replaced.
  bool lost() const { return lost_ || !connection_.is_open(); }

 private:
  explicit PostgresConnection(const std::string& address) : connection_(address), quiet_(connection_) {}
  void MakeReady();
  const std::string& Prepare(std::string_view sql);
  std::string Literal(const Value& value);
  absl::Status Lost(std::string_view words);

  pqxx::connection connection_;
  // Notices are not for our standard error.
  pqxx::quiet_errorhandler quiet_;
  std::unordered_map<std::string, std::string> names_;
  bool lost_ = false;
};

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_POSTGRES_CONNECTION_H_
