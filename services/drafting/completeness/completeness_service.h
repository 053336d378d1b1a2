#ifndef IDEA_SERVICES_DRAFTING_COMPLETENESS_COMPLETENESS_SERVICE_H_
#define IDEA_SERVICES_DRAFTING_COMPLETENESS_COMPLETENESS_SERVICE_H_

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "idea/drafting/v1/drafting.pb.h"

namespace idea::drafting {

// The method CheckCompleteness of DraftingService.
class CompletenessService {
 public:
  void Bind(rpc::Router& router);

  absl::StatusOr<v1::CheckCompletenessResponse> CheckCompleteness(
      rpc::Call& call, const v1::CheckCompletenessRequest& request);
};

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_COMPLETENESS_COMPLETENESS_SERVICE_H_
