#include "services/registry/contact/contact_store.h"

#include <sstream>

#include "common/listing/limit.h"
#include "common/listing/listing.h"
#include "common/status/status.h"

namespace idea::registry {
namespace {

using status::Reason;

constexpr char kColumns[] =
    "name, person, display_name, title, division, email, phone, roles, end_time, version, start_time, "
    "public_key";

std::string Select(const std::string& where) {
  return std::string("SELECT ") + kColumns + " FROM contacts WHERE " + where;
}

storage::Value TimeOrNull(bool is_set, const google::protobuf::Timestamp& time) {
  return is_set ? storage::Value(clock::FromProto(time)) : storage::Value();
}
storage::Value StartOf(const v1::Contact& contact) {
  return TimeOrNull(contact.has_start_time(), contact.start_time());
}
storage::Value EndOf(const v1::Contact& contact) {
  return TimeOrNull(contact.has_end_time(), contact.end_time());
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
  *contact.mutable_roles() = RolesOf(row.Text(7));
  if (!row.IsNull(8)) *contact.mutable_end_time() = clock::ToProto(row.Int(8));
  contact.set_etag(std::to_string(row.Int(9)));
  if (!row.IsNull(10)) *contact.mutable_start_time() = clock::ToProto(row.Int(10));
  contact.set_public_key(row.Text(11));
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

// Stores the current state of the contact as a revision.
absl::Status InsertRevision(storage::Transaction& db, const std::string& name, const std::string& person,
                            clock::Micros now) {
  ASSIGN_OR_RETURN(const v1::Contact contact, GetContact(db, name));
  return db
      .Execute(
          "INSERT INTO contact_revisions (contact, version, content, person, created) VALUES ($1, $2, $3, "
          "$4, $5)",
          {name, int64_t{std::stoll(contact.etag())}, storage::Blob{contact.SerializeAsString()}, person,
           now})
      .status();
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

std::string RolesText(const google::protobuf::RepeatedField<int>& roles) {
  std::string text;
  for (const int role : roles) text += (text.empty() ? "" : " ") + std::to_string(role);
  return text;
}

google::protobuf::RepeatedField<int> RolesOf(const std::string& text) {
  google::protobuf::RepeatedField<int> roles;
  std::istringstream numbers(text);
  for (int role = 0; numbers >> role;) roles.Add(role);
  return roles;
}

absl::Status InsertContact(storage::Transaction& db, const std::string& entity, const v1::Contact& contact,
                           const std::string& person, clock::Micros now) {
  RETURN_IF_ERROR(
      listing::CheckLimit(db, listing::kContactsOfEntity, "contacts WHERE entity = $1", {entity}));
  ASSIGN_OR_RETURN(const bool first, IsFirstContact(db, entity));
  const auto added = db.Execute(
      "INSERT INTO contacts (name, entity, person, display_name, title, division, email, phone, roles, "
      "start_time, end_time, public_key, version, created, updated) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, "
      "$9, $10, $11, $12, 1, $13, $13)",
      {contact.name(), entity, contact.person(), contact.display_name(), contact.title(), contact.division(),
       contact.email(), contact.phone(), RolesText(contact.roles()), StartOf(contact), EndOf(contact),
       contact.public_key(), now});
  if (absl::IsAlreadyExists(added.status())) {
    return status::Error(Reason::ERROR_REASON_ALREADY_EXISTS,
                         "this person is already a contact of the entity")
        .With("contact", contact.name());
  }
  RETURN_IF_ERROR(added.status());
  RETURN_IF_ERROR(InsertRoles(db, contact));
  if (first) {
    const auto marked =
        db.Execute("INSERT INTO first_contacts (entity, contact) VALUES ($1, $2)", {entity, contact.name()});
    if (absl::IsAlreadyExists(marked.status()))
      return absl::AbortedError("another first contact was recorded at the same moment");
    RETURN_IF_ERROR(marked.status());
  }
  return InsertRevision(db, contact.name(), person, now);
}

absl::StatusOr<bool> IsFirstContact(storage::Transaction& db, const std::string& entity) {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT contact FROM first_contacts WHERE entity = $1", {entity}));
  return !row.has_value();
}

absl::StatusOr<bool> HasKeeper(storage::Transaction& db, const std::string& entity,
                               const std::vector<common::v1::ContactRole>& roles, clock::Micros now) {
  std::string in;
  for (const common::v1::ContactRole role : roles) in += (in.empty() ? "" : ", ") + std::to_string(role);
  ASSIGN_OR_RETURN(
      const auto row,
      db.QueryOne("SELECT name FROM contacts JOIN contact_roles ON contact = name WHERE entity = $1 "
                  "AND (start_time IS NULL OR start_time <= $2) AND (end_time IS NULL OR end_time "
                  "> $2) AND role IN (" +
                      in + ") LIMIT 1",
                  {entity, now}));
  return row.has_value();
}

absl::StatusOr<v1::Contact> GetContact(storage::Transaction& db, const std::string& name) {
  ASSIGN_OR_RETURN(const auto row, db.QueryOne(Select("name = $1"), {name}));
  if (!row)
    return status::Error(Reason::ERROR_REASON_NOT_FOUND, "this contact does not exist").With("name", name);
  return ContactOf(*row);
}

absl::StatusOr<std::optional<v1::Contact>> FindPerson(storage::Transaction& db, const std::string& entity,
                                                      const std::string& person) {
  ASSIGN_OR_RETURN(const auto row, db.QueryOne(Select("entity = $1 AND person = $2"), {entity, person}));
  return row ? std::optional(ContactOf(*row)) : std::nullopt;
}

bool ActsAt(const v1::Contact& contact, clock::Micros now) {
  return (!contact.has_start_time() || clock::FromProto(contact.start_time()) <= now) &&
         (!contact.has_end_time() || now < clock::FromProto(contact.end_time()));
}

// The join has a row for each role of a contact. DISTINCT makes them one row.
absl::StatusOr<v1::ListContactsResponse> ListContacts(storage::Transaction& db,
                                                      const v1::ListContactsRequest& request,
                                                      clock::Micros now) {
  std::string where = "entity = $1";
  storage::Args args = {request.parent()};
  if (!request.show_inactive()) {
    where += " AND (start_time IS NULL OR start_time <= $2) AND (end_time IS NULL OR end_time > $2)";
    args.emplace_back(now);
  }
  ASSIGN_OR_RETURN(const listing::Page page, listing::Plan(Listed(), request, where, args));
  ASSIGN_OR_RETURN(
      storage::Rows rows,
      db.Query(std::string("SELECT DISTINCT ") + kColumns +
                   " FROM contacts JOIN contact_roles ON contact = name WHERE " + page.where + page.tail,
               page.args));
  v1::ListContactsResponse response;
  response.set_next_page_token(page.Finish(rows, 0, 0));
  for (const storage::Row& row : rows) *response.add_contacts() = ContactOf(row);
  return response;
}

absl::Status UpdateContact(storage::Transaction& db, const v1::Contact& contact, const std::string& person,
                           clock::Micros now) {
  ASSIGN_OR_RETURN(
      const int64_t changed,
      db.Execute("UPDATE contacts SET display_name = $1, title = $2, division = $3, email = $4, phone = $5, "
                 "roles = $6, start_time = $7, end_time = $8, public_key = $9, updated = $10, version = "
                 "version + 1 WHERE name = $11 AND version = $12",
                 {contact.display_name(), contact.title(), contact.division(), contact.email(),
                  contact.phone(), RolesText(contact.roles()), StartOf(contact), EndOf(contact),
                  contact.public_key(), now, contact.name(), int64_t{std::stoll(contact.etag())}}));
  if (changed == 0) {
    return status::Error(Reason::ERROR_REASON_CONCURRENT_CHANGE,
                         "the contact was changed at the same moment");
  }
  RETURN_IF_ERROR(db.Execute("DELETE FROM contact_roles WHERE contact = $1", {contact.name()}).status());
  RETURN_IF_ERROR(InsertRoles(db, contact));
  return InsertRevision(db, contact.name(), person, now);
}

absl::StatusOr<v1::ListContactRevisionsResponse> ListRevisions(
    storage::Transaction& db, const v1::ListContactRevisionsRequest& request) {
  const listing::Spec spec = {.fields = {},
                              .order_column = "version",
                              .order_is_text = false,
                              .id_column = "contact",
                              .descending = true};
  ASSIGN_OR_RETURN(const listing::Page page,
                   listing::Plan(spec, request, "contact = $1", {request.parent()}));
  ASSIGN_OR_RETURN(
      storage::Rows rows,
      db.Query("SELECT contact, version, content, person, created FROM contact_revisions WHERE " +
                   page.where + page.tail,
               page.args));
  v1::ListContactRevisionsResponse response;
  response.set_next_page_token(page.Finish(rows, 1, 0));
  for (const storage::Row& row : rows) {
    v1::ContactRevision& revision = *response.add_revisions();
    if (!revision.mutable_contact()->ParseFromString(row.Bytes(2))) {
      return absl::InternalError("a revision of " + row.Text(0) + " cannot be read");
    }
    *revision.mutable_revise_time() = clock::ToProto(row.Int(4));
    revision.set_person(row.Text(3));
  }
  return response;
}

}  // namespace idea::registry
