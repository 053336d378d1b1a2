#include "services/registry/entity/entity_store.h"

#include <utility>

#include "common/clock/date.h"
#include "common/listing/listing.h"
#include "common/status/status.h"
#include "services/registry/entity/entity_name.h"

namespace idea::registry {
namespace {

using status::Reason;

// $1 is the day.
constexpr char kSelect[] =
    "SELECT name, display_name, acronym, kind, parent, own_statutory_authority, governor_authority, source, "
    "version, created, updated, hipaa_status, education_agency, end_date FROM (SELECT e.name, "
    "e.display_name, "
    "e.acronym, e.kind, COALESCE(p.parent, '') AS parent, e.own_statutory_authority, e.governor_authority, "
    "e.source, e.version, e.created, e.updated, e.hipaa_status, e.education_agency, e.end_date FROM entities "
    "e "
    "LEFT JOIN parentages p ON p.entity = e.name AND p.start_date <= $1 AND (p.end_date = '' OR p.end_date > "
    "$1)) AS entity WHERE ";

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
  entity.set_hipaa_status(static_cast<v1::HipaaStatus>(row.Int(11)));
  entity.set_education_agency(row.Int(12) != 0);
  if (!row.Text(13).empty()) *entity.mutable_end_date() = clock::DateFromText(row.Text(13));
  return entity;
}

const listing::Spec& Listed() {
  using listing::Kind;
  static const listing::Spec spec = {
      .fields = {{"display_name", "display_name", Kind::kText},
                 {"acronym", "acronym", Kind::kText},
                 {"kind", "kind", Kind::kEnum, v1::EntityKind_descriptor()},
                 {"parent", "parent", Kind::kText},
                 {"governor_authority", "governor_authority", Kind::kEnum,
                  v1::GovernorAuthority_descriptor()},
                 {"own_statutory_authority", "own_statutory_authority", Kind::kFlag},
                 {"hipaa_status", "hipaa_status", Kind::kEnum, v1::HipaaStatus_descriptor()},
                 {"education_agency", "education_agency", Kind::kFlag}},
      .order_column = "name",
      .order_is_text = true,
      .id_column = "name",
      .descending = false};
  return spec;
}

// Adds their history to the entities. `where` and `args` select the names, which must include theirs.
absl::Status ReadHistory(storage::Transaction& db, const std::string& where, const storage::Args& args,
                         const std::map<std::string, v1::Entity*>& entities) {
  const auto each = [&](const std::string& select, const std::string& order, auto add) -> absl::Status {
    ASSIGN_OR_RETURN(const storage::Rows rows, db.Query(select + where + " ORDER BY entity, " + order, args));
    for (const storage::Row& row : rows) {
      if (const auto found = entities.find(row.Text(0)); found != entities.end()) add(row, *found->second);
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(each("SELECT entity, parent, start_date FROM parentages", "start_date",
                       [](const storage::Row& row, v1::Entity& entity) {
                         v1::Parentage& parentage = *entity.add_parentages();
                         parentage.set_parent(row.Text(1));
                         if (!row.Text(2).empty())
                           *parentage.mutable_start_date() = clock::DateFromText(row.Text(2));
                       }));
  RETURN_IF_ERROR(each("SELECT entity, display_name, acronym, end_date FROM former_names", "position",
                       [](const storage::Row& row, v1::Entity& entity) {
                         v1::FormerName& former = *entity.add_former_names();
                         former.set_display_name(row.Text(1));
                         former.set_acronym(row.Text(2));
                         if (!row.Text(3).empty())
                           *former.mutable_end_date() = clock::DateFromText(row.Text(3));
                       }));
  return each("SELECT entity, successor, start_date FROM successions", "position",
              [](const storage::Row& row, v1::Entity& entity) {
                v1::Succession& succession = *entity.add_successors();
                succession.set_entity(row.Text(1));
                if (!row.Text(2).empty()) *succession.mutable_start_date() = clock::DateFromText(row.Text(2));
              });
}

absl::Status InsertHistory(storage::Transaction& db, const v1::Entity& entity) {
  for (int i = 0; i < entity.parentages_size(); ++i) {
    const v1::Parentage& parentage = entity.parentages(i);
    const bool last = i + 1 == entity.parentages_size();
    RETURN_IF_ERROR(
        db.Execute("INSERT INTO parentages (entity, start_date, end_date, parent) VALUES ($1, $2, $3, $4)",
                   {entity.name(), clock::DateText(parentage.start_date()),
                    last ? "" : clock::DateText(entity.parentages(i + 1).start_date()), parentage.parent()})
            .status());
  }
  for (int i = 0; i < entity.former_names_size(); ++i) {
    const v1::FormerName& former = entity.former_names(i);
    RETURN_IF_ERROR(db.Execute("INSERT INTO former_names (entity, position, display_name, acronym, end_date) "
                               "VALUES ($1, $2, $3, $4, $5)",
                               {entity.name(), int64_t{i}, former.display_name(), former.acronym(),
                                clock::DateText(former.end_date())})
                        .status());
  }
  for (int i = 0; i < entity.successors_size(); ++i) {
    const v1::Succession& succession = entity.successors(i);
    RETURN_IF_ERROR(
        db.Execute("INSERT INTO successions (entity, position, successor, start_date) VALUES "
                   "($1, $2, $3, $4)",
                   {entity.name(), int64_t{i}, succession.entity(), clock::DateText(succession.start_date())})
            .status());
  }
  return absl::OkStatus();
}

absl::Status FailIfExists(const absl::Status& status, const std::string& name) {
  if (!absl::IsAlreadyExists(status)) return status;
  return status::Error(Reason::ERROR_REASON_ALREADY_EXISTS,
                       "another entity has this id or a display name that looks the same")
      .With("entity", name);
}

}  // namespace

std::string InList(size_t first, size_t count) {
  std::string list = "($" + std::to_string(first);
  for (size_t i = 1; i < count; ++i) list += ", $" + std::to_string(first + i);
  return list + ")";
}

absl::Status InsertEntity(storage::Transaction& db, const v1::Entity& entity, clock::Micros now) {
  const auto added = db.Execute(
      "INSERT INTO entities (name, display_name, name_key, acronym, kind, own_statutory_authority, "
      "governor_authority, source, hipaa_status, education_agency, end_date, version, created, updated) "
      "VALUES "
      "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $12)",
      {entity.name(), entity.display_name(), NameKey(entity.display_name()), entity.acronym(),
       int64_t{entity.kind()}, int64_t{entity.own_statutory_authority()},
       int64_t{entity.governor_authority()}, entity.source(), int64_t{entity.hipaa_status()},
       int64_t{entity.education_agency()}, clock::DateText(entity.end_date()), now});
  RETURN_IF_ERROR(FailIfExists(added.status(), entity.name()));
  return InsertHistory(db, entity);
}

absl::StatusOr<v1::Entity> GetEntity(storage::Transaction& db, const std::string& name,
                                     const std::string& day) {
  ASSIGN_OR_RETURN(auto found, FindEntities(db, {name}, day));
  if (found.empty())
    return status::Error(Reason::ERROR_REASON_NOT_FOUND, "this entity does not exist").With("name", name);
  return std::move(found.begin()->second);
}

absl::Status CheckExists(storage::Transaction& db, const std::string& name) {
  ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT name FROM entities WHERE name = $1", {name}));
  if (row) return absl::OkStatus();
  return status::Error(Reason::ERROR_REASON_NOT_FOUND, "this entity does not exist").With("name", name);
}

absl::StatusOr<std::map<std::string, v1::Entity>> FindEntities(storage::Transaction& db,
                                                               const std::vector<std::string>& names,
                                                               const std::string& day) {
  std::map<std::string, v1::Entity> found;
  if (names.empty()) return found;
  storage::Args args = {day};
  args.insert(args.end(), names.begin(), names.end());
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query(std::string(kSelect) + "name IN " + InList(2, names.size()), args));
  std::map<std::string, v1::Entity*> entities;
  for (const storage::Row& row : rows) {
    entities[row.Text(0)] = &found.emplace(row.Text(0), EntityOf(row)).first->second;
  }
  RETURN_IF_ERROR(ReadHistory(db, " WHERE entity IN " + InList(1, names.size()),
                              storage::Args(names.begin(), names.end()), entities));
  return found;
}

absl::StatusOr<std::map<std::string, v1::Entity>> AllEntities(storage::Transaction& db,
                                                              const std::string& day) {
  ASSIGN_OR_RETURN(const storage::Rows rows, db.Query(std::string(kSelect) + "1 = 1", {day}));
  std::map<std::string, v1::Entity> found;
  std::map<std::string, v1::Entity*> entities;
  for (const storage::Row& row : rows) {
    entities[row.Text(0)] = &found.emplace(row.Text(0), EntityOf(row)).first->second;
  }
  RETURN_IF_ERROR(ReadHistory(db, "", {}, entities));
  return found;
}

absl::StatusOr<v1::ListEntitiesResponse> ListEntities(storage::Transaction& db,
                                                      const v1::ListEntitiesRequest& request,
                                                      const std::string& day) {
  ASSIGN_OR_RETURN(const listing::Page page, listing::Plan(Listed(), request, "", {day}));
  ASSIGN_OR_RETURN(storage::Rows rows, db.Query(kSelect + page.where + page.tail, page.args));
  v1::ListEntitiesResponse response;
  response.set_next_page_token(page.Finish(rows, 0, 0));
  if (rows.empty()) return response;
  std::map<std::string, v1::Entity*> entities;
  for (const storage::Row& row : rows) *response.add_entities() = EntityOf(row);
  for (v1::Entity& entity : *response.mutable_entities()) entities[entity.name()] = &entity;
  RETURN_IF_ERROR(ReadHistory(db, " WHERE entity >= $1 AND entity <= $2",
                              {rows.front().Text(0), rows.back().Text(0)}, entities));
  return response;
}

absl::StatusOr<std::vector<SearchableName>> AllSearchableNames(storage::Transaction& db) {
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT name, display_name, acronym FROM entities UNION ALL "
                            "SELECT entity, display_name, acronym FROM former_names",
                            {}));
  std::vector<SearchableName> names;
  for (const storage::Row& row : rows) {
    names.push_back({row.Text(0), row.Text(1)});
    if (!row.Text(2).empty()) names.push_back({row.Text(0), row.Text(2)});
  }
  return names;
}

