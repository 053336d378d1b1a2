#include "services/registry/contact/contact_service.h"

#include <array>
#include <set>
#include <string_view>

#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/status/status.h"
#include "common/validation/field_mask.h"
#include "services/registry/contact/contact_access.h"
#include "services/registry/contact/contact_store.h"
#include "services/registry/contact/public_key.h"
#include "services/registry/entity/entity_store.h"
#include "services/registry/registry_events.h"

namespace idea::registry {
namespace {

using status::Error;
using status::Reason;

Error Invalid(const std::string& path, const std::string& requirement) {
  return Error(Reason::ERROR_REASON_INVALID_FIELD, path + ": " + requirement).Field(path, requirement);
}

// The name of a person's contact, made from the token's subject. Has a suffix if the subject of another
// contact makes the same name.
absl::StatusOr<std::string> NameOf(storage::Transaction& db, const std::string& entity,
                                   const std::string& person) {
  const std::string suffix = ids::Sha256Hex(person).substr(0, 8);
  const std::string slug = ids::Slug(person);
  if (slug.empty()) return ids::kContacts.Name(entity, suffix);
  const std::string name = ids::kContacts.Name(entity, slug);
  const absl::StatusOr<v1::Contact> existing = GetContact(db, name);
  if (status::ReasonOf(existing.status()) == Reason::ERROR_REASON_NOT_FOUND) return name;
  RETURN_IF_ERROR(existing.status());
  return existing->person() == person ? name : name.substr(0, entity.size() + 100) + "-" + suffix;
}

constexpr auto kChangeable = std::to_array<std::string_view>(
    {"display_name", "title", "division", "email", "phone", "roles", "start_time", "end_time", "public_key"});

// Copies the fields of the mask. Returns INVALID_FIELD for a path that cannot be changed.
absl::Status Apply(const v1::UpdateContactRequest& request, v1::Contact& contact) {
  ASSIGN_OR_RETURN(const auto mask, validation::ChangeableFields(request.update_mask(), kChangeable));
  validation::ReplaceFields(request.contact(), mask, &contact);
  return absl::OkStatus();
}

// Checks the order of the times. Converts the public key, if the contact has one, to PEM.
absl::Status Normalize(v1::Contact& contact) {
  if (contact.has_start_time() && contact.has_end_time() &&
      clock::FromProto(contact.end_time()) <= clock::FromProto(contact.start_time())) {
    return Invalid("contact.end_time", "must be after start_time");
  }
  if (contact.public_key().empty()) return absl::OkStatus();
  const auto pem = PublicKeyPem(contact.public_key());
  if (!pem)
    return Invalid("contact.public_key",
                   "must be one public key, Ed25519 or P-256, as PEM or JWK; never send a private key");
  contact.set_public_key(*pem);
  return absl::OkStatus();
}

}  // namespace

void ContactService::Bind(rpc::Router& router) {
  router.Bind(this, &ContactService::CreateContact);
  router.Bind(this, &ContactService::UpdateContact);
  router.Bind(this, &ContactService::GetContact);
  router.Bind(this, &ContactService::ListContacts);
  router.Bind(this, &ContactService::ListContactRevisions);
}

absl::Status ContactService::CheckRoles(const std::string& entity, const v1::Contact& contact) const {
  std::set<int> seen;
  for (const int role : contact.roles()) {
    if (!seen.insert(role).second) {
      return Invalid("contact.roles", "each role may be listed only once");
    }
    if (role == common::v1::CONTACT_ROLE_STATEWIDE_CDO && entity != cdo_entity_) {
      return Invalid("contact.roles", "CONTACT_ROLE_STATEWIDE_CDO is for contacts of " + cdo_entity_);
    }
    if (role == common::v1::CONTACT_ROLE_GOVERNORS_OFFICE && entity != governor_entity_) {
      return Invalid("contact.roles", "CONTACT_ROLE_GOVERNORS_OFFICE is for contacts of " + governor_entity_);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::CreateContactResponse> ContactService::CreateContact(
    rpc::Call& call, const v1::CreateContactRequest& request) {
  const std::string& entity = request.parent();
  if (call.caller().kind != common::v1::CALLER_KIND_CDO) RETURN_IF_ERROR(CheckOwn(call, entity));
  RETURN_IF_ERROR(CheckExists(call.db(), entity));
  v1::Contact contact = request.contact();
  RETURN_IF_ERROR(CheckRoles(entity, contact));
  RETURN_IF_ERROR(Normalize(contact));
  // A caller that records a list of people again need not be a keeper, because existing contacts stay
  // unchanged.
  ASSIGN_OR_RETURN(const auto existing, FindPerson(call.db(), entity, contact.person()));
  if (existing) {
    return Error(Reason::ERROR_REASON_ALREADY_EXISTS, "this person is already a contact of the entity")
        .With("contact", existing->name());
  }
  RETURN_IF_ERROR(CheckNewContact(call, entity, contact));
  ASSIGN_OR_RETURN(const std::string name, NameOf(call.db(), entity, contact.person()));
  contact.set_name(name);
  RETURN_IF_ERROR(InsertContact(call.db(), entity, contact, call.caller().person, call.now()));
  call.Record({.type = kContactCreated,
               .subject = name,
               .audience = {entity},
               .citation = "agreement 5.3",
               .summary = contact.display_name() + " was recorded as a contact."});
  v1::CreateContactResponse response;
  ASSIGN_OR_RETURN(*response.mutable_contact(), registry::GetContact(call.db(), name));
  return response;
}

absl::StatusOr<v1::UpdateContactResponse> ContactService::UpdateContact(
    rpc::Call& call, const v1::UpdateContactRequest& request) {
  const std::string& name = request.contact().name();
  if (!ids::MatchesPattern(name, "entities/*/contacts/*")) {
    return Invalid("contact.name", "must have the form entities/{entity}/contacts/{contact}");
  }
  const std::string entity = ids::Parent(name);
  if (call.caller().kind != common::v1::CALLER_KIND_CDO) RETURN_IF_ERROR(CheckOwn(call, entity));
  ASSIGN_OR_RETURN(v1::Contact contact, registry::GetContact(call.db(), name));
  const v1::Contact before = contact;
  if (!request.contact().etag().empty() && request.contact().etag() != contact.etag()) {
    return Error(Reason::ERROR_REASON_STALE_ETAG, "the contact was changed since it was read")
        .With("etag", contact.etag());
  }
  RETURN_IF_ERROR(Apply(request, contact));
  RETURN_IF_ERROR(CheckRoles(entity, contact));
  RETURN_IF_ERROR(Normalize(contact));
  RETURN_IF_ERROR(CheckChange(call, entity, before, contact));
  RETURN_IF_ERROR(registry::UpdateContact(call.db(), contact, call.caller().person, call.now()));
  call.Record({.type = kContactUpdated,
               .subject = name,
               .audience = {entity},
               .citation = "agreement 5.13",
               .summary = "The contact " + contact.display_name() + " was changed."});
  v1::UpdateContactResponse response;
  ASSIGN_OR_RETURN(*response.mutable_contact(), registry::GetContact(call.db(), name));
  return response;
}

absl::StatusOr<v1::GetContactResponse> ContactService::GetContact(rpc::Call& call,
                                                                  const v1::GetContactRequest& request) {
  v1::GetContactResponse response;
  ASSIGN_OR_RETURN(*response.mutable_contact(), registry::GetContact(call.db(), request.name()));
  return response;
}

absl::StatusOr<v1::ListContactsResponse> ContactService::ListContacts(
    rpc::Call& call, const v1::ListContactsRequest& request) {
  RETURN_IF_ERROR(CheckExists(call.db(), request.parent()));
  return registry::ListContacts(call.db(), request, call.now());
}

absl::StatusOr<v1::ListContactRevisionsResponse> ContactService::ListContactRevisions(
    rpc::Call& call, const v1::ListContactRevisionsRequest& request) {
  RETURN_IF_ERROR(registry::GetContact(call.db(), request.parent()).status());
  return ListRevisions(call.db(), request);
}

}  // namespace idea::registry
