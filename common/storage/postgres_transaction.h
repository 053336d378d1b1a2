#ifndef IDEA_COMMON_STORAGE_POSTGRES_TRANSACTION_H_
#define IDEA_COMMON_STORAGE_POSTGRES_TRANSACTION_H_

#include <cstdint>
#include <functional>
#include <pqxx/result>
#include <pqxx/transaction_base>
#include <string>
#include <string_view>
#include <vector>

#include "common/storage/database.h"
#include "common/storage/postgres_connection.h"

namespace idea::storage {

// A transaction on a connection. The round trip is most of the cost of a small statement, so statements of
// ExecuteDeferred() are kept back until the next query and sent with it in one message. On a pooled
// connection, where they cannot be prepared, each is sent at once.
class PostgresTransaction : public Transaction {
 public:
  // `ahead`: commands without an answer that are sent before the first statement, in its message; empty after
  // that.
  PostgresTransaction(PostgresConnection& connection, pqxx::transaction_base& session, std::string& ahead)
      : connection_(connection), session_(session), ahead_(ahead) {}
  ~PostgresTransaction() override { connection_.RestoreTimeouts(); }

  absl::StatusOr<Rows> Query(std::string_view sql, const Args& args) override;
  absl::StatusOr<int64_t> Execute(std::string_view sql, const Args& args) override;
  absl::Status ExecuteDeferred(std::string_view sql, const Args& args, const RowCheck& check) override;
  Engine engine() const override { return Engine::kPostgresql; }
  absl::StatusOr<Location> FindLocation() override;
  absl::Status LiftTimeouts() override;

  // Sends the statements still kept back. Returns the first failure of the transaction, or `body`. The server
  // commits nothing after a failure, but does not report that.
  absl::Status End(const absl::Status& body);

 private:
  // `check`: null if the caller checks the outcome.
  struct Kept {
    std::string command;
    RowCheck check;
  };

  // Does `work` unless a statement has failed before. Records its failure.
  absl::Status Watch(const std::function<absl::Status()>& work);
  absl::StatusOr<pqxx::result> Run(std::string_view sql, const Args& args);
  absl::Status RunText(std::string_view sql, pqxx::result& answer);
  absl::Status RunPrepared(std::string_view sql, const Args& args, pqxx::result& answer);
  absl::Status KeepBack(std::string_view sql, const Args& args, RowCheck check);
  // For a pooled connection.
  absl::Status SendAlone(std::string_view sql, const Args& args, RowCheck check, pqxx::result& answer);
  // Sends `ahead` and the statements kept back. Returns the answer to the last of them.
  absl::Status Flush();
  absl::Status Send(pqxx::result& last);
  absl::Status SendTogether(const std::vector<Kept>& kept, pqxx::result& last);
  // Reads the answer to a statement and applies its check.
  absl::Status Hear(const Kept& kept, const std::function<pqxx::result()>& ask, pqxx::result& answer);

  PostgresConnection& connection_;
  pqxx::transaction_base& session_;
  std::string& ahead_;
  std::vector<Kept> kept_;
  absl::Status failure_;
};

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_POSTGRES_TRANSACTION_H_
