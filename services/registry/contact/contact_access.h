#ifndef IDEA_SERVICES_REGISTRY_CONTACT_CONTACT_ACCESS_H_
#define IDEA_SERVICES_REGISTRY_CONTACT_CONTACT_ACCESS_H_

#include <string>

#include "absl/status/status.h"
#include "common/rpc/call.h"
#include "idea/registry/v1/contact.pb.h"

// Who may give authority in an entity (agreement section 5.3): its keepers, who are its data coordinators and
// executive sponsors, and in the offices of the Statewide CDO and of the Governor also whoever holds the
// office. A certificate alone records the first keeper and gives nothing after that.
namespace idea::registry {

// OK if `entity` is the caller's own. Otherwise NOT_FOUND: an entity alone changes what belongs to it
// (agreement section 5.3).
absl::Status CheckOwn(const rpc::Call& call, const std::string& entity);

// Whether the roles of the contact make its person a keeper.
bool IsKeeper(const v1::Contact& contact);

// The caller's person as a contact who acts for `entity` now, with roles of their own only. TOKEN_REQUIRED if
// the call names nobody, ROLE_REQUIRED with `roles` if the person is not such a contact.
absl::StatusOr<v1::Contact> FindCaller(rpc::Call& call, const std::string& entity, const std::string& roles);

// Whether the caller may record `contact`, which is new, for `entity`. The first one of an entity is its
// platform's to record, and has to be a keeper: INVALID_FIELD. Every other one is a keeper's. If keepers are
// recorded and none acts, the Statewide CDO's person records one. NOT_FOUND for anybody else.
absl::Status CheckNewContact(rpc::Call& call, const std::string& entity, const v1::Contact& contact);

// Whether the caller may change a contact of `entity` like this. What gives authority is a keeper's to
// change: roles, the public key, to act sooner or longer. The platform alone changes the rest, and ends a
// contact.
absl::Status CheckChange(rpc::Call& call, const std::string& entity, const v1::Contact& before,
                         const v1::Contact& after);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_CONTACT_CONTACT_ACCESS_H_
