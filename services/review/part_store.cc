#include "services/review/part_store.h"

#include <limits>

#include "common/status/status.h"

namespace idea::review {
namespace {

// Claims do not expire, except those that an earlier release made.
constexpr clock::Micros kNever = std::numeric_limits<clock::Micros>::max();

absl::StatusOr<bool> IsClaimed(storage::Transaction& db, const Part& part, clock::Micros now) {
  ASSIGN_OR_RETURN(
      const auto claim,
      db.QueryOne("SELECT 1 FROM part_claims WHERE bucp = $1 AND person = $2 AND until > $3 LIMIT 1",
                  {part.bucp, part.person, now}));
  return claim.has_value();
}

}  // namespace

absl::StatusOr<bool> ClaimPart(storage::Transaction& db, const Part& part, const std::string& entity,
                               const std::string& act, clock::Micros now) {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT entity, acted FROM parts WHERE bucp = $1 AND person = $2",
                               {part.bucp, part.person}));
  const bool acted = row && row->Int(1) != 0;
  if (row && row->Text(0) != entity) {
    ASSIGN_OR_RETURN(const bool claimed, IsClaimed(db, part, now));
    if (acted || claimed) {
      return status::Error(
                 status::Reason::ERROR_REASON_SAME_PERSON,
                 "the person acts on this BUCP for " + row->Text(0) + " and cannot act for another party")
          .With("entity", row->Text(0));
    }
  }
  if (acted) return false;
  const bool binds = !row || row->Text(0) != entity;
  // Every claim and every release writes the row, so that one of two concurrent ones runs again.
  const auto put =
      row ? db.Execute("UPDATE parts SET entity = $3, since = $4, acted = $5 WHERE bucp = $1 AND person = $2",
                       {part.bucp, part.person, entity, now, int64_t{act.empty()}})
          : db.Execute("INSERT INTO parts (bucp, person, entity, since, acted) VALUES ($1, $2, $3, $4, $5)",
                       {part.bucp, part.person, entity, now, int64_t{act.empty()}});
  // Another call was faster. Running again finds its entity.
  if (absl::IsAlreadyExists(put.status())) return absl::AbortedError("the person acted at the same moment");
  RETURN_IF_ERROR(put.status());
  if (act.empty()) {
    RETURN_IF_ERROR(
        db.Execute("DELETE FROM part_claims WHERE bucp = $1 AND person = $2", {part.bucp, part.person})
            .status());
  } else {
    RETURN_IF_ERROR(db.Execute("INSERT INTO part_claims (bucp, person, act, until) VALUES ($1, $2, $3, $4) "
                               "ON CONFLICT (bucp, person, act) DO NOTHING",
                               {part.bucp, part.person, act, kNever})
                        .status());
  }
  return binds;
}

absl::StatusOr<bool> ReleasePart(storage::Transaction& db, const Part& part, const std::string& act) {
  ASSIGN_OR_RETURN(const int64_t released,
                   db.Execute("DELETE FROM part_claims WHERE bucp = $1 AND person = $2 AND act = $3",
                              {part.bucp, part.person, act}));
  if (released == 0) return false;
  RETURN_IF_ERROR(
      db.Execute("UPDATE parts SET since = since WHERE bucp = $1 AND person = $2", {part.bucp, part.person})
          .status());
  RETURN_IF_ERROR(db.Execute("DELETE FROM parts WHERE bucp = $1 AND person = $2 AND acted = 0 AND NOT EXISTS "
                             "(SELECT 1 FROM part_claims WHERE bucp = $1 AND person = $2)",
                             {part.bucp, part.person})
                      .status());
  return true;
}

}  // namespace idea::review
