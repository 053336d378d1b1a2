#ifndef IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_SERVICE_H_
#define IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_SERVICE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/peer_client.h"
#include "common/rpc/router.h"
#include "idea/registry/v1/entity.pb.h"

namespace idea::registry {

// The names of resources that refer to an entity: "bucps/{id}".
using References = std::vector<std::string>;

// The methods of RegistryService on entities, as registry.proto describes them.
class EntityService {
 public:
  explicit EntityService(rpc::PeerClient peers) : peers_(std::move(peers)) {}
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
  // Asks drafting and inventory for BUCPs and filings of the entity.
  absl::StatusOr<References> GatherReferences(rpc::Call& call, const v1::DeleteEntityRequest& request);
  absl::StatusOr<v1::DeleteEntityResponse> DeleteEntity(rpc::Call& call,
                                                        const v1::DeleteEntityRequest& request,
                                                        const References& references);

 private:
  const rpc::PeerClient peers_;
};

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_SERVICE_H_
