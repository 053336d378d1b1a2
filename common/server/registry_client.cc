#include "common/server/registry_client.h"

#include <utility>

#include "common/status/status.h"

namespace idea::server {

using status::Reason;

absl::StatusOr<std::optional<registry::v1::Entity>> RegistryClient::FindEntity(
    const std::string& name) const {
  registry::v1::GetEntityRequest request;
  request.set_name(name);
  registry::v1::GetEntityResponse response;
  const absl::Status found = peers_.Send(context_, request, &response);
  if (status::ReasonOf(found) == Reason::ERROR_REASON_NOT_FOUND) return std::nullopt;
  RETURN_IF_ERROR(found);
  return std::move(*response.mutable_entity());
}

absl::StatusOr<registry::v1::ListEntitiesResponse> RegistryClient::ListEntities() const {
  return peers_.ListAll<registry::v1::ListEntitiesResponse>(context_, registry::v1::ListEntitiesRequest());
}

absl::StatusOr<registry::v1::SearchEntitiesResponse> RegistryClient::SearchEntities(const std::string& query,
                                                                                    int max_results) const {
  registry::v1::SearchEntitiesRequest request;
  request.set_query(query);
  request.set_max_results(max_results);
  registry::v1::SearchEntitiesResponse response;
  const absl::Status found = peers_.Send(context_, request, &response);
  if (status::ReasonOf(found) == Reason::ERROR_REASON_INVALID_FIELD) return response;
  RETURN_IF_ERROR(found);
  return response;
}

absl::StatusOr<std::vector<registry::v1::Contact>> RegistryClient::ListContacts(
    const std::string& entity) const {
  registry::v1::ListContactsRequest request;
  request.set_parent(entity);
  std::vector<registry::v1::Contact> contacts;
  const absl::Status read = peers_.ForEachPage<registry::v1::ListContactsResponse>(
      context_, request, [&](const registry::v1::ListContactsResponse& page) {
        contacts.insert(contacts.end(), page.contacts().begin(), page.contacts().end());
      });
  if (status::ReasonOf(read) != Reason::ERROR_REASON_NOT_FOUND) RETURN_IF_ERROR(read);
  return contacts;
}

absl::StatusOr<std::vector<registry::v1::Delegation>> RegistryClient::ListDelegations(
    const std::string& entity) const {
  registry::v1::ListDelegationsRequest request;
  request.set_parent(entity);
  std::vector<registry::v1::Delegation> delegations;
  const absl::Status read = peers_.ForEachPage<registry::v1::ListDelegationsResponse>(
      context_, request, [&](const registry::v1::ListDelegationsResponse& page) {
        delegations.insert(delegations.end(), page.delegations().begin(), page.delegations().end());
      });
  if (status::ReasonOf(read) != Reason::ERROR_REASON_NOT_FOUND) RETURN_IF_ERROR(read);
  return delegations;
}

absl::StatusOr<registry::v1::ResolvePersonResponse> RegistryClient::ResolvePerson(
    const std::string& entity, const std::string& person) const {
  registry::v1::ResolvePersonRequest request;
  request.set_entity(entity);
  request.set_person(person);
  return peers_.Send<registry::v1::ResolvePersonResponse>(context_, request);
}

absl::StatusOr<registry::v1::ConfirmSignatoriesResponse> RegistryClient::ConfirmSignatories(
    const std::vector<std::string>& entities) const {
  registry::v1::ConfirmSignatoriesRequest request;
  for (const std::string& entity : entities) request.add_entities(entity);
  return peers_.Send<registry::v1::ConfirmSignatoriesResponse>(context_, request);
}

absl::StatusOr<registry::v1::GetLapsesResponse> RegistryClient::GetLapses() const {
  return peers_.Send<registry::v1::GetLapsesResponse>(context_, registry::v1::GetLapsesRequest());
}

}  // namespace idea::server
