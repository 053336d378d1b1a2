#ifndef IDEA_SERVICES_REGISTRY_DELEGATION_DELEGATION_SERVICE_H_
#define IDEA_SERVICES_REGISTRY_DELEGATION_DELEGATION_SERVICE_H_

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "idea/registry/v1/delegation.pb.h"

namespace idea::registry {

// The methods of RegistryService on delegations, and ResolvePerson, as registry.proto describes them.
class DelegationService {
 public:
  void Bind(rpc::Router& router);

  absl::StatusOr<v1::CreateDelegationResponse> CreateDelegation(rpc::Call& call,
                                                                const v1::CreateDelegationRequest& request);
  absl::StatusOr<v1::EndDelegationResponse> EndDelegation(rpc::Call& call,
                                                          const v1::EndDelegationRequest& request);
  absl::StatusOr<v1::ListDelegationsResponse> ListDelegations(rpc::Call& call,
                                                              const v1::ListDelegationsRequest& request);
  absl::StatusOr<v1::ResolvePersonResponse> ResolvePerson(rpc::Call& call,
                                                          const v1::ResolvePersonRequest& request);
};

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_DELEGATION_DELEGATION_SERVICE_H_
