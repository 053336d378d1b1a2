#include "services/registry/entity/entity_service.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_join.h"
#include "common/clock/date.h"
#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/rpc/peer_client.h"
#include "common/status/status.h"
#include "common/validation/field_mask.h"
#include "idea/drafting/v1/bucp.pb.h"
#include "idea/inventory/v1/filing.pb.h"
#include "services/registry/entity/entity_name.h"
#include "services/registry/entity/entity_store.h"
#include "services/registry/registry_events.h"

namespace idea::registry {
namespace {

using status::Error;
using status::Reason;

constexpr size_t kDefaultMaxResults = 10;

constexpr auto kChangeable = std::to_array<std::string_view>(
    {"display_name", "acronym", "kind", "own_statutory_authority", "source", "hipaa_status",
     "education_agency", "end_date", "parentages", "former_names", "successors"});

Error Invalid(const std::string& path, const std::string& requirement) {
  return Error(Reason::ERROR_REASON_INVALID_FIELD, path + ": " + requirement).Field(path, requirement);
}

// The requested id, or one made from the display name.
absl::StatusOr<std::string> IdOf(const v1::CreateEntityRequest& request) {
  const std::string& requested = request.entity_id();
  if (!requested.empty() && ids::Slug(requested) != requested) {
    return Invalid("entity_id", "must consist of lower-case letters, digits and single hyphens");
  }
  const std::string id = requested.empty() ? ids::Slug(request.entity().display_name()) : requested;
  if (id.empty()) return Invalid("entity_id", "required, because the display name has no letter or digit");
  return id;
}

std::string At(const char* field, int index) {
  return "entity." + std::string(field) + "[" + std::to_string(index) + "]";
}

absl::Status CheckText(const std::string& path, const std::string& text) {
  const std::string requirement = NameRequirement(text);
  if (requirement.empty()) return absl::OkStatus();
  return Invalid(path, "must be " + requirement);
}

absl::Status CheckNames(const v1::Entity& entity) {
  RETURN_IF_ERROR(CheckText("entity.display_name", entity.display_name()));
  RETURN_IF_ERROR(CheckText("entity.acronym", entity.acronym()));
  for (int i = 0; i < entity.former_names_size(); ++i) {
    const std::string at = At("former_names", i);
    RETURN_IF_ERROR(CheckText(at + ".display_name", entity.former_names(i).display_name()));
    RETURN_IF_ERROR(CheckText(at + ".acronym", entity.former_names(i).acronym()));
  }
  return absl::OkStatus();
}

absl::Status CheckParentages(const v1::Entity& entity) {
  const std::string end = clock::DateText(entity.end_date());
  for (int i = 0; i < entity.parentages_size(); ++i) {
    const v1::Parentage& parentage = entity.parentages(i);
    const std::string at = At("parentages", i), start = clock::DateText(parentage.start_date());
    if (parentage.parent() == entity.name()) return Invalid(at + ".parent", "must be another entity");
    if (i > 0 && start <= clock::DateText(entity.parentages(i - 1).start_date())) {
      return Invalid(at + ".start_date", "must be after the start_date of the previous parentage");
    }
    if (!end.empty() && start >= end)
      return Invalid(at + ".start_date", "must be before the entity's end_date");
  }
  return absl::OkStatus();
}

absl::Status CheckSuccessors(const v1::Entity& entity) {
  std::set<std::string> seen = {entity.name()};
  for (int i = 0; i < entity.successors_size(); ++i) {
    if (seen.insert(entity.successors(i).entity()).second) continue;
    return Invalid(At("successors", i) + ".entity",
                   "must be another entity, and each successor may be listed only once");
  }
  return absl::OkStatus();
}

absl::Status CheckEntity(const v1::Entity& entity) {
  RETURN_IF_ERROR(CheckNames(entity));
  RETURN_IF_ERROR(CheckParentages(entity));
  return CheckSuccessors(entity);
}

std::set<std::string> NamedBy(const v1::Entity& entity) {
  std::set<std::string> names;
  for (const v1::Parentage& parentage : entity.parentages()) names.insert(parentage.parent());
  for (const v1::Succession& succession : entity.successors()) names.insert(succession.entity());
  names.erase("");
  return names;
}

// Checks the fields of the entity, then that the entities that it names exist and that it does not report to
// itself at any depth.
absl::Status Check(storage::Transaction& db, const v1::Entity& entity) {
  RETURN_IF_ERROR(CheckEntity(entity));
  const std::set<std::string> named = NamedBy(entity);
  ASSIGN_OR_RETURN(const auto existing, FindEntities(db, {named.begin(), named.end()}, ""));
  for (const std::string& name : named) {
    if (existing.contains(name)) continue;
    return Error(Reason::ERROR_REASON_UNKNOWN_ENTITY, "an agency or a successor is not in the registry")
        .With("entity", name);
  }
  std::set<std::string> agencies;
  for (const v1::Parentage& parentage : entity.parentages()) agencies.insert(parentage.parent());
  agencies.erase("");
  ASSIGN_OR_RETURN(const bool is_above, IsAbove(db, entity.name(), agencies));
  if (is_above)
    return Invalid("entity.parentages", "must not name an agency that reports to the entity on any day");
  return absl::OkStatus();
}

bool Names(const google::protobuf::FieldMask& mask, std::string_view path) {
  return std::find(mask.paths().begin(), mask.paths().end(), path) != mask.paths().end();
}

// Copies the fields of the mask. Returns INVALID_FIELD for a path that cannot be changed.
absl::Status Apply(const v1::UpdateEntityRequest& request, absl::CivilDay today, v1::Entity& entity) {
  ASSIGN_OR_RETURN(const auto mask, validation::ChangeableFields(request.update_mask(), kChangeable));
  const v1::Entity before = entity;
  validation::ReplaceFields(request.entity(), mask, &entity);
  if (entity.hipaa_status() == v1::HIPAA_STATUS_UNSPECIFIED) {
    entity.set_hipaa_status(v1::HIPAA_STATUS_UNKNOWN);
  }
  if (entity.display_name() != before.display_name() && !Names(mask, "former_names")) {
    v1::FormerName& former = *entity.add_former_names();
    former.set_display_name(before.display_name());
    former.set_acronym(before.acronym());
    *former.mutable_end_date() = clock::DateOf(today);
  }
  return absl::OkStatus();
}

}  // namespace

void EntityService::Bind(rpc::Router& router) {
  router.Bind(this, &EntityService::CreateEntity);
  router.Bind(this, &EntityService::GetEntity);
  router.Bind(this, &EntityService::ListEntities);
  router.Bind(this, &EntityService::SearchEntities);
  router.Bind(this, &EntityService::UpdateEntity);
  router.Bind(this, &EntityService::SetGovernorAuthority);
  router.Bind(this, &EntityService::GatherReferences, &EntityService::DeleteEntity);
}

absl::StatusOr<v1::CreateEntityResponse> EntityService::CreateEntity(rpc::Call& call,
                                                                     const v1::CreateEntityRequest& request) {
  ASSIGN_OR_RETURN(const std::string id, IdOf(request));
  v1::Entity entity = request.entity();
  entity.set_name(ids::kEntities.Name(id));
  entity.set_governor_authority(v1::GOVERNOR_AUTHORITY_UNKNOWN);
  if (entity.hipaa_status() == v1::HIPAA_STATUS_UNSPECIFIED) {
    entity.set_hipaa_status(v1::HIPAA_STATUS_UNKNOWN);
  }
  if (!entity.parent().empty()) {
    if (entity.parentages_size() > 0) return Invalid("entity.parent", "set either parent or parentages");
    entity.add_parentages()->set_parent(entity.parent());
  }
  RETURN_IF_ERROR(Check(call.db(), entity));
  RETURN_IF_ERROR(InsertEntity(call.db(), entity, call.now()));
  v1::CreateEntityResponse response;
  ASSIGN_OR_RETURN(*response.mutable_entity(),
                   registry::GetEntity(call.db(), entity.name(), clock::DateText(call.today())));
  call.Record({.type = kEntityCreated,
               .subject = entity.name(),
               .audience = {entity.name()},
               .citation = "agreement 4",
               .summary = entity.display_name() + " was added to the registry."});
  return response;
}

absl::StatusOr<v1::GetEntityResponse> EntityService::GetEntity(rpc::Call& call,
                                                               const v1::GetEntityRequest& request) {
  v1::GetEntityResponse response;
  ASSIGN_OR_RETURN(
      *response.mutable_entity(),
      registry::GetEntity(call.db(), request.name(), clock::DateText(request.on(), call.today())));
  return response;
}

absl::StatusOr<v1::ListEntitiesResponse> EntityService::ListEntities(rpc::Call& call,
                                                                     const v1::ListEntitiesRequest& request) {
  return registry::ListEntities(call.db(), request, clock::DateText(request.on(), call.today()));
}

absl::StatusOr<v1::SearchEntitiesResponse> EntityService::SearchEntities(
    rpc::Call& call, const v1::SearchEntitiesRequest& request) {
  ASSIGN_OR_RETURN(const std::vector<SearchableName> searchable, AllSearchableNames(call.db()));
  const size_t max_results =
      request.max_results() == 0 ? kDefaultMaxResults : static_cast<size_t>(request.max_results());
  const std::vector<SearchMatch> found = Search(request.query(), searchable, max_results);
  std::vector<std::string> names;
  for (const SearchMatch& one : found) names.push_back(one.entity);
  ASSIGN_OR_RETURN(auto entities, FindEntities(call.db(), names, clock::DateText(call.today())));
  v1::SearchEntitiesResponse response;
  for (const SearchMatch& one : found) {
    v1::EntityMatch& match = *response.add_matches();
    *match.mutable_entity() = std::move(entities.at(one.entity));
    match.set_match(one.match);
    match.set_matched_text(one.matched_text);
  }
  return response;
}

absl::StatusOr<v1::UpdateEntityResponse> EntityService::UpdateEntity(rpc::Call& call,
                                                                     const v1::UpdateEntityRequest& request) {
  const std::string& name = request.entity().name();
  if (!ids::MatchesPattern(name, "entities/*"))
    return Invalid("entity.name", "must have the form entities/{entity}");
  const std::string today = clock::DateText(call.today());
  ASSIGN_OR_RETURN(v1::Entity entity, registry::GetEntity(call.db(), name, today));
  if (!request.entity().etag().empty() && request.entity().etag() != entity.etag()) {
    return Error(Reason::ERROR_REASON_STALE_ETAG, "the entity was changed since it was read")
        .With("etag", entity.etag());
  }
  RETURN_IF_ERROR(Apply(request, call.today(), entity));
  RETURN_IF_ERROR(Check(call.db(), entity));
  RETURN_IF_ERROR(registry::UpdateEntity(call.db(), entity, call.now()));
  call.Record({.type = kEntityUpdated,
               .subject = name,
               .audience = {name},
               .citation = "agreement 4",
               .summary = entity.display_name() + ": changed " +
                          absl::StrJoin(request.update_mask().paths(), ", ") + "."});
  v1::UpdateEntityResponse response;
  ASSIGN_OR_RETURN(*response.mutable_entity(), registry::GetEntity(call.db(), name, today));
  return response;
}

absl::StatusOr<v1::SetGovernorAuthorityResponse> EntityService::SetGovernorAuthority(
    rpc::Call& call, const v1::SetGovernorAuthorityRequest& request) {
  const std::string today = clock::DateText(call.today());
  ASSIGN_OR_RETURN(v1::Entity entity, registry::GetEntity(call.db(), request.name(), today));
  entity.set_governor_authority(request.governor_authority());
  RETURN_IF_ERROR(registry::UpdateEntity(call.db(), entity, call.now()));
  call.Record({.type = kGovernorAuthoritySet,
               .subject = request.name(),
               .audience = {request.name()},
               .citation = "agreement 6.1",
               .summary = entity.display_name() + ": " +
                          v1::GovernorAuthority_Name(request.governor_authority()) + "."});
  v1::SetGovernorAuthorityResponse response;
  ASSIGN_OR_RETURN(*response.mutable_entity(), registry::GetEntity(call.db(), request.name(), today));
  return response;
}

absl::StatusOr<References> EntityService::GatherReferences(rpc::Call& call,
                                                           const v1::DeleteEntityRequest& request) {
  const std::string filter = "party = \"" + request.name() + "\"";
  References references;
  // A signer is an education agency that is not a party.
  for (const std::string& named : {filter, "signer = \"" + request.name() + "\""}) {
    drafting::v1::ListBucpsRequest list;
    list.set_filter(named);
    ASSIGN_OR_RETURN(const auto bucps, peers_.ListAll<drafting::v1::ListBucpsResponse>(call.context(), list));
    for (const auto& bucp : bucps.bucps()) references.push_back(bucp.name());
  }
  inventory::v1::ListFilingsRequest filings;
  filings.set_filter(filter);
  ASSIGN_OR_RETURN(const auto filed,
                   peers_.ListAll<inventory::v1::ListFilingsResponse>(call.context(), filings));
  for (const auto& filing : filed.filings()) references.push_back(filing.name());
  return references;
}

absl::StatusOr<v1::DeleteEntityResponse> EntityService::DeleteEntity(rpc::Call& call,
                                                                     const v1::DeleteEntityRequest& request,
                                                                     const References& references) {
  constexpr int kMaxReferencesListed = 10;
  v1::DeleteEntityResponse response;
  ASSIGN_OR_RETURN(*response.mutable_entity(),
                   registry::GetEntity(call.db(), request.name(), clock::DateText(call.today())));
  const v1::Entity& entity = response.entity();
  if (!request.etag().empty() && request.etag() != entity.etag()) {
    return Error(Reason::ERROR_REASON_STALE_ETAG, "the entity was changed since it was read")
        .With("etag", entity.etag());
  }
  ASSIGN_OR_RETURN(References all, ReferencesTo(call.db(), entity.name()));
  all.insert(all.end(), references.begin(), references.end());
  if (!all.empty()) {
    Error error(Reason::ERROR_REASON_ENTITY_REFERENCED,
                entity.display_name() + " cannot be removed: " + std::to_string(all.size()) +
                    " resources name it, the first is " + all.front());
    for (size_t i = 0; i < all.size() && i < kMaxReferencesListed; ++i) {
      error.Precondition("REFERENCE", all[i], "names the entity");
    }
    return error;
  }
  RETURN_IF_ERROR(RemoveEntity(call.db(), entity));
  call.Record({.type = kEntityDeleted,
               .subject = entity.name(),
               .audience = {call.caller().entity},
               .citation = "agreement 4",
               .summary = entity.display_name() +
                          " was removed from the registry, to which it was added by mistake."});
  return response;
}

}  // namespace idea::registry
