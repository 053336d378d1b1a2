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

// The tables of contacts and their revisions. Names are full resource names. The etag is the version of the
// row.
namespace idea::registry {

// Roles as the text of a column, and back: their numbers in the given order, such as "4 5".
std::string RolesText(const google::protobuf::RepeatedField<int>& roles);
google::protobuf::RepeatedField<int> RolesOf(const std::string& text);

// Stores a new contact of `entity`, recorded by `person`. Returns ERROR_REASON_ALREADY_EXISTS if its name is
// taken or the person is already a contact. Returns ABORTED if another contact became the entity's first
// contact at the same moment: the transaction can run again.
absl::Status InsertContact(storage::Transaction& db, const std::string& entity, const v1::Contact& contact,
                           const std::string& person, clock::Micros now);

// Whether the entity has never had a contact, so that the next one is its first.
absl::StatusOr<bool> IsFirstContact(storage::Transaction& db, const std::string& entity);

// Whether a contact acts for the entity now and has one of the roles without a delegation.
absl::StatusOr<bool> HasKeeper(storage::Transaction& db, const std::string& entity,
                               const std::vector<common::v1::ContactRole>& roles, clock::Micros now);

// The contact, or ERROR_REASON_NOT_FOUND.
absl::StatusOr<v1::Contact> GetContact(storage::Transaction& db, const std::string& name);

// The contact of a person at an entity.
absl::StatusOr<std::optional<v1::Contact>> FindPerson(storage::Transaction& db, const std::string& entity,
                                                      const std::string& person);

// Whether the contact acts for its entity at the time `now`.
bool ActsAt(const v1::Contact& contact, clock::Micros now);

// Returns one page. Fails as listing::Plan does.
absl::StatusOr<v1::ListContactsResponse> ListContacts(storage::Transaction& db,
                                                      const v1::ListContactsRequest& request,
                                                      clock::Micros now);

// Stores every field of `contact` except name and person, as changed by `person`. Returns
// ERROR_REASON_CONCURRENT_CHANGE if the row no longer has contact.etag.
absl::Status UpdateContact(storage::Transaction& db, const v1::Contact& contact, const std::string& person,
                           clock::Micros now);

// Returns one page of the revisions of a contact, the latest first. Fails as listing::Plan does.
absl::StatusOr<v1::ListContactRevisionsResponse> ListRevisions(
    storage::Transaction& db, const v1::ListContactRevisionsRequest& request);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_CONTACT_CONTACT_STORE_H_
