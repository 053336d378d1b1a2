#include "services/registry/contact_store.h"

#include <sstream>

#include "common/listing/listing.h"
#include "common/status/status.h"

namespace idea::registry {
namespace {

using common::v1::ContactRole;
using status::Reason;

constexpr char kSelect[] =
    "SELECT name, person, display_name, title, division, email, phone, roles, end_time, version FROM "
    "contacts WHERE ";

// "4 5": the numbers of the roles, in the order given.
std::string RolesText(const v1::Contact& contact) {
  std::string text;
  for (const int role : contact.roles()) text += (text.empty() ? "" : " ") + std::to_string(role);
  return text;
}

storage::Value EndOf(const v1::Contact& contact) {
  return contact.has_end_time() ? storage::Value(clock::FromProto(contact.end_time())) : storage::Value();
}

v1::Contact ContactOf(const storage::Row& row) {
  v1::Contact contact;
  contact.set_name(row.Text(0));
  contact.set_person(row.Text(1));
  contact.set_display_name(row.Text(2));
  contact.set_title(row.Text(3));
  contact.set_division(row.Text(4));
  contact.set_email(row.Text(5));
  contact.set_phone(row.Text(6));
  std::istringstream roles(row.Text(7));
  for (int role = 0; roles >> role;) contact.add_roles(static_cast<ContactRole>(role));
  if (!row.IsNull(8)) *contact.mutable_end_time() = clock::ToProto(row.Int(8));
  contact.set_etag(std::to_string(row.Int(9)));
  return contact;
}

absl::Status InsertRoles(storage::Transaction& db, const v1::Contact& contact) {
  for (const int role : contact.roles()) {
    RETURN_IF_ERROR(db.Execute("INSERT INTO contact_roles (contact, role) VALUES ($1, $2)",
                               {contact.name(), int64_t{role}})
                        .status());
  }
  return absl::OkStatus();
}

const listing::Spec& Listed() {
  using listing::Kind;
  static const listing::Spec spec = {
      .fields = {{"person", "person", Kind::kText},
                 {"role", "role", Kind::kEnum, common::v1::ContactRole_descriptor()},
                 {"email", "email", Kind::kText}},
      .order_column = "name",
      .order_is_text = true,
      .id_column = "name",
      .descending = false};
  return spec;
}

}  // namespace

absl::Status InsertContact(storage::Transaction& db, const std::string& entity, const v1::Contact& contact,
                           clock::Micros now) {
  const auto added = db.Execute(
      "INSERT INTO contacts (name, entity, person, display_name, title, division, email, phone, roles, "
      "end_time, version, created, updated) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $11)",
      {contact.name(), entity, contact.person(), contact.display_name(), contact.title(), contact.division(),
       contact.email(), contact.phone(), RolesText(contact), EndOf(contact), now});
  if (absl::IsAlreadyExists(added.status())) {
    return status::Error(Reason::ERROR_REASON_ALREADY_EXISTS,
                         "this person is a contact of the entity already")
        .With("contact", contact.name());
  }
  RETURN_IF_ERROR(added.status());
  return InsertRoles(db, contact);
}

absl::StatusOr<v1::Contact> GetContact(storage::Transaction& db, const std::string& name) {
  ASSIGN_OR_RETURN(const auto row, db.QueryOne(std::string(kSelect) + "name = $1", {name}));
  if (!row)
    return status::Error(Reason::ERROR_REASON_NOT_FOUND, "there is no such contact").With("name", name);
  return ContactOf(*row);
}

absl::StatusOr<std::optional<v1::Contact>> FindPerson(storage::Transaction& db, const std::string& entity,
                                                      const std::string& person) {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne(std::string(kSelect) + "entity = $1 AND person = $2", {entity, person}));
  return row ? std::optional(ContactOf(*row)) : std::nullopt;
}

bool ActsAt(const v1::Contact& contact, clock::Micros now) {
  return !contact.has_end_time() || now < clock::FromProto(contact.end_time());
}

// A contact stands in the join as often as it has roles: DISTINCT makes it one again.
absl::StatusOr<v1::ListContactsResponse> ListContacts(storage::Transaction& db,
                                                      const v1::ListContactsRequest& request) {
  ASSIGN_OR_RETURN(const listing::Page page,
                   listing::Plan(Listed(), request, "entity = $1", {request.parent()}));
  ASSIGN_OR_RETURN(
      storage::Rows rows,
      db.Query("SELECT DISTINCT name, person, display_name, title, division, email, phone, roles, end_time, "
               "version FROM contacts JOIN contact_roles ON contact = name WHERE " +
                   page.where + page.tail,
               page.args));
  v1::ListContactsResponse response;
  response.set_next_page_token(page.Finish(rows, 0, 0));
  for (const storage::Row& row : rows) *response.add_contacts() = ContactOf(row);
  return response;
}

absl::Status UpdateContact(storage::Transaction& db, const v1::Contact& contact, clock::Micros now) {
  ASSIGN_OR_RETURN(const int64_t changed,
                   db.Execute("UPDATE contacts SET display_name = $1, title = $2, division = $3, email = $4, "
                              "phone = $5, roles = $6, end_time = $7, updated = $8, version = version + 1 "
                              "WHERE name = $9 AND version = $10",
                              {contact.display_name(), contact.title(), contact.division(), contact.email(),
                               contact.phone(), RolesText(contact), EndOf(contact), now, contact.name(),
                               int64_t{std::stoll(contact.etag())}}));
  if (changed == 0) {
    return status::Error(Reason::ERROR_REASON_CONCURRENT_CHANGE,
                         "the contact was changed at the same moment");
  }
  RETURN_IF_ERROR(db.Execute("DELETE FROM contact_roles WHERE contact = $1", {contact.name()}).status());
  return InsertRoles(db, contact);
}

}  // namespace idea::registry
