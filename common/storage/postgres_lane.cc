#include "common/storage/postgres_lane.h"

#include <utility>

#include "common/status/status.h"
#include "common/storage/attempts.h"
#include "common/storage/postgres_transaction.h"

namespace idea::storage {
namespace {

// Neither this nor the settings added to BEGIN take a snapshot: the transaction sees the state when it got
// the table. Readers do not wait. A process that hangs during a group loses its connection (Timeouts), and
// the lock with it.
std::string LockOf(Lane lane) {
  return "LOCK TABLE " + std::string(lane) + " IN EXCLUSIVE MODE; SAVEPOINT job1";
}

}  // namespace

PostgresLane::PostgresLane(const Database* owner, Pool<PostgresConnection>& connections, Lane lane)
    : owner_(owner), connections_(connections), lock_(LockOf(lane)) {}

absl::Status PostgresLane::Begin() {
  if (!lease_) {
    ASSIGN_OR_RETURN(auto lease, connections_.Acquire());
    lease_.emplace(std::move(lease));
  }
  keep_.clear();
  job_ = 1;
  connection().set_reading(false);
  return connection().Guard([&] {
    session_.emplace(connection().pqxx());
    session_->exec(connection().BeginWith("BEGIN ISOLATION LEVEL REPEATABLE READ;") + lock_);
  });
}

absl::Status PostgresLane::Run(const Body& body, Access) {
  PostgresTransaction transaction(connection(), *session_, keep_);
  return transaction.End(RunBody(owner_, body, transaction));
}

// Numbered savepoints: if the first message of the next job fails as a whole, its savepoint does not exist,
// and the group is lost instead of the last job.
absl::Status PostgresLane::Keep() {
  const std::string last = Savepoint();
  ++job_;
  keep_ = keep_ + "RELEASE " + last + ";SAVEPOINT " + Savepoint() + ";";
  return absl::OkStatus();
}

absl::Status PostgresLane::Undo() {
  // It has sent nothing.
  if (!keep_.empty()) return absl::OkStatus();
  return connection().Guard([&] { session_->exec("ROLLBACK TO " + Savepoint()); });
}

// A failed transaction has no savepoint to release, so this does not look like a commit.
absl::Status PostgresLane::Commit() {
  return connection().Commit(*session_, keep_ + "RELEASE " + Savepoint() + ";");
}

absl::Status PostgresLane::Rollback() {
  connection().Rollback(*session_);
  return absl::OkStatus();
}

void PostgresLane::Rest(bool more) {
  session_.reset();
  if (!lease_) return;
  if (DropIfLost(connections_, *lease_) || !more) lease_.reset();
}

}  // namespace idea::storage
