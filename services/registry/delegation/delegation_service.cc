#include "services/registry/delegation/delegation_service.h"

#include <algorithm>
#include <set>
#include <string>

#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/status/status.h"
#include "services/registry/contact/contact_access.h"
#include "services/registry/contact/contact_store.h"
#include "services/registry/delegation/delegation_store.h"
#include "services/registry/entity/entity_store.h"
#include "services/registry/registry_events.h"

namespace idea::registry {
namespace {

using status::Error;
using status::Reason;

Error Invalid(const std::string& field, const std::string& requirement) {
  const std::string path = "delegation." + field;
  return Error(Reason::ERROR_REASON_INVALID_FIELD, path + ": " + requirement).Field(path, requirement);
}

// The contact of the entity that `field` names.
absl::StatusOr<v1::Contact> ContactIn(storage::Transaction& db, const std::string& entity,
                                      const std::string& field, const std::string& name) {
  if (ids::Parent(name) != entity) return Invalid(field, "must be a contact of " + entity);
  absl::StatusOr<v1::Contact> contact = GetContact(db, name);
  if (status::ReasonOf(contact.status()) != Reason::ERROR_REASON_NOT_FOUND) return contact;
  return Invalid(field, "must be an existing contact");
}

absl::Status CheckRoles(const v1::Delegation& delegation, const v1::Contact& principal) {
  std::set<int> seen;
  for (const int role : delegation.roles()) {
    if (!seen.insert(role).second) return Invalid("roles", "each role may be listed only once");
    if (std::find(principal.roles().begin(), principal.roles().end(), role) == principal.roles().end()) {
      return Invalid("roles", "must be roles of the principal");
    }
  }
  return absl::OkStatus();
}

// A data coordinator may delegate the roles of other contacts. Any other contact may delegate only roles that
// it has.
absl::Status CheckDelegator(rpc::Call& call, const std::string& entity, const v1::Delegation& delegation) {
  std::string required = ContactRole_Name(common::v1::CONTACT_ROLE_DATA_COORDINATOR);
  ASSIGN_OR_RETURN(const v1::Contact delegator, FindCaller(call, entity, required));
  const auto has = [&](int role) {
    return std::find(delegator.roles().begin(), delegator.roles().end(), role) != delegator.roles().end();
  };
  if (has(common::v1::CONTACT_ROLE_DATA_COORDINATOR)) return absl::OkStatus();
  if (std::all_of(delegation.roles().begin(), delegation.roles().end(), has)) return absl::OkStatus();
  for (const int role : delegation.roles())
    required += "," + ContactRole_Name(static_cast<common::v1::ContactRole>(role));
  return Error(Reason::ERROR_REASON_ROLE_REQUIRED,
               "only a data coordinator or a contact who holds its roles records a delegation")
      .With("roles", required);
}

}  // namespace

void DelegationService::Bind(rpc::Router& router) {
  router.Bind(this, &DelegationService::CreateDelegation);
  router.Bind(this, &DelegationService::EndDelegation);
  router.Bind(this, &DelegationService::ListDelegations);
  router.Bind(this, &DelegationService::ResolvePerson);
}

absl::StatusOr<v1::CreateDelegationResponse> DelegationService::CreateDelegation(
    rpc::Call& call, const v1::CreateDelegationRequest& request) {
  RETURN_IF_ERROR(CheckOwn(call, request.parent()));
  RETURN_IF_ERROR(CheckExists(call.db(), request.parent()));
  v1::Delegation delegation = request.delegation();
  ASSIGN_OR_RETURN(const v1::Contact principal,
                   ContactIn(call.db(), request.parent(), "principal", delegation.principal()));
  ASSIGN_OR_RETURN(const v1::Contact delegate,
                   ContactIn(call.db(), request.parent(), "delegate", delegation.delegate()));
  if (delegate.name() == principal.name())
    return Invalid("delegate", "must be another contact than the principal");
  RETURN_IF_ERROR(CheckRoles(delegation, principal));
  RETURN_IF_ERROR(CheckDelegator(call, request.parent(), delegation));
  if (!delegation.has_start_time()) *delegation.mutable_start_time() = clock::ToProto(call.now());
  const clock::Micros end = clock::FromProto(delegation.end_time());
  if (end <= std::max(clock::FromProto(delegation.start_time()), call.now())) {
    return Invalid("end_time", "must be in the future and after start_time");
  }
  delegation.set_name(ids::kDelegations.Name(request.parent(), ids::NewUuid()));
  *delegation.mutable_create_time() = clock::ToProto(call.now());
  delegation.set_person(call.caller().person);
  RETURN_IF_ERROR(InsertDelegation(call.db(), request.parent(), delegation));
  call.Record({.type = kDelegationCreated,
               .subject = delegation.name(),
               .audience = {request.parent()},
               .citation = "agreement 5.3",
               .summary = delegate.display_name() + " acts for " + principal.display_name() + "."});
  v1::CreateDelegationResponse response;
  *response.mutable_delegation() = std::move(delegation);
  return response;
}

absl::StatusOr<v1::EndDelegationResponse> DelegationService::EndDelegation(
    rpc::Call& call, const v1::EndDelegationRequest& request) {
  const std::string entity = ids::Parent(request.name());
  RETURN_IF_ERROR(CheckOwn(call, entity));
  RETURN_IF_ERROR(GetDelegation(call.db(), request.name()).status());
  RETURN_IF_ERROR(registry::EndDelegation(call.db(), request.name(), call.now()));
  call.Record({.type = kDelegationEnded,
               .subject = request.name(),
               .audience = {entity},
               .citation = "agreement 5.3",
               .summary = "A delegation was ended before its end time."});
  v1::EndDelegationResponse response;
  ASSIGN_OR_RETURN(*response.mutable_delegation(), GetDelegation(call.db(), request.name()));
  return response;
}

absl::StatusOr<v1::ListDelegationsResponse> DelegationService::ListDelegations(
    rpc::Call& call, const v1::ListDelegationsRequest& request) {
  RETURN_IF_ERROR(CheckExists(call.db(), request.parent()));
  return registry::ListDelegations(call.db(), request);
}

absl::StatusOr<v1::ResolvePersonResponse> DelegationService::ResolvePerson(
    rpc::Call& call, const v1::ResolvePersonRequest& request) {
  return Resolve(call.db(), request.entity(), request.person(), call.now());
}

}  // namespace idea::registry
