#ifndef IDEA_SERVICES_DRAFTING_COMMENT_COMMENT_STORE_H_
#define IDEA_SERVICES_DRAFTING_COMMENT_COMMENT_STORE_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/storage/database.h"
#include "idea/drafting/v1/drafting.pb.h"

// Comments in the database.
namespace idea::drafting {

// Stores a new comment. Its etag becomes "1".
absl::Status InsertComment(storage::Transaction& db, v1::Comment& comment);

// NOT_FOUND if there is none.
absl::StatusOr<v1::Comment> FindComment(storage::Transaction& db, const std::string& name);

// Stores `comment`, which carries the etag it was read with; gives it the next one. CONCURRENT_CHANGE if
// another call changed it meanwhile.
absl::Status SaveComment(storage::Transaction& db, v1::Comment& comment);

// Answers carry whether their thread is resolved.
absl::Status ResolveAnswers(storage::Transaction& db, const v1::Comment& thread);

// One page of the comments of a BUCP, oldest first.
absl::StatusOr<v1::ListCommentsResponse> ListComments(storage::Transaction& db,
                                                      const v1::ListCommentsRequest& request);

// The first 100 threads of the BUCP that nobody has resolved, oldest first; of more than 1 MiB as many as
// fit.
absl::StatusOr<google::protobuf::RepeatedPtrField<v1::Comment>> UnresolvedComments(storage::Transaction& db,
                                                                                   const std::string& bucp);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_COMMENT_COMMENT_STORE_H_
