#ifndef IDEA_SERVICES_DRAFTING_COMMENT_COMMENT_STORE_H_
#define IDEA_SERVICES_DRAFTING_COMMENT_COMMENT_STORE_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/storage/database.h"
#include "idea/drafting/v1/drafting.pb.h"

// Comments in the database.
namespace idea::drafting {

// Stores a new comment with the etag "1".
absl::Status InsertComment(storage::Transaction& db, v1::Comment& comment);

// Returns NOT_FOUND if it does not exist.
absl::StatusOr<v1::Comment> FindComment(storage::Transaction& db, const std::string& name);

// Stores `comment`, which was read with its current etag, and gives it the next etag. Returns
// CONCURRENT_CHANGE if another call changed it since it was read.
absl::Status SaveComment(storage::Transaction& db, v1::Comment& comment);

// Copies the state of the thread to its answers.
absl::Status ResolveAnswers(storage::Transaction& db, const v1::Comment& thread);

// One page of the comments of a BUCP, oldest first.
absl::StatusOr<v1::ListCommentsResponse> ListComments(storage::Transaction& db,
                                                      const v1::ListCommentsRequest& request);

// The first 100 unresolved threads of the BUCP, oldest first, as far as they fit into 1 MiB.
absl::StatusOr<google::protobuf::RepeatedPtrField<v1::Comment>> UnresolvedComments(storage::Transaction& db,
                                                                                   const std::string& bucp);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_COMMENT_COMMENT_STORE_H_
