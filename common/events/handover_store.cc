#include "common/events/handover_store.h"

#include "common/events/epochs.h"
#include "common/status/status.h"
#include "common/status/trailer_limit.h"

namespace idea::events {
namespace {

// The end of a lease that was released.
constexpr clock::Micros kReturned = 0;

// Changes the row, so that one of two concurrent owners has a conflict.
absl::Status CheckOwner(storage::Transaction& db, const std::string& target, const std::string& owner) {
  return db.ExecuteDeferred(
      "UPDATE cursors SET owner = $1 WHERE name = $2 AND owner = $1", {owner, target},
      storage::FailIfNoRows(absl::FailedPreconditionError("the cursor has another owner")));
}

absl::Status Insert(storage::Transaction& db, const std::string& target, int64_t position,
                    const std::string& line, HandoverState state, int failures, const std::string& reason,
                    const std::string& text, clock::Micros now, clock::Micros next_try) {
  return db.ExecuteDeferred(
      "INSERT INTO handovers (target, position, line, state, failures, reason, text, time, next_try) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (target, position) DO NOTHING",
      {target, position, line, int64_t{state}, int64_t{failures}, reason, text, now, next_try});
}

}  // namespace

absl::StatusOr<std::optional<Lease>> FindOtherLease(storage::Transaction& db, const std::string& target,
                                                    const Claimant& claimant) {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT owner, lease_until FROM cursors WHERE name = $1", {target}));
  if (!row) return std::optional<Lease>();
  Lease lease{row->Text(0), row->Int(1)};
  const bool free = lease.owner == claimant.owner || lease.until == kReturned || lease == claimant.dead ||
                    (!claimant.replaces.empty() && lease.owner.starts_with(claimant.replaces));
  return free ? std::nullopt : std::optional<Lease>(std::move(lease));
}

absl::StatusOr<std::optional<TakenCursor>> TakeCursor(storage::Transaction& db, const std::string& target,
                                                      const Claimant& claimant) {
  ASSIGN_OR_RETURN(const auto other, FindOtherLease(db, target, claimant));
  if (other) return std::optional<TakenCursor>();
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("INSERT INTO cursors (name, owner, lease_until, txid, seq) "
                               "VALUES ($1, $2, $3, 0, 0) ON CONFLICT (name) DO UPDATE "
                               "SET owner = excluded.owner, lease_until = excluded.lease_until "
                               "RETURNING epoch, position",
                               {target, claimant.owner, claimant.until}));
  if (!row) return absl::InternalError("the cursor was neither created nor updated");
  ASSIGN_OR_RETURN(const Epochs epochs, Epochs::Read(db));
  TakenCursor taken;
  taken.epoch = epochs.current();
  taken.position = epochs.ReplayAfter(row->Text(0) + "." + std::to_string(row->Int(1)));
  ASSIGN_OR_RETURN(const auto mark, db.QueryOne("SELECT peer_epoch FROM peer_marks WHERE target = $1 "
                                                "ORDER BY position DESC LIMIT 1",
                                                {target}));
  if (mark) taken.peer_epoch = mark->Text(0);
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT position, line, state FROM handovers WHERE target = $1", {target}));
  // After a restore their positions belong to other events, so finished events are delivered again.
  const bool replayed = taken.position < row->Int(1);
  for (const storage::Row& each : rows) {
    if (each.Int(2) == kFinished) {
      if (!replayed) taken.finished.insert(each.Int(0));
    } else {
      taken.finished.insert(each.Int(0));
      ++taken.aside[each.Text(1)];
    }
  }
  return std::optional<TakenCursor>(std::move(taken));
}

absl::Status ReturnCursor(storage::Transaction& db, const std::string& target, const std::string& owner) {
  return db.ExecuteDeferred("UPDATE cursors SET lease_until = $3 WHERE name = $1 AND owner = $2",
                            {target, owner, kReturned});
}

