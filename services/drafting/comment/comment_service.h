#ifndef IDEA_SERVICES_DRAFTING_COMMENT_COMMENT_SERVICE_H_
#define IDEA_SERVICES_DRAFTING_COMMENT_COMMENT_SERVICE_H_

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "idea/drafting/v1/drafting.pb.h"

namespace idea::drafting {

// The methods of DraftingService on comments. protos/idea/drafting/v1/drafting.proto describes them.
class CommentService {
 public:
  void Bind(rpc::Router& router);

  absl::StatusOr<v1::CreateCommentResponse> CreateComment(rpc::Call& call,
                                                          const v1::CreateCommentRequest& request);
  absl::StatusOr<v1::UpdateCommentResponse> UpdateComment(rpc::Call& call,
                                                          const v1::UpdateCommentRequest& request);
  absl::StatusOr<v1::ResolveCommentResponse> ResolveComment(rpc::Call& call,
                                                            const v1::ResolveCommentRequest& request);
  absl::StatusOr<v1::ReopenCommentResponse> ReopenComment(rpc::Call& call,
                                                          const v1::ReopenCommentRequest& request);
  absl::StatusOr<v1::ListCommentsResponse> ListComments(rpc::Call& call,
                                                        const v1::ListCommentsRequest& request);
};

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_COMMENT_COMMENT_SERVICE_H_
