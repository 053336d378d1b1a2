#ifndef IDEA_SERVICES_DRAFTING_ELEMENT_ELEMENT_SERVICE_H_
#define IDEA_SERVICES_DRAFTING_ELEMENT_ELEMENT_SERVICE_H_

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "idea/drafting/v1/drafting.pb.h"

namespace idea::drafting {

// The methods of DraftingService on data elements as CSV. protos/idea/drafting/v1/drafting.proto describes
// them.
class ElementService {
 public:
  void Bind(rpc::Router& router);

  absl::StatusOr<v1::ExportDataElementsResponse> ExportDataElements(
      rpc::Call& call, const v1::ExportDataElementsRequest& request);
  absl::StatusOr<v1::ImportDataElementsResponse> ImportDataElements(
      rpc::Call& call, const v1::ImportDataElementsRequest& request);
};

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_ELEMENT_ELEMENT_SERVICE_H_
