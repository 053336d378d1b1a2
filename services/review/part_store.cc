#include "services/review/part_store.h"

#include "common/status/status.h"

namespace idea::review {

absl::Status ClaimPart(storage::Transaction& db, const std::string& bucp, const std::string& person,
                       const std::string& entity, clock::Micros now) {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT entity FROM parts WHERE bucp = $1 AND person = $2", {bucp, person}));
  if (row && row->Text(0) != entity) {
    return status::Error(
               status::Reason::ERROR_REASON_SAME_PERSON,
               "the person acts on this BUCP for " + row->Text(0) + " and cannot act for another party")
        .With("entity", row->Text(0));
  }
  if (row) return absl::OkStatus();
  const auto added = db.Execute("INSERT INTO parts (bucp, person, entity, since) VALUES ($1, $2, $3, $4)",
                                {bucp, person, entity, now});
  // Another call was faster: running again finds for whom.
  if (absl::IsAlreadyExists(added.status())) return absl::AbortedError("the person acted at the same moment");
  return added.status();
}

}  // namespace idea::review
