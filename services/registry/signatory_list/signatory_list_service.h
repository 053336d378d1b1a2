#ifndef IDEA_SERVICES_REGISTRY_SIGNATORY_LIST_SIGNATORY_LIST_SERVICE_H_
#define IDEA_SERVICES_REGISTRY_SIGNATORY_LIST_SIGNATORY_LIST_SERVICE_H_

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "idea/registry/v1/signatory_list.pb.h"

namespace idea::registry {

// The methods of RegistryService that import and export the whole list, as registry.proto describes them.
class SignatoryListService {
 public:
  void Bind(rpc::Router& router);

  absl::StatusOr<v1::ImportSignatoriesResponse> ImportSignatories(
      rpc::Call& call, const v1::ImportSignatoriesRequest& request);
  absl::StatusOr<v1::ExportEntitiesResponse> ExportEntities(rpc::Call& call,
                                                            const v1::ExportEntitiesRequest& request);
};

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_SIGNATORY_LIST_SIGNATORY_LIST_SERVICE_H_
