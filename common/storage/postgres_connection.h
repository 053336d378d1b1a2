#ifndef IDEA_COMMON_STORAGE_POSTGRES_CONNECTION_H_
#define IDEA_COMMON_STORAGE_POSTGRES_CONNECTION_H_

#include <functional>
#include <memory>
#include <pqxx/connection>
#include <pqxx/errorhandler>
#include <pqxx/result>
#include <pqxx/transaction>
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
  pqxx::result Run(pqxx::transaction_base& transaction, std::string_view sql, const Args& args);

  // Runs `work` and makes a status of what it throws. A lost connection is a conflict: nothing was committed.
  absl::Status Guard(const std::function<void()>& work);
  // Whether the connection was lost and has to be replaced.
  bool lost() const { return lost_ || !connection_.is_open(); }

 private:
  explicit PostgresConnection(const std::string& address) : connection_(address), quiet_(connection_) {}
  void MakeReady();
  const std::string& Prepare(std::string_view sql);
  absl::Status Lost(std::string_view words);

  pqxx::connection connection_;
  // Notices are not for our standard error.
  pqxx::quiet_errorhandler quiet_;
  std::unordered_map<std::string, std::string> names_;
  bool lost_ = false;
};

// The transaction that is open on a connection.
class PostgresTransaction : public Transaction {
 public:
  // `id` is its number, if that is known.
  PostgresTransaction(PostgresConnection& connection, pqxx::transaction_base& transaction, int64_t id = 0)
      : connection_(connection), transaction_(transaction), id_(id) {}

  absl::StatusOr<Rows> Query(std::string_view sql, const Args& args) override;
  absl::StatusOr<int64_t> Execute(std::string_view sql, const Args& args) override;
  absl::StatusOr<int64_t> Id() override;
  absl::StatusOr<int64_t> Horizon() override;

  // The first failure of a statement: the server commits nothing after one, and does not say so.
  const absl::Status& failure() const { return failure_; }

 private:
  absl::StatusOr<pqxx::result> Run(std::string_view sql, const Args& args);
  absl::StatusOr<int64_t> Number(std::string_view sql);

  PostgresConnection& connection_;
  pqxx::transaction_base& transaction_;
  const int64_t id_;
  absl::Status failure_;
};

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_POSTGRES_CONNECTION_H_
