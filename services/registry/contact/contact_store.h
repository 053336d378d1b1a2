#ifndef IDEA_SERVICES_REGISTRY_CONTACT_CONTACT_STORE_H_
#define IDEA_SERVICES_REGISTRY_CONTACT_CONTACT_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "idea/registry/v1/contact.pb.h"

// The tables of contacts and of what they were. Names are whole resource names; the etag is the row's
// version.
namespace idea::registry {

// Roles as a column: "4 5", their numbers in the order given.
std::string RolesText(const google::protobuf::RepeatedField<int>& roles);
google::protobuf::RepeatedField<int> RolesOf(const std::string& text);

// Stores a new contact of `entity`, recorded by `person`. ERROR_REASON_ALREADY_EXISTS if its name is taken or
// the person is a contact already. ABORTED if another one became the entity's first contact at the same
// moment: running again finds it.
absl::Status InsertContact(storage::Transaction& db, const std::string& entity, const v1::Contact& contact,
                           const std::string& person, clock::Micros now);

// Whether the entity has never had a contact.
absl::StatusOr<bool> IsFirstContact(storage::Transaction& db, const std::string& entity);

// Whether somebody acts for the entity now in one of the roles, as their own.
absl::StatusOr<bool> HasKeeper(storage::Transaction& db, const std::string& entity,
                               const std::vector<common::v1::ContactRole>& roles, clock::Micros now);

// The contact, or ERROR_REASON_NOT_FOUND.
absl::StatusOr<v1::Contact> GetContact(storage::Transaction& db, const std::string& name);

// The contact that a person is for an entity.
absl::StatusOr<std::optional<v1::Contact>> FindPerson(storage::Transaction& db, const std::string& entity,
                                                      const std::string& person);

// Whether the contact acts for the entity at that moment.
bool ActsAt(const v1::Contact& contact, clock::Micros now);

// One page. Fails as listing::Plan does.
absl::StatusOr<v1::ListContactsResponse> ListContacts(storage::Transaction& db,
                                                      const v1::ListContactsRequest& request,
                                                      clock::Micros now);

// Stores every field of `contact` but name and person, as changed by `person`. ERROR_REASON_CONCURRENT_CHANGE
// unless the row still has contact.etag.
absl::Status UpdateContact(storage::Transaction& db, const v1::Contact& contact, const std::string& person,
                           clock::Micros now);

// One page of what a contact was, the latest first. Fails as listing::Plan does.
absl::StatusOr<v1::ListContactRevisionsResponse> ListRevisions(
    storage::Transaction& db, const v1::ListContactRevisionsRequest& request);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_CONTACT_CONTACT_STORE_H_
