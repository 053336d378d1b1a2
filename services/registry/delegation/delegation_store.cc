#include "services/registry/delegation/delegation_store.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "common/listing/limit.h"
#include "common/listing/listing.h"
#include "common/status/status.h"
#include "services/registry/contact/contact_store.h"

namespace idea::registry {
namespace {

using status::Reason;

constexpr char kSelect[] =
    "SELECT name, principal, delegate, roles, start_time, end_time, created, person FROM delegations WHERE ";

v1::Delegation DelegationOf(const storage::Row& row) {
  v1::Delegation delegation;
  delegation.set_name(row.Text(0));
  delegation.set_principal(row.Text(1));
  delegation.set_delegate(row.Text(2));
  *delegation.mutable_roles() = RolesOf(row.Text(3));
  *delegation.mutable_start_time() = clock::ToProto(row.Int(4));
  *delegation.mutable_end_time() = clock::ToProto(row.Int(5));
  *delegation.mutable_create_time() = clock::ToProto(row.Int(6));
  delegation.set_person(row.Text(7));
  return delegation;
}

const listing::Spec& Listed() {
  using listing::Kind;
  static const listing::Spec spec = {
      .fields = {{"principal", "principal", Kind::kText}, {"delegate", "delegate", Kind::kText}},
      .order_column = "start_time",
      .order_is_text = false,
      .id_column = "name",
      .descending = true};
  return spec;
}

}  // namespace

absl::Status InsertDelegation(storage::Transaction& db, const std::string& entity,
                              const v1::Delegation& delegation) {
  RETURN_IF_ERROR(
      listing::CheckLimit(db, listing::kDelegationsOfEntity, "delegations WHERE entity = $1", {entity}));
  return db
      .Execute(
          "INSERT INTO delegations (name, entity, principal, delegate, roles, start_time, end_time, "
          "created, person) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
          {delegation.name(), entity, delegation.principal(), delegation.delegate(),
           RolesText(delegation.roles()), clock::FromProto(delegation.start_time()),
           clock::FromProto(delegation.end_time()), clock::FromProto(delegation.create_time()),
           delegation.person()})
      .status();
}

absl::StatusOr<v1::Delegation> GetDelegation(storage::Transaction& db, const std::string& name) {
  ASSIGN_OR_RETURN(const auto row, db.QueryOne(std::string(kSelect) + "name = $1", {name}));
  if (row) return DelegationOf(*row);
  return status::Error(Reason::ERROR_REASON_NOT_FOUND, "this delegation does not exist").With("name", name);
}

absl::Status EndDelegation(storage::Transaction& db, const std::string& name, clock::Micros now) {
  ASSIGN_OR_RETURN(
      const int64_t changed,
      db.Execute("UPDATE delegations SET end_time = $1 WHERE name = $2 AND end_time > $1", {now, name}));
  if (changed > 0) return absl::OkStatus();
  return status::Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED, "the delegation has ended")
      .With("state", "ENDED");
}

absl::StatusOr<v1::ListDelegationsResponse> ListDelegations(storage::Transaction& db,
                                                            const v1::ListDelegationsRequest& request) {
  ASSIGN_OR_RETURN(const listing::Page page,
                   listing::Plan(Listed(), request, "entity = $1", {request.parent()}));
  ASSIGN_OR_RETURN(storage::Rows rows, db.Query(kSelect + page.where + page.tail, page.args));
  v1::ListDelegationsResponse response;
  response.set_next_page_token(page.Finish(rows, 4, 0));
  for (const storage::Row& row : rows) *response.add_delegations() = DelegationOf(row);
  return response;
}

absl::StatusOr<v1::ResolvePersonResponse> Resolve(storage::Transaction& db, const std::string& entity,
                                                  const std::string& person, clock::Micros now) {
  ASSIGN_OR_RETURN(const auto contact, FindPerson(db, entity, person));
  v1::ResolvePersonResponse response;
  if (!contact) return response;
  response.set_contact(contact->name());
  response.set_contact_revision(std::stoi(contact->etag()));
  response.set_display_name(contact->display_name());
  response.set_title(contact->title());
  if (!ActsAt(*contact, now)) return response;
  response.set_public_key(contact->public_key());
  *response.mutable_roles() = contact->roles();
  ASSIGN_OR_RETURN(
      const storage::Rows rows,
      db.Query(
          "SELECT d.name, d.roles, c.roles, c.name, c.display_name FROM delegations d JOIN contacts c ON "
          "c.name = d.principal WHERE d.delegate = $1 AND d.start_time <= $2 AND d.end_time > $2 AND "
          "(c.start_time IS NULL OR c.start_time <= $2) AND (c.end_time IS NULL OR c.end_time > $2) "
          "ORDER BY d.end_time DESC, d.name",
          {contact->name(), now}));
  for (const storage::Row& row : rows) {
    const auto principal_roles = RolesOf(row.Text(2));
    bool in_force = false;
    for (const int role : RolesOf(row.Text(1))) {
      if (!absl::c_linear_search(principal_roles, role)) continue;
      in_force = true;
      if (absl::c_linear_search(response.roles(), role)) continue;
      response.add_roles(static_cast<common::v1::ContactRole>(role));
      v1::DelegatedRole& delegated = *response.add_delegated_roles();
      delegated.set_role(static_cast<common::v1::ContactRole>(role));
      delegated.mutable_on_behalf()->set_principal(row.Text(3));
      delegated.mutable_on_behalf()->set_principal_name(row.Text(4));
      delegated.mutable_on_behalf()->set_delegation(row.Text(0));
    }
    if (in_force) response.add_delegations(row.Text(0));
  }
  return response;
}

}  // namespace idea::registry