absl::StatusOr<bool> IsAbove(storage::Transaction& db, const std::string& entity,
                             const std::set<std::string>& agencies) {
  if (agencies.empty()) return false;
  storage::Args args = {entity};
  args.insert(args.end(), agencies.begin(), agencies.end());
  ASSIGN_OR_RETURN(
      const auto row,
      db.QueryOne("WITH RECURSIVE above (entity) AS (SELECT name FROM entities WHERE name IN " +
                      InList(2, agencies.size()) +
                      " UNION SELECT p.parent FROM above JOIN parentages p ON p.entity = above.entity) "
                      "SELECT entity FROM above WHERE entity = $1",
                  args));
  return row.has_value();
}

absl::Status UpdateEntity(storage::Transaction& db, const v1::Entity& entity, clock::Micros now) {
  const auto changed = db.Execute(
      "UPDATE entities SET display_name = $1, name_key = $2, acronym = $3, kind = $4, "
      "own_statutory_authority = $5, governor_authority = $6, source = $7, hipaa_status = $8, "
      "education_agency = $9, end_date = $10, updated = $11, version = version + 1 "
      "WHERE name = $12 AND version = $13",
      {entity.display_name(), NameKey(entity.display_name()), entity.acronym(), int64_t{entity.kind()},
       int64_t{entity.own_statutory_authority()}, int64_t{entity.governor_authority()}, entity.source(),
       int64_t{entity.hipaa_status()}, int64_t{entity.education_agency()}, clock::DateText(entity.end_date()),
       now, entity.name(), int64_t{std::stoll(entity.etag())}});
  RETURN_IF_ERROR(FailIfExists(changed.status(), entity.name()));
  if (*changed == 0) {
    return status::Error(Reason::ERROR_REASON_CONCURRENT_CHANGE, "the entity was changed at the same moment");
  }
  for (const char* table : {"parentages", "former_names", "successions"}) {
    RETURN_IF_ERROR(
        db.Execute("DELETE FROM " + std::string(table) + " WHERE entity = $1", {entity.name()}).status());
  }
  return InsertHistory(db, entity);
}

