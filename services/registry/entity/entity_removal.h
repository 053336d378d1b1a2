#ifndef IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_REMOVAL_H_
#define IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_REMOVAL_H_

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "idea/registry/v1/entity.pb.h"

namespace idea::registry {

// The names of records that name an entity: "bucps/{id}".
using References = std::vector<std::string>;

// DeleteEntity of RegistryService: an entity that was added by mistake is removed, unless anything names it.
class EntityRemovalService {
 public:
  // Calls a method of another service, as rpc::Peer::Send does.
  using Ask = std::function<absl::Status(std::string_view service, const rpc::Context& context,
                                         const google::protobuf::Message& request,
                                         google::protobuf::Message* response)>;
  explicit EntityRemovalService(Ask ask) : ask_(std::move(ask)) {}
  void Bind(rpc::Router& router);

  absl::StatusOr<References> GatherReferences(rpc::Call& call, const v1::DeleteEntityRequest& request);
  absl::StatusOr<v1::DeleteEntityResponse> DeleteEntity(rpc::Call& call,
                                                        const v1::DeleteEntityRequest& request,
                                                        const References& references);

 private:
  Ask ask_;
};

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_ENTITY_ENTITY_REMOVAL_H_
