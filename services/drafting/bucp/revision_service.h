#ifndef IDEA_SERVICES_DRAFTING_BUCP_REVISION_SERVICE_H_
#define IDEA_SERVICES_DRAFTING_BUCP_REVISION_SERVICE_H_

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "idea/drafting/v1/drafting.pb.h"

namespace idea::drafting {

// The methods of DraftingService on revisions.
class RevisionService {
 public:
  void Bind(rpc::Router& router);

  absl::StatusOr<v1::GetRevisionResponse> GetRevision(rpc::Call& call, const v1::GetRevisionRequest& request);
  absl::StatusOr<v1::ListRevisionsResponse> ListRevisions(rpc::Call& call,
                                                          const v1::ListRevisionsRequest& request);
  absl::StatusOr<v1::DiffRevisionsResponse> DiffRevisions(rpc::Call& call,
                                                          const v1::DiffRevisionsRequest& request);
};

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_BUCP_REVISION_SERVICE_H_
