#include "services/registry/entity_store.h"

#include "common/listing/listing.h"
#include "common/status/status.h"
#include "services/registry/in_list.h"

namespace idea::registry {
namespace {

using status::Reason;

constexpr char kSelect[] =
    "SELECT name, display_name, acronym, kind, parent, own_statutory_authority, governor_authority, source, "
    "version, "
    "created, updated FROM entities WHERE ";

v1::Entity EntityOf(const storage::Row& row) {
  v1::Entity entity;
  entity.set_name(row.Text(0));
  entity.set_display_name(row.Text(1));
  entity.set_acronym(row.Text(2));
  entity.set_kind(static_cast<v1::EntityKind>(row.Int(3)));
  entity.set_parent(row.Text(4));
  entity.set_own_statutory_authority(row.Int(5) != 0);
  entity.set_governor_authority(static_cast<v1::GovernorAuthority>(row.Int(6)));
  entity.set_source(row.Text(7));
  entity.set_etag(std::to_string(row.Int(8)));
  *entity.mutable_create_time() = clock::ToProto(row.Int(9));
  *entity.mutable_update_time() = clock::ToProto(row.Int(10));
  return entity;
}

const listing::Spec& Listed() {
  using listing::Kind;
  static const listing::Spec spec = {.fields = {{"display_name", "display_name", Kind::kText},
                                                {"acronym", "acronym", Kind::kText},
                                                {"kind", "kind", Kind::kEnum, v1::EntityKind_descriptor()},
                                                {"parent", "parent", Kind::kText},
                                                {"governor_authority", "governor_authority", Kind::kEnum,
                                                 v1::GovernorAuthority_descriptor()}},
                                     .order_column = "name",
                                     .order_is_text = true,
                                     .id_column = "name",
                                     .descending = false};
  return spec;
}

}  // namespace

absl::Status InsertEntity(storage::Transaction& db, const v1::Entity& entity, clock::Micros now) {
  const auto added = db.Execute(
      "INSERT INTO entities (name, display_name, acronym, kind, parent, own_statutory_authority, "
      "governor_authority, "
      "source, version, created, updated) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $9)",
      {entity.name(), entity.display_name(), entity.acronym(), int64_t{entity.kind()}, entity.parent(),
       int64_t{entity.own_statutory_authority()}, int64_t{entity.governor_authority()}, entity.source(),
       now});
  if (absl::IsAlreadyExists(added.status())) {
    return status::Error(Reason::ERROR_REASON_ALREADY_EXISTS,
                         "an entity with this id or this display name is there")
        .With("entity", entity.name());
  }
  return added.status();
}

absl::StatusOr<std::optional<v1::Entity>> FindEntity(storage::Transaction& db, const std::string& name) {
  ASSIGN_OR_RETURN(const auto row, db.QueryOne(std::string(kSelect) + "name = $1", {name}));
  return row ? std::optional(EntityOf(*row)) : std::nullopt;
}

absl::StatusOr<v1::Entity> GetEntity(storage::Transaction& db, const std::string& name) {
  ASSIGN_OR_RETURN(auto entity, FindEntity(db, name));
  if (!entity)
    return status::Error(Reason::ERROR_REASON_NOT_FOUND, "there is no such entity").With("name", name);
  return *std::move(entity);
}

absl::StatusOr<std::map<std::string, v1::Entity>> FindEntities(storage::Transaction& db,
                                                               const std::vector<std::string>& names) {
  std::map<std::string, v1::Entity> found;
  if (names.empty()) return found;
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query(std::string(kSelect) + "name IN " + InList(1, names.size()),
                            storage::Args(names.begin(), names.end())));
  for (const storage::Row& row : rows) found.emplace(row.Text(0), EntityOf(row));
  return found;
}

absl::StatusOr<std::map<std::string, std::string>> EntityNames(storage::Transaction& db) {
  ASSIGN_OR_RETURN(const storage::Rows rows, db.Query("SELECT display_name, name FROM entities", {}));
  std::map<std::string, std::string> names;
  for (const storage::Row& row : rows) names.emplace(row.Text(0), row.Text(1));
  return names;
}

absl::StatusOr<v1::ListEntitiesResponse> ListEntities(storage::Transaction& db,
                                                      const v1::ListEntitiesRequest& request) {
  ASSIGN_OR_RETURN(const listing::Page page, listing::Plan(Listed(), request, "", {}));
  ASSIGN_OR_RETURN(storage::Rows rows, db.Query(kSelect + page.where + page.tail, page.args));
  v1::ListEntitiesResponse response;
  response.set_next_page_token(page.Finish(rows, 0, 0));
  for (const storage::Row& row : rows) *response.add_entities() = EntityOf(row);
  return response;
}

absl::Status UpdateGovernorAuthority(storage::Transaction& db, const v1::Entity& read,
                                     v1::GovernorAuthority authority, clock::Micros now) {
  ASSIGN_OR_RETURN(
      const int64_t changed,
      db.Execute("UPDATE entities SET governor_authority = $1, updated = $2, version = version + 1 "
                 "WHERE name = $3 AND version = $4",
                 {int64_t{authority}, now, read.name(), int64_t{std::stoll(read.etag())}}));
  if (changed == 0) {
    return status::Error(Reason::ERROR_REASON_CONCURRENT_CHANGE, "the entity was changed at the same moment");
  }
  return absl::OkStatus();
}

}  // namespace idea::registry
