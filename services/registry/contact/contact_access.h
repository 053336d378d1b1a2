#ifndef IDEA_SERVICES_REGISTRY_CONTACT_CONTACT_ACCESS_H_
#define IDEA_SERVICES_REGISTRY_CONTACT_CONTACT_ACCESS_H_

#include <string>

#include "absl/status/status.h"
#include "common/rpc/call.h"
#include "idea/registry/v1/contact.pb.h"

// The contacts that may give authority in an entity (agreement section 5.3): its keepers. These are its data
// coordinators and executive sponsors, and in the offices of the Statewide CDO and of the Governor also the
// persons who hold the office. A certificate without a person's token is enough to record the first keeper,
// and for nothing else that gives authority.
namespace idea::registry {

// OK if `entity` is the caller's own. Otherwise NOT_FOUND: an entity alone changes what belongs to it
// (agreement section 5.3).
absl::Status CheckOwn(const rpc::Call& call, const std::string& entity);

// Whether the contact has a role that makes it a keeper.
bool IsKeeper(const v1::Contact& contact);

// The contact of `entity` that the caller's person is, without delegated roles. Returns TOKEN_REQUIRED if the
// call has no person's token, and ROLE_REQUIRED with `roles` if the person is not a contact who acts for the
// entity now.
absl::StatusOr<v1::Contact> FindCaller(rpc::Call& call, const std::string& entity, const std::string& roles);

// Whether the caller may record the new `contact` for `entity`. The entity's platform records the first
// contact, who must be a keeper, otherwise returns INVALID_FIELD. A keeper records every other contact. If no
// keeper acts for the entity, a person of the Statewide CDO records one. Returns NOT_FOUND to any other
// caller.
absl::Status CheckNewContact(rpc::Call& call, const std::string& entity, const v1::Contact& contact);

// Whether the caller may change a contact of `entity` from `before` to `after`. A change that gives authority
// needs a keeper: other roles, another public key, an earlier start or a later end. For other changes, the
// entity's platform is enough.
absl::Status CheckChange(rpc::Call& call, const std::string& entity, const v1::Contact& before,
                         const v1::Contact& after);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_CONTACT_CONTACT_ACCESS_H_