absl::StatusOr<std::vector<std::string>> ReferencesTo(storage::Transaction& db, const std::string& entity) {
  // A delegation refers to contacts, so it needs no query.
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT name FROM contacts WHERE entity = $1 "
                            "UNION SELECT name FROM certifications WHERE entity = $1 "
                            "UNION SELECT entity FROM parentages WHERE parent = $1 "
                            "UNION SELECT entity FROM successions WHERE successor = $1 "
                            "ORDER BY 1 LIMIT 10",
                            {entity}));
  std::vector<std::string> names;
  for (const storage::Row& row : rows) names.push_back(row.Text(0));
  return names;
}

absl::Status RemoveEntity(storage::Transaction& db, const v1::Entity& entity) {
  for (const char* table : {"accessions", "parentages", "former_names", "successions"}) {
    RETURN_IF_ERROR(
        db.Execute("DELETE FROM " + std::string(table) + " WHERE entity = $1", {entity.name()}).status());
  }
  ASSIGN_OR_RETURN(const auto removed, db.Execute("DELETE FROM entities WHERE name = $1 AND version = $2",
                                                  {entity.name(), int64_t{std::stoll(entity.etag())}}));
  if (removed > 0) return absl::OkStatus();
  return status::Error(Reason::ERROR_REASON_CONCURRENT_CHANGE, "the entity was changed at the same moment");
}

}  // namespace idea::registry
