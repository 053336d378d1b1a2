#include "services/registry/contact/contact_access.h"

#include <algorithm>
#include <array>
#include <limits>

#include "common/status/status.h"
#include "services/registry/contact/contact_store.h"

namespace idea::registry {
namespace {

using status::Error;
using status::Reason;

// Only contacts of the two offices have the last two roles: see ContactService::CheckRoles.
constexpr std::array kKeepers = {
    common::v1::CONTACT_ROLE_DATA_COORDINATOR, common::v1::CONTACT_ROLE_EXECUTIVE_SPONSOR,
    common::v1::CONTACT_ROLE_STATEWIDE_CDO, common::v1::CONTACT_ROLE_GOVERNORS_OFFICE};

std::string KeeperRoles() {
  std::string names;
  for (const common::v1::ContactRole role : kKeepers)
    names += (names.empty() ? "" : ",") + ContactRole_Name(role);
  return names;
}

bool Has(const v1::Contact& contact, common::v1::ContactRole role) {
  return std::find(contact.roles().begin(), contact.roles().end(), role) != contact.roles().end();
}

absl::Status RoleRequired(const std::string& roles) {
  return Error(Reason::ERROR_REASON_ROLE_REQUIRED,
               "the person must be a contact of the entity and hold the role without a delegation")
      .With("roles", roles);
}

absl::Status CheckKeeper(rpc::Call& call, const std::string& entity) {
  ASSIGN_OR_RETURN(const v1::Contact caller, FindCaller(call, entity, KeeperRoles()));
  return IsKeeper(caller) ? absl::OkStatus() : RoleRequired(KeeperRoles());
}

// For an entity without a platform, or whose keepers have all left: a person of the Statewide CDO may record
// a keeper.
absl::Status CheckRecovery(rpc::Call& call, const std::string& entity, const v1::Contact& contact) {
  if (call.caller().kind != common::v1::CALLER_KIND_CDO) return CheckOwn(call, entity);
  ASSIGN_OR_RETURN(const bool kept,
                   HasKeeper(call.db(), entity, {kKeepers.begin(), kKeepers.end()}, call.now()));
  if (kept) return CheckOwn(call, entity);
  const std::string role = ContactRole_Name(common::v1::CONTACT_ROLE_STATEWIDE_CDO);
  ASSIGN_OR_RETURN(const v1::Contact caller, FindCaller(call, call.caller().entity, role));
  if (!Has(caller, common::v1::CONTACT_ROLE_STATEWIDE_CDO)) return RoleRequired(role);
  if (IsKeeper(contact)) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_INVALID_FIELD, "contact.roles: must include one of " + KeeperRoles())
      .Field("contact.roles", "must include one of " + KeeperRoles() +
                                  ", because no contact acts who may manage the entity's contacts");
}

clock::Micros StartOf(const v1::Contact& contact) {
  return contact.has_start_time() ? clock::FromProto(contact.start_time()) : 0;
}
clock::Micros EndOf(const v1::Contact& contact) {
  return contact.has_end_time() ? clock::FromProto(contact.end_time())
                                : std::numeric_limits<clock::Micros>::max();
}

bool GivesAuthority(const v1::Contact& before, const v1::Contact& after) {
  const bool same_roles = std::is_permutation(before.roles().begin(), before.roles().end(),
                                              after.roles().begin(), after.roles().end());
  return !same_roles || before.public_key() != after.public_key() || StartOf(after) < StartOf(before) ||
         EndOf(after) > EndOf(before);
}

}  // namespace

absl::Status CheckOwn(const rpc::Call& call, const std::string& entity) {
  if (call.caller().entity == entity) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_NOT_FOUND, "the caller's entity has no such resource")
      .With("name", entity);
}

bool IsKeeper(const v1::Contact& contact) {
  return std::any_of(kKeepers.begin(), kKeepers.end(), [&](auto role) { return Has(contact, role); });
}

absl::StatusOr<v1::Contact> FindCaller(rpc::Call& call, const std::string& entity, const std::string& roles) {
  if (call.caller().person.empty()) {
    return Error(Reason::ERROR_REASON_TOKEN_REQUIRED,
                 "only a person can record what gives authority: send the person's token");
  }
  ASSIGN_OR_RETURN(const auto contact, FindPerson(call.db(), entity, call.caller().person));
  if (!contact || !ActsAt(*contact, call.now())) return RoleRequired(roles);
  return *contact;
}

absl::Status CheckNewContact(rpc::Call& call, const std::string& entity, const v1::Contact& contact) {
  if (call.caller().entity != entity) return CheckRecovery(call, entity, contact);
  ASSIGN_OR_RETURN(const bool first, IsFirstContact(call.db(), entity));
  if (!first) return CheckKeeper(call, entity);
  if (IsKeeper(contact)) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_INVALID_FIELD,
               "contact.roles: the first contact manages the others and needs one of " + KeeperRoles())
      .Field("contact.roles", "must include one of " + KeeperRoles() + " for the first contact of an entity");
}

absl::Status CheckChange(rpc::Call& call, const std::string& entity, const v1::Contact& before,
                         const v1::Contact& after) {
  if (!GivesAuthority(before, after)) return CheckOwn(call, entity);
  return call.caller().entity == entity ? CheckKeeper(call, entity) : CheckRecovery(call, entity, after);
}

}  // namespace idea::registry
