#ifndef IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_SERVICE_H_
#define IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_SERVICE_H_

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "idea/registry/v1/entity.pb.h"

namespace idea::registry {

// The methods of RegistryService on entities, as registry.proto describes them.
class EntityService {
 public:
  void Bind(rpc::Router& router);

  absl::StatusOr<v1::CreateEntityResponse> CreateEntity(rpc::Call& call,
                                                        const v1::CreateEntityRequest& request);
  absl::StatusOr<v1::GetEntityResponse> GetEntity(rpc::Call& call, const v1::GetEntityRequest& request);
  absl::StatusOr<v1::ListEntitiesResponse> ListEntities(rpc::Call& call,
                                                        const v1::ListEntitiesRequest& request);
  absl::StatusOr<v1::SearchEntitiesResponse> SearchEntities(rpc::Call& call,
                                                            const v1::SearchEntitiesRequest& request);
  absl::StatusOr<v1::UpdateEntityResponse> UpdateEntity(rpc::Call& call,
                                                        const v1::UpdateEntityRequest& request);
  absl::StatusOr<v1::SetGovernorAuthorityResponse> SetGovernorAuthority(
      rpc::Call& call, const v1::SetGovernorAuthorityRequest& request);
};

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_SERVICE_H_
