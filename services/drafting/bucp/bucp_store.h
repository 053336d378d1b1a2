#ifndef IDEA_SERVICES_DRAFTING_BUCP_BUCP_STORE_H_
#define IDEA_SERVICES_DRAFTING_BUCP_BUCP_STORE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/auth/auth.h"
#include "common/clock/clock.h"
#include "common/listing/listing.h"
#include "common/storage/database.h"
#include "idea/drafting/v1/drafting.pb.h"

// BUCPs and their revisions in the database.
namespace idea::drafting {

// Whether a BUCP is on its way to an agreement: neither executed nor closed.
bool IsOpen(v1::State state);

// Stores a new BUCP. Its etag becomes "1". An amendment takes the place of the open amendment of what it
// amends, which the caller has found free.
absl::Status InsertBucp(storage::Transaction& db, v1::Bucp& bucp);

// The BUCP with its content. NOT_FOUND if there is none.
absl::StatusOr<v1::Bucp> FindBucp(storage::Transaction& db, const std::string& name);

// Stores `bucp`, which was in state `from` and carries the etag it was read with; gives it the next etag.
// CONCURRENT_CHANGE if another call moved it meanwhile. An amendment that is no longer open frees its place.
absl::Status SaveBucp(storage::Transaction& db, v1::State from, v1::Bucp& bucp);

// Lets no other transaction change the BUCP until this one ends. CONCURRENT_CHANGE if it was changed since it
// was read.
absl::Status HoldUnchanged(storage::Transaction& db, const v1::Bucp& bucp);

// The open amendment of a BUCP; empty if there is none.
absl::StatusOr<std::string> FindOpenAmendment(storage::Transaction& db, const std::string& amended);

// One page of BUCPs without content, newest first; only those of `entity`, or all if it is empty.
absl::StatusOr<v1::ListBucpsResponse> ListBucps(storage::Transaction& db, const v1::ListBucpsRequest& request,
                                                const std::string& entity);

// Stores the BUCP's content, which the author saved, as its revision number `bucp.revision()`.
absl::Status InsertRevision(storage::Transaction& db, const v1::Bucp& bucp, const auth::Caller& author,
                            clock::Micros now);

// The revision with its content. NOT_FOUND if there is none.
absl::StatusOr<v1::Revision> FindRevision(storage::Transaction& db, const std::string& name);

// One page of revisions without content, newest first, from number `first` on.
absl::StatusOr<v1::ListRevisionsResponse> ListRevisions(storage::Transaction& db,
                                                        const v1::ListRevisionsRequest& request,
                                                        int64_t first);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_BUCP_BUCP_STORE_H_
