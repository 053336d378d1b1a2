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

// A transaction on a connection. What a journey to the server and back costs is most of what a small
// statement costs: statements of ExecuteDeferred() are kept back until one has to be waited for, and go with
// it in one message. On a pooled connection, where they cannot be prepared, each is sent when it is made.
class PostgresTransaction : public Transaction {
 public:
  // `ahead`: commands without an answer that go before the first statement, in its message; empty once they
  // were sent.
  PostgresTransaction(PostgresConnection& connection, pqxx::transaction_base& session, std::string& ahead)
      : connection_(connection), session_(session), ahead_(ahead) {}
  ~PostgresTransaction() override { connection_.RestoreTimeouts(); }

  absl::StatusOr<Rows> Query(std::string_view sql, const Args& args) override;
  absl::StatusOr<int64_t> Execute(std::string_view sql, const Args& args) override;
  absl::Status ExecuteDeferred(std::string_view sql, const Args& args, const RowCheck& check) override;
  Engine engine() const override { return Engine::kPostgresql; }
  absl::StatusOr<Location> FindLocation() override;
  absl::Status LiftTimeouts() override;

  // Sends what is still kept back. Returns what the transaction came to after its body came to `body`: the
  // first that failed. The server commits nothing after a failure, and does not say so.
  absl::Status End(const absl::Status& body);

 private:
  // `check`: none if the caller judges for itself.
  struct Kept {
    std::string command;
    RowCheck check;
  };

  // Does `work` unless a statement has failed before, and notes its failure.
  absl::Status Watch(const std::function<absl::Status()>& work);
  absl::StatusOr<pqxx::result> Run(std::string_view sql, const Args& args);
  absl::Status RunText(std::string_view sql, pqxx::result& answer);
  absl::Status RunPrepared(std::string_view sql, const Args& args, pqxx::result& answer);
  absl::Status KeepBack(std::string_view sql, const Args& args, RowCheck check);
  // On a pooled connection.
  absl::Status SendAlone(std::string_view sql, const Args& args, RowCheck check, pqxx::result& answer);
  // Sends what goes ahead and what is kept back; the answer to the last of it.
  absl::Status Flush();
  absl::Status Send(pqxx::result& last);
  absl::Status SendTogether(const std::vector<Kept>& kept, pqxx::result& last);
  // Asks for the answer to a statement, and what it means.
  absl::Status Hear(const Kept& kept, const std::function<pqxx::result()>& ask, pqxx::result& answer);

  PostgresConnection& connection_;
  pqxx::transaction_base& session_;
  std::string& ahead_;
  std::vector<Kept> kept_;
  absl::Status failure_;
};

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_POSTGRES_TRANSACTION_H_
