#include "services/registry/entities_service.h"

#include <string>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/registry/accession_store.h"
#include "services/registry/entity_store.h"
#include "services/registry/signatory_list.h"

namespace idea::registry {
namespace {

using status::Reason;

// The id asked for, or one made of the display name.
absl::StatusOr<std::string> IdOf(const v1::CreateEntityRequest& request) {
  const std::string& wanted = request.entity_id();
  if (!wanted.empty() && ids::Slug(wanted) != wanted) {
    return status::Error(Reason::ERROR_REASON_INVALID_FIELD,
                         "entity_id: lower-case letters, digits and hyphens")
        .Field("entity_id", "lower-case letters, digits and single hyphens");
  }
  const std::string id = wanted.empty() ? ids::Slug(request.entity().display_name()) : wanted;
  if (id.empty()) {
    return status::Error(Reason::ERROR_REASON_INVALID_FIELD,
                         "entity_id: cannot be made from the display name")
        .Field("entity_id", "is wanted where the display name has no letter or digit");
  }
  return id;
}

// Stores one placed row, unless it is known, and its accession, unless the name is empty.
absl::Status StoreRow(rpc::Call& call, const PlacedRow& placed, const std::string& accession_name,
                      v1::Instrument instrument) {
  if (!placed.known) {
    v1::Entity entity;
    entity.set_name(placed.name);
    entity.set_display_name(placed.row.display_name);
    entity.set_acronym(placed.row.acronym);
    entity.set_kind(placed.row.kind);
    entity.set_parent(placed.parent);
    entity.set_governor_authority(v1::GOVERNOR_AUTHORITY_UNKNOWN);
    entity.set_source(placed.row.source);
    RETURN_IF_ERROR(InsertEntity(call.db(), entity, call.now()));
  }
  if (accession_name.empty()) return absl::OkStatus();
  v1::Accession accession;
  accession.set_name(accession_name);
  accession.set_instrument(instrument);
  accession.set_evidence(placed.row.source);
  return InsertAccession(call.db(), placed.name, accession, call.now());
}

std::string SummaryOf(const v1::ImportSignatoriesResponse& done) {
  return "List of signatories imported: " + std::to_string(done.rows_read()) + " rows, " +
         std::to_string(done.entities_added()) + " new entities, " + std::to_string(done.accessions_added()) +
         " new accessions, " + std::to_string(done.problems_size()) + " problems.";
}

}  // namespace

void EntitiesService::Bind(rpc::Router& router) {
  router.Bind(this, &EntitiesService::CreateEntity);
  router.Bind(this, &EntitiesService::GetEntity);
  router.Bind(this, &EntitiesService::ListEntities);
  router.Bind(this, &EntitiesService::SetGovernorAuthority);
  router.Bind(this, &EntitiesService::ImportSignatories);
}

absl::StatusOr<v1::CreateEntityResponse> EntitiesService::CreateEntity(
    rpc::Call& call, const v1::CreateEntityRequest& request) {
  ASSIGN_OR_RETURN(const std::string id, IdOf(request));
  v1::Entity entity = request.entity();
  entity.set_name("entities/" + id);
  entity.set_governor_authority(v1::GOVERNOR_AUTHORITY_UNKNOWN);
  if (!entity.parent().empty()) {
    ASSIGN_OR_RETURN(const auto parent, FindEntity(call.db(), entity.parent()));
    if (!parent) {
      return status::Error(Reason::ERROR_REASON_UNKNOWN_ENTITY, "the parent is not in the registry")
          .With("entity", entity.parent());
    }
  }
  RETURN_IF_ERROR(InsertEntity(call.db(), entity, call.now()));
  v1::CreateEntityResponse response;
  ASSIGN_OR_RETURN(*response.mutable_entity(), registry::GetEntity(call.db(), entity.name()));
  call.Tell({.type = "EntityCreated",
             .subject = entity.name(),
             .audience = {entity.name()},
             .citation = "agreement 4",
             .summary = entity.display_name() + " was added to the registry."});
  return response;
}

absl::StatusOr<v1::GetEntityResponse> EntitiesService::GetEntity(rpc::Call& call,
                                                                 const v1::GetEntityRequest& request) {
  v1::GetEntityResponse response;
  ASSIGN_OR_RETURN(*response.mutable_entity(), registry::GetEntity(call.db(), request.name()));
  return response;
}

absl::StatusOr<v1::ListEntitiesResponse> EntitiesService::ListEntities(
    rpc::Call& call, const v1::ListEntitiesRequest& request) {
  return registry::ListEntities(call.db(), request);
}

absl::StatusOr<v1::SetGovernorAuthorityResponse> EntitiesService::SetGovernorAuthority(
    rpc::Call& call, const v1::SetGovernorAuthorityRequest& request) {
  ASSIGN_OR_RETURN(const v1::Entity read, registry::GetEntity(call.db(), request.name()));
  RETURN_IF_ERROR(UpdateGovernorAuthority(call.db(), read, request.governor_authority(), call.now()));
  v1::SetGovernorAuthorityResponse response;
  ASSIGN_OR_RETURN(*response.mutable_entity(), registry::GetEntity(call.db(), request.name()));
  call.Tell({.type = "GovernorAuthoritySet",
             .subject = request.name(),
             .audience = {request.name()},
             .citation = "agreement 6.1",
             .summary = read.display_name() + ": " +
                        v1::GovernorAuthority_Name(request.governor_authority()) + "."});
  return response;
}

absl::StatusOr<v1::ImportSignatoriesResponse> EntitiesService::ImportSignatories(
    rpc::Call& call, const v1::ImportSignatoriesRequest& request) {
  ASSIGN_OR_RETURN(SignatoryList list, ReadSignatories(request.csv()));
  ASSIGN_OR_RETURN(const auto known, EntityNames(call.db()));
  ASSIGN_OR_RETURN(const auto accessions, AccessionNames(call.db()));
  v1::ImportSignatoriesResponse response;
  response.set_rows_read(list.rows_read);
  for (const PlacedRow& placed : PlaceSignatories(list, known)) {
    const v1::Instrument instrument = InstrumentOf(placed.row.source);
    std::string accession = AccessionName(placed.name, instrument, "");
    const bool signs = instrument != v1::INSTRUMENT_UNSPECIFIED && !accessions.contains(accession);
    if (!signs) accession.clear();
    RETURN_IF_ERROR(StoreRow(call, placed, accession, instrument));
    response.set_entities_added(response.entities_added() + (placed.known ? 0 : 1));
    response.set_accessions_added(response.accessions_added() + (signs ? 1 : 0));
    response.set_unchanged(response.unchanged() + (placed.known && !signs ? 1 : 0));
  }
  response.mutable_problems()->Assign(list.problems.begin(), list.problems.end());
  call.Tell({.type = "SignatoriesImported",
             .subject = "entities",
             .citation = "guidebook step 2",
             .summary = SummaryOf(response)});
  return response;
}

}  // namespace idea::registry
