#ifndef IDEA_SERVICES_DRAFTING_TEMPLATE_TEMPLATE_SERVICE_H_
#define IDEA_SERVICES_DRAFTING_TEMPLATE_TEMPLATE_SERVICE_H_

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "idea/drafting/v1/drafting.pb.h"

namespace idea::drafting {

// The methods of DraftingService on versions of the template. protos/idea/drafting/v1/drafting.proto
// describes them.
class TemplateService {
 public:
  void Bind(rpc::Router& router);

  absl::StatusOr<v1::GetTemplateResponse> GetTemplate(rpc::Call& call, const v1::GetTemplateRequest& request);
  absl::StatusOr<v1::ListTemplatesResponse> ListTemplates(rpc::Call& call,
                                                          const v1::ListTemplatesRequest& request);
  absl::StatusOr<v1::CreateTemplateResponse> CreateTemplate(rpc::Call& call,
                                                            const v1::CreateTemplateRequest& request);
};

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_TEMPLATE_TEMPLATE_SERVICE_H_
