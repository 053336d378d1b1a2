#include "services/registry/accession/accession_service.h"

#include <set>
#include <string>
#include <vector>

#include "common/clock/date.h"
#include "common/status/status.h"
#include "services/registry/accession/accession_store.h"
#include "services/registry/accession/standing_rules.h"
#include "services/registry/entity/entity_store.h"
#include "services/registry/registry_events.h"

namespace idea::registry {

void AccessionService::Bind(rpc::Router& router) {
  router.Bind(this, &AccessionService::CreateAccession);
  router.Bind(this, &AccessionService::ListAccessions);
  router.Bind(this, &AccessionService::WithdrawEntity);
  router.Bind(this, &AccessionService::ConfirmSignatories);
  router.Bind(this, &AccessionService::GetLapses);
}

absl::StatusOr<v1::CreateAccessionResponse> AccessionService::CreateAccession(
    rpc::Call& call, const v1::CreateAccessionRequest& request) {
  ASSIGN_OR_RETURN(const v1::Entity entity,
                   GetEntity(call.db(), request.parent(), clock::DateText(call.today())));
  v1::Accession accession = request.accession();
  if (clock::DateText(accession.sign_date()) > clock::DateText(call.today())) {
    return status::Error(status::Reason::ERROR_REASON_INVALID_FIELD,
                         "accession.sign_date: must not be in the future")
        .Field("accession.sign_date", "must be today or earlier; leave it unset if the day is not known");
  }
  accession.set_name(
      AccessionName(entity.name(), accession.instrument(), clock::DateText(accession.sign_date())));
  *accession.mutable_create_time() = clock::ToProto(call.now());
  RETURN_IF_ERROR(InsertAccession(call.db(), entity.name(), accession, call.now()));
  call.Record({.type = kAccessionCreated,
               .subject = accession.name(),
               .audience = {entity.name()},
               .citation = "agreement 16.1",
               .summary = entity.display_name() + " " + HowSigned(accession.instrument()) + "."});
  v1::CreateAccessionResponse response;
  *response.mutable_accession() = std::move(accession);
  return response;
}

absl::StatusOr<v1::ListAccessionsResponse> AccessionService::ListAccessions(
    rpc::Call& call, const v1::ListAccessionsRequest& request) {
  RETURN_IF_ERROR(CheckExists(call.db(), request.parent()));
  return registry::ListAccessions(call.db(), request);
}

absl::StatusOr<v1::WithdrawEntityResponse> AccessionService::WithdrawEntity(
    rpc::Call& call, const v1::WithdrawEntityRequest& request) {
  const std::string day = clock::DateText(request.withdraw_date());
  ASSIGN_OR_RETURN(const v1::Entity entity, GetEntity(call.db(), request.name(), day));
  ASSIGN_OR_RETURN(const std::vector<v1::Accession> ended,
                   Withdraw(call.db(), entity.name(), day, request.evidence()));
  if (ended.empty()) {
    return status::Error(status::Reason::ERROR_REASON_NOT_SIGNATORY,
                         "no accession of the entity is in force on that day")
        .With("entity", entity.name());
  }
  call.Record({.type = kEntityWithdrawn,
               .subject = entity.name(),
               .audience = {entity.name()},
               .citation = "agreement 13.2",
               .summary = entity.display_name() + " is not a signatory from " + day + " on."});
  v1::WithdrawEntityResponse response;
  response.mutable_accessions()->Assign(ended.begin(), ended.end());
  return response;
}

absl::StatusOr<v1::ConfirmSignatoriesResponse> AccessionService::ConfirmSignatories(
    rpc::Call& call, const v1::ConfirmSignatoriesRequest& request) {
  const std::string day = clock::DateText(request.on(), call.today());
  const std::set<std::string> requested(request.entities().begin(), request.entities().end());
  ASSIGN_OR_RETURN(auto lineages, Lineages(call.db(), {requested.begin(), requested.end()}, day));
  v1::ConfirmSignatoriesResponse response;
  for (const std::string& name : request.entities()) {
    *response.add_confirmations() = Confirm(name, lineages[name], day);
  }
  return response;
}

absl::StatusOr<v1::GetLapsesResponse> AccessionService::GetLapses(rpc::Call& call,
                                                                  const v1::GetLapsesRequest&) {
  ASSIGN_OR_RETURN(const std::string version, StandingsVersion(call.db()));
  {
    const std::lock_guard lock(mutex_);
    if (version == lapses_version_) return lapses_;
  }
  ASSIGN_OR_RETURN(const std::vector<v1::Lapse> lapses, FindLapses(call.db()));
  v1::GetLapsesResponse response;
  response.mutable_lapses()->Assign(lapses.begin(), lapses.end());
  const std::lock_guard lock(mutex_);
  lapses_version_ = version;
  lapses_ = response;
  return response;
}

}  // namespace idea::registry
