#ifndef IDEA_SERVICES_DRAFTING_BUCP_REVISION_STORE_H_
#define IDEA_SERVICES_DRAFTING_BUCP_REVISION_STORE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "common/auth/auth.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "idea/drafting/v1/drafting.pb.h"

// Revisions of BUCPs in the database.
namespace idea::drafting {

// Stores the content of `bucp`, saved by `author`, as the revision number `bucp.revision()`.
absl::Status InsertRevision(storage::Transaction& db, const v1::Bucp& bucp, const auth::Caller& author,
                            clock::Micros now);

// Returns the revision with its content, or NOT_FOUND.
absl::StatusOr<v1::Revision> FindRevision(storage::Transaction& db, const std::string& name);

// One page of the revisions from number `first` on, without content, newest first.
absl::StatusOr<v1::ListRevisionsResponse> ListRevisions(storage::Transaction& db,
                                                        const v1::ListRevisionsRequest& request,
                                                        int64_t first);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_BUCP_REVISION_STORE_H_
