#ifndef IDEA_COMMON_SERVER_REGISTRY_CLIENT_H_
#define IDEA_COMMON_SERVER_REGISTRY_CLIENT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/peer_client.h"
#include "idea/registry/v1/registry.pb.h"

namespace idea::server {

// The questions of the other services to the registry, in one context. Methods fail as rpc::Peer::Send()
// does; an entity that does not exist is an empty answer.
class RegistryClient {
 public:
  // Both must outlive the client.
  RegistryClient(const rpc::PeerClient& peers, const rpc::Context& context)
      : peers_(peers), context_(context) {}

  absl::StatusOr<std::optional<registry::v1::Entity>> FindEntity(const std::string& name) const;
  absl::StatusOr<registry::v1::ListEntitiesResponse> ListEntities() const;
  // The best matches first, at most `max_results`. A text without a letter or a digit matches nothing.
  absl::StatusOr<registry::v1::SearchEntitiesResponse> SearchEntities(const std::string& query,
                                                                      int max_results) const;
  // All contacts and delegations of an entity, including those that have ended.
  absl::StatusOr<std::vector<registry::v1::Contact>> ListContacts(const std::string& entity) const;
  absl::StatusOr<std::vector<registry::v1::Delegation>> ListDelegations(const std::string& entity) const;
  absl::StatusOr<registry::v1::ResolvePersonResponse> ResolvePerson(const std::string& entity,
                                                                    const std::string& person) const;
  absl::StatusOr<registry::v1::ConfirmSignatoriesResponse> ConfirmSignatories(
      const std::vector<std::string>& entities) const;
  absl::StatusOr<registry::v1::GetLapsesResponse> GetLapses() const;

 private:
  const rpc::PeerClient& peers_;
  const rpc::Context& context_;
};

}  // namespace idea::server

#endif  // IDEA_COMMON_SERVER_REGISTRY_CLIENT_H_
