#include "services/registry/contacts_service.h"

#include <set>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/registry/contact_store.h"
#include "services/registry/entity_store.h"

namespace idea::registry {
namespace {

using common::v1::ContactRole;
using status::Error;
using status::Reason;

Error Invalid(const std::string& path, const std::string& wanted) {
  return Error(Reason::ERROR_REASON_INVALID_FIELD, path + ": " + wanted).Field(path, wanted);
}

// An entity keeps its own contacts: to anyone else there is nothing to change there.
absl::Status CheckOwn(const rpc::Call& call, const std::string& entity) {
  if (call.caller().entity == entity) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_NOT_FOUND, "there is no such entity of the caller's")
      .With("name", entity);
}

// The name of a person's contact: made from the token's subject, made unique where another person's makes the
// same.
absl::StatusOr<std::string> NameOf(storage::Transaction& db, const std::string& entity,
                                   const std::string& person) {
  const std::string mark = ids::Sha256Hex(person).substr(0, 8);
  const std::string slug = ids::Slug(person);
  if (slug.empty()) return entity + "/contacts/" + mark;
  const std::string name = entity + "/contacts/" + slug;
  const absl::StatusOr<v1::Contact> there = GetContact(db, name);
  if (status::ReasonOf(there.status()) == Reason::ERROR_REASON_NOT_FOUND) return name;
  RETURN_IF_ERROR(there.status());
  return there->person() == person ? name : name.substr(0, entity.size() + 100) + "-" + mark;
}

// Copies the fields of the mask; INVALID_FIELD for a path that cannot be changed.
absl::Status Apply(const v1::UpdateContactRequest& request, v1::Contact& contact) {
  const v1::Contact& changes = request.contact();
  for (const std::string& path : request.update_mask().paths()) {
    if (path == "display_name") {
      contact.set_display_name(changes.display_name());
    } else if (path == "title") {
      contact.set_title(changes.title());
    } else if (path == "division") {
      contact.set_division(changes.division());
    } else if (path == "email") {
      contact.set_email(changes.email());
    } else if (path == "phone") {
      contact.set_phone(changes.phone());
    } else if (path == "roles") {
      *contact.mutable_roles() = changes.roles();
    } else if (path == "end_time") {
      contact.clear_end_time();
      if (changes.has_end_time()) *contact.mutable_end_time() = changes.end_time();
    } else {
      return Invalid("update_mask", "display_name, title, division, email, phone, roles or end_time");
    }
  }
  return absl::OkStatus();
}

}  // namespace

void ContactsService::Bind(rpc::Router& router) {
  router.Bind(this, &ContactsService::CreateContact);
  router.Bind(this, &ContactsService::UpdateContact);
  router.Bind(this, &ContactsService::GetContact);
  router.Bind(this, &ContactsService::ListContacts);
  router.Bind(this, &ContactsService::ResolvePerson);
}

absl::Status ContactsService::CheckRoles(const std::string& entity, const v1::Contact& contact) const {
  std::set<int> seen;
  for (const int role : contact.roles()) {
    if (!seen.insert(role).second) {
      return Invalid("contact.roles", "each role once");
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

absl::StatusOr<v1::CreateContactResponse> ContactsService::CreateContact(
    rpc::Call& call, const v1::CreateContactRequest& request) {
  const std::string& entity = request.parent();
  RETURN_IF_ERROR(CheckOwn(call, entity));
  RETURN_IF_ERROR(GetEntity(call.db(), entity).status());
  v1::Contact contact = request.contact();
  RETURN_IF_ERROR(CheckRoles(entity, contact));
  ASSIGN_OR_RETURN(const std::string name, NameOf(call.db(), entity, contact.person()));
  contact.set_name(name);
  RETURN_IF_ERROR(InsertContact(call.db(), entity, contact, call.now()));
  call.Tell({.type = "ContactCreated",
             .subject = name,
             .audience = {entity},
             .citation = "agreement 5.3",
             .summary = contact.display_name() + " was recorded as a contact."});
  v1::CreateContactResponse response;
  ASSIGN_OR_RETURN(*response.mutable_contact(), registry::GetContact(call.db(), name));
  return response;
}

absl::StatusOr<v1::UpdateContactResponse> ContactsService::UpdateContact(
    rpc::Call& call, const v1::UpdateContactRequest& request) {
  const std::string& name = request.contact().name();
  if (!ids::MatchesPattern(name, "entities/*/contacts/*")) {
    return Invalid("contact.name", "a name like entities/{entity}/contacts/{contact}");
  }
  const std::string entity = ids::Parent(name);
  RETURN_IF_ERROR(CheckOwn(call, entity));
  ASSIGN_OR_RETURN(v1::Contact contact, registry::GetContact(call.db(), name));
  if (!request.contact().etag().empty() && request.contact().etag() != contact.etag()) {
    return Error(Reason::ERROR_REASON_STALE_ETAG, "the contact was changed since it was read")
        .With("etag", contact.etag());
  }
  RETURN_IF_ERROR(Apply(request, contact));
  RETURN_IF_ERROR(CheckRoles(entity, contact));
  RETURN_IF_ERROR(registry::UpdateContact(call.db(), contact, call.now()));
  call.Tell({.type = "ContactUpdated",
             .subject = name,
             .audience = {entity},
             .citation = "agreement 5.13",
             .summary = "The contact " + contact.display_name() + " was changed."});
  v1::UpdateContactResponse response;
  ASSIGN_OR_RETURN(*response.mutable_contact(), registry::GetContact(call.db(), name));
  return response;
}

absl::StatusOr<v1::GetContactResponse> ContactsService::GetContact(rpc::Call& call,
                                                                   const v1::GetContactRequest& request) {
  v1::GetContactResponse response;
  ASSIGN_OR_RETURN(*response.mutable_contact(), registry::GetContact(call.db(), request.name()));
  return response;
}

absl::StatusOr<v1::ListContactsResponse> ContactsService::ListContacts(
    rpc::Call& call, const v1::ListContactsRequest& request) {
  RETURN_IF_ERROR(GetEntity(call.db(), request.parent()).status());
  return registry::ListContacts(call.db(), request);
}

absl::StatusOr<v1::ResolvePersonResponse> ContactsService::ResolvePerson(
    rpc::Call& call, const v1::ResolvePersonRequest& request) {
  ASSIGN_OR_RETURN(const auto contact, FindPerson(call.db(), request.entity(), request.person()));
  v1::ResolvePersonResponse response;
  if (!contact) return response;
  response.set_contact(contact->name());
  response.set_display_name(contact->display_name());
  response.set_title(contact->title());
  if (ActsAt(*contact, call.now())) *response.mutable_roles() = contact->roles();
  return response;
}

}  // namespace idea::registry
