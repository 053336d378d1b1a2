#include "services/registry/accessions_service.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "services/registry/accession_store.h"
#include "services/registry/entity_store.h"

namespace idea::registry {
namespace {

std::string HowSigned(v1::Instrument instrument) {
  switch (instrument) {
    case v1::INSTRUMENT_AGREEMENT_2021:
      return "signed the agreement of 2021";
    case v1::INSTRUMENT_ADDENDUM:
      return "signed an addendum";
    case v1::INSTRUMENT_STIPULATION:
      return "stipulated in writing to all terms";
    default:
      return "is on the official list of signatories";
  }
}

// What the registry knows for one question of ConfirmSignatories.
struct Known {
  std::map<std::string, v1::Entity> entities;
  std::map<std::string, v1::Instrument> signers;
};

absl::StatusOr<Known> Look(storage::Transaction& db, const v1::ConfirmSignatoriesRequest& request,
                           const std::string& day) {
  const std::set<std::string> asked(request.entities().begin(), request.entities().end());
  Known known;
  ASSIGN_OR_RETURN(known.entities, FindEntities(db, {asked.begin(), asked.end()}));
  std::set<std::string> may_have_signed;
  for (const auto& [name, entity] : known.entities) {
    may_have_signed.insert(name);
    if (!entity.parent().empty()) may_have_signed.insert(entity.parent());
  }
  ASSIGN_OR_RETURN(known.signers, SignedBy(db, {may_have_signed.begin(), may_have_signed.end()}, day));
  return known;
}

v1::SignatoryConfirmation Confirm(const std::string& name, const Known& known) {
  v1::SignatoryConfirmation answer;
  answer.set_entity(name);
  const auto entity = known.entities.find(name);
  if (entity == known.entities.end()) {
    answer.set_standing(v1::SIGNATORY_STANDING_UNKNOWN);
    answer.set_reason("The registry does not know this entity.");
    return answer;
  }
  const std::string& who = entity->second.display_name();
  if (const auto own = known.signers.find(name); own != known.signers.end()) {
    answer.set_standing(v1::SIGNATORY_STANDING_OWN_SIGNATURE);
    answer.set_reason(who + " " + HowSigned(own->second) + ".");
    return answer;
  }
  const auto agency = known.signers.find(entity->second.parent());
  if (agency != known.signers.end() && !entity->second.own_statutory_authority()) {
    answer.set_standing(v1::SIGNATORY_STANDING_COVERED_BY_AGENCY);
    answer.set_through(agency->first);
    answer.set_reason("Its agency, " + agency->first + ", " + HowSigned(agency->second) + ".");
    return answer;
  }
  answer.set_standing(v1::SIGNATORY_STANDING_NOT_SIGNATORY);
  answer.set_reason(agency != known.signers.end()
                        ? who + " has its own statutory authority: its agency's signature does not cover it."
                        : "No signature of " + who + " or of its agency is recorded for that day.");
  return answer;
}

}  // namespace

void AccessionsService::Bind(rpc::Router& router) {
  router.Bind(this, &AccessionsService::CreateAccession);
  router.Bind(this, &AccessionsService::ListAccessions);
  router.Bind(this, &AccessionsService::ConfirmSignatories);
}

absl::StatusOr<v1::CreateAccessionResponse> AccessionsService::CreateAccession(
    rpc::Call& call, const v1::CreateAccessionRequest& request) {
  ASSIGN_OR_RETURN(const v1::Entity entity, GetEntity(call.db(), request.parent()));
  v1::Accession accession = request.accession();
  accession.set_name(AccessionName(entity.name(), accession.instrument(), DayOf(accession.sign_date())));
  *accession.mutable_create_time() = clock::ToProto(call.now());
  RETURN_IF_ERROR(InsertAccession(call.db(), entity.name(), accession, call.now()));
  call.Tell({.type = "AccessionCreated",
             .subject = accession.name(),
             .audience = {entity.name()},
             .citation = "agreement 16.1",
             .summary = entity.display_name() + " " + HowSigned(accession.instrument()) + "."});
  v1::CreateAccessionResponse response;
  *response.mutable_accession() = std::move(accession);
  return response;
}

absl::StatusOr<v1::ListAccessionsResponse> AccessionsService::ListAccessions(
    rpc::Call& call, const v1::ListAccessionsRequest& request) {
  RETURN_IF_ERROR(GetEntity(call.db(), request.parent()).status());
  return registry::ListAccessions(call.db(), request);
}

absl::StatusOr<v1::ConfirmSignatoriesResponse> AccessionsService::ConfirmSignatories(
    rpc::Call& call, const v1::ConfirmSignatoriesRequest& request) {
  const std::string day = request.has_on() ? DayOf(request.on()) : DayOf(call.now());
  ASSIGN_OR_RETURN(const Known known, Look(call.db(), request, day));
  v1::ConfirmSignatoriesResponse response;
  for (const std::string& name : request.entities()) *response.add_confirmations() = Confirm(name, known);
  return response;
}

}  // namespace idea::registry