absl::Status MoveCursor(storage::Transaction& db, const std::string& target, const std::string& owner,
                        const std::string& epoch, int64_t position) {
  RETURN_IF_ERROR(db.ExecuteDeferred(
      "UPDATE cursors SET epoch = $1, position = $2 WHERE name = $3 AND owner = $4",
      {epoch, position, target, owner},
      storage::FailIfNoRows(absl::FailedPreconditionError("the cursor has another owner"))));
  return db.ExecuteDeferred("DELETE FROM handovers WHERE target = $1 AND position <= $2 AND state = $3",
                            {target, position, int64_t{kFinished}});
}

absl::Status FinishHandover(storage::Transaction& db, const std::string& target, const std::string& owner,
                            int64_t position) {
  RETURN_IF_ERROR(CheckOwner(db, target, owner));
  return Insert(db, target, position, "", kFinished, 0, "", "", 0, 0);
}

absl::Status SetAside(storage::Transaction& db, const std::string& target, const std::string& owner,
                      const SetAsideLine& line, clock::Micros now) {
  RETURN_IF_ERROR(CheckOwner(db, target, owner));
  bool failed = line.failures > 0;
  for (const int64_t position : line.positions) {
    RETURN_IF_ERROR(failed ? Insert(db, target, position, line.line, kFailed, line.failures, line.reason,
                                    line.text, now, line.next_try)
                           : Insert(db, target, position, line.line, kWaits, 0, "", "", now, 0));
    failed = false;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<AsideEvent>> FirstAside(storage::Transaction& db, const std::string& target,
                                                     const std::string& line) {
  ASSIGN_OR_RETURN(
      const auto row,
      db.QueryOne("SELECT position, failures FROM handovers WHERE target = $1 AND line = $2 AND state <> $3 "
                  "ORDER BY position LIMIT 1",
                  {target, line, int64_t{kFinished}}));
  if (!row) return std::optional<AsideEvent>();
  ASSIGN_OR_RETURN(auto logged, ReadAfter(db, row->Int(0) - 1, 1));
  if (logged.empty() || logged[0].position != row->Int(0)) return std::optional<AsideEvent>();
  return std::optional(AsideEvent{std::move(logged[0]), static_cast<int>(row->Int(1))});
}

absl::StatusOr<std::vector<std::string>> DueAside(storage::Transaction& db, const std::string& target,
                                                  clock::Micros now) {
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT DISTINCT line FROM handovers WHERE target = $1 AND state <> $2 AND "
                            "next_try > 0 AND next_try <= $3",
                            {target, int64_t{kFinished}, now}));
  std::vector<std::string> lines;
  for (const storage::Row& row : rows) lines.push_back(row.Text(0));
  return lines;
}

absl::StatusOr<int64_t> RetryAside(storage::Transaction& db, const std::string& target,
                                   const std::string& line, clock::Micros now) {
  return db.Execute(
      "UPDATE handovers SET next_try = $1 WHERE state <> $2 AND ($3 = '' OR target = $3) AND "
      "($4 = '' OR line = $4) AND position = (SELECT MIN(first.position) FROM handovers first WHERE "
      "first.target = handovers.target AND first.line = handovers.line AND first.state <> $2)",
      {now, int64_t{kFinished}, target, line});
}

absl::Status FailAside(storage::Transaction& db, const std::string& target, const std::string& owner,
                       int64_t position, const absl::Status& failure, bool counts, clock::Micros begun,
                       clock::Micros next_try) {
  RETURN_IF_ERROR(CheckOwner(db, target, owner));
  return db.ExecuteDeferred(
      "UPDATE handovers SET state = $1, failures = failures + $8, reason = $2, text = $3, "
      "next_try = CASE WHEN next_try > $4 AND next_try < $5 THEN next_try ELSE $5 END "
      "WHERE target = $6 AND position = $7",
      {int64_t{kFailed}, status::ReasonName(failure), status::ToUtf8(std::string(failure.message())), begun,
       next_try, target, position, int64_t{counts}});
}

absl::Status FinishAside(storage::Transaction& db, const std::string& target, const std::string& owner,
                         int64_t position) {
  RETURN_IF_ERROR(CheckOwner(db, target, owner));
  return db.ExecuteDeferred("DELETE FROM handovers WHERE target = $1 AND position = $2", {target, position});
}

}  // namespace idea::events
