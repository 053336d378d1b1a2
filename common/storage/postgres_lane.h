#ifndef IDEA_COMMON_STORAGE_POSTGRES_LANE_H_
#define IDEA_COMMON_STORAGE_POSTGRES_LANE_H_

#include <optional>
#include <pqxx/nontransaction>
#include <string>

#include "common/storage/group_writer.h"
#include "common/storage/pool.h"
#include "common/storage/postgres_connection.h"

namespace idea::storage {

// Uses one connection as long as it has groups. The transaction of a group first locks the table of the lane
// against all writers in all processes. A later writer waits and only then takes its snapshot, so it does no
// work in vain.
class PostgresLane : public GroupConnection {
 public:
  // `owner` is the database that the bodies belong to.
  PostgresLane(const Database* owner, Pool<PostgresConnection>& connections, Lane lane);

  absl::Status Begin() override;
  absl::Status Run(const Body& body, Access access) override;
  bool InTransaction() override { return session_.has_value() && !connection().lost(); }
  absl::Status Keep() override;
  absl::Status Undo() override;
  absl::Status Commit() override;
  absl::Status Rollback() override;
  void Rest(bool more) override;

 private:
  PostgresConnection& connection() { return **lease_; }
  std::string Savepoint() const { return "job" + std::to_string(job_); }

  const Database* const owner_;
  Pool<PostgresConnection>& connections_;
  const std::string lock_;
  std::optional<Pool<PostgresConnection>::Lease> lease_;
  std::optional<pqxx::nontransaction> session_;
  // The number of the current job, and the command that keeps the jobs before it, which is sent with its
  // first statement.
  int job_ = 1;
  std::string keep_;
};

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_POSTGRES_LANE_H_
