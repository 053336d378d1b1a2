#ifndef IDEA_SERVICES_REGISTRY_CONTACT_CONTACT_SERVICE_H_
#define IDEA_SERVICES_REGISTRY_CONTACT_CONTACT_SERVICE_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "idea/registry/v1/contact.pb.h"

namespace idea::registry {

// The methods of RegistryService on contacts, as registry.proto describes them.
class ContactService {
 public:
  // Only the entities of the Statewide CDO and of the Governor's Office have contacts with those roles.
  ContactService(std::string cdo_entity, std::string governor_entity)
      : cdo_entity_(std::move(cdo_entity)), governor_entity_(std::move(governor_entity)) {}
  void Bind(rpc::Router& router);

  absl::StatusOr<v1::CreateContactResponse> CreateContact(rpc::Call& call,
                                                          const v1::CreateContactRequest& request);
  absl::StatusOr<v1::UpdateContactResponse> UpdateContact(rpc::Call& call,
                                                          const v1::UpdateContactRequest& request);
  absl::StatusOr<v1::GetContactResponse> GetContact(rpc::Call& call, const v1::GetContactRequest& request);
  absl::StatusOr<v1::ListContactsResponse> ListContacts(rpc::Call& call,
                                                        const v1::ListContactsRequest& request);
  absl::StatusOr<v1::ListContactRevisionsResponse> ListContactRevisions(
      rpc::Call& call, const v1::ListContactRevisionsRequest& request);

 private:
  absl::Status CheckRoles(const std::string& entity, const v1::Contact& contact) const;

  std::string cdo_entity_;
  std::string governor_entity_;
};

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_CONTACT_CONTACT_SERVICE_H_
