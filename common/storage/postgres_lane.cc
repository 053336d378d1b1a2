#include "common/storage/postgres_lane.h"

#include <utility>

#include "common/status/status.h"
#include "common/storage/attempts.h"

namespace idea::storage {
namespace {

// LOCK TABLE takes no snapshot: what the transaction sees is as of when it got the table. Readers do not
// wait. A process that hangs in the middle of a group does not keep the others waiting for ever.
std::string BeginOf(Lane lane) {
  return "BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL idle_in_transaction_session_timeout = '10s'; "
         "LOCK TABLE " +
         std::string(lane) + " IN EXCLUSIVE MODE; SAVEPOINT job; SELECT pg_current_xact_id()::text::bigint";
}

}  // namespace

PostgresLane::PostgresLane(const Database* owner, std::string address, Lane lane)
    : owner_(owner), address_(std::move(address)), begin_(BeginOf(lane)) {}

absl::Status PostgresLane::Begin() {
  if (connection_ == nullptr) {
    ASSIGN_OR_RETURN(connection_, PostgresConnection::Open(address_));
  }
  session_.emplace(connection_->pqxx());
  return connection_->Guard([&] { id_ = session_->exec(begin_)[0][0].as<int64_t>(); });
}

absl::Status PostgresLane::Run(const Body& body, Access) {
  PostgresTransaction transaction(*connection_, *session_, id_);
  const absl::Status status = RunBody(owner_, body, transaction);
  return status.ok() ? transaction.failure() : status;
}

// One whose answer was lost may have happened.
absl::Status PostgresLane::Commit() {
  absl::Status status = Do("COMMIT");
  return connection_->lost() ? Unavailable(std::string(status.message())) : status;
}

void PostgresLane::Rest() {
  session_.reset();
  if (connection_ != nullptr && connection_->lost()) connection_.reset();
}

absl::Status PostgresLane::Do(const std::string& commands) {
  return connection_->Guard([&] { session_->exec(commands); });
}

}  // namespace idea::storage
