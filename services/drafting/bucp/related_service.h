#ifndef IDEA_SERVICES_DRAFTING_BUCP_RELATED_SERVICE_H_
#define IDEA_SERVICES_DRAFTING_BUCP_RELATED_SERVICE_H_

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "idea/drafting/v1/drafting.pb.h"

namespace idea::drafting {

// The method ListRelatedBucps of DraftingService.
class RelatedService {
 public:
  void Bind(rpc::Router& router);

  absl::StatusOr<v1::ListRelatedBucpsResponse> ListRelatedBucps(rpc::Call& call,
                                                                const v1::ListRelatedBucpsRequest& request);
};

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_BUCP_RELATED_SERVICE_H_
