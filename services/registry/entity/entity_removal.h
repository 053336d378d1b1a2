#ifndef IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_REMOVAL_H_
#define IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_REMOVAL_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/peer_client.h"
#include "common/rpc/router.h"
#include "idea/registry/v1/entity.pb.h"

namespace idea::registry {

// The names of records that name an entity: "bucps/{id}".
using References = std::vector<std::string>;

// DeleteEntity of RegistryService: an entity that was added by mistake is removed, unless anything names it.
class EntityRemovalService {
 public:
  explicit EntityRemovalService(rpc::PeerClient peers) : peers_(std::move(peers)) {}
  void Bind(rpc::Router& router);

  absl::StatusOr<References> GatherReferences(rpc::Call& call, const v1::DeleteEntityRequest& request);
  absl::StatusOr<v1::DeleteEntityResponse> DeleteEntity(rpc::Call& call,
                                                        const v1::DeleteEntityRequest& request,
                                                        const References& references);

 private:
  const rpc::PeerClient peers_;
};

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_REMOVAL_H_
