#include "services/registry/certification/certification_service.h"

#include <string>

#include "common/clock/date.h"
#include "common/ids/resource_names.h"
#include "common/status/status.h"
#include "services/registry/certification/certification_store.h"
#include "services/registry/contact/contact_access.h"
#include "services/registry/entity/entity_store.h"
#include "services/registry/registry_events.h"

namespace idea::registry {

void CertificationService::Bind(rpc::Router& router) {
  router.Bind(this, &CertificationService::CreateCertification);
  router.Bind(this, &CertificationService::ListCertifications);
}

absl::StatusOr<v1::CreateCertificationResponse> CertificationService::CreateCertification(
    rpc::Call& call, const v1::CreateCertificationRequest& request) {
  const std::string& entity = request.parent();
  RETURN_IF_ERROR(CheckOwn(call, entity));
  RETURN_IF_ERROR(CheckExists(call.db(), entity));
  v1::Certification certification = request.certification();
  const std::string day = clock::DateText(certification.certify_date());
  if (day > clock::DateText(call.today())) {
    return status::Error(status::Reason::ERROR_REASON_INVALID_FIELD,
                         "certification.certify_date: must not be in the future")
        .Field("certification.certify_date", "must be today or earlier");
  }
  certification.set_name(ids::kCertifications.Name(entity, day));
  certification.set_age_days(static_cast<int32_t>(call.today() - clock::DayOf(certification.certify_date())));
  *certification.mutable_create_time() = clock::ToProto(call.now());
  RETURN_IF_ERROR(InsertCertification(call.db(), entity, certification));
  call.Record({.type = kCertificationCreated,
               .subject = certification.name(),
               .audience = {entity},
               .citation = "agreement 5.16",
               .summary = "Adequate data protection was certified on " + day + "."});
  v1::CreateCertificationResponse response;
  *response.mutable_certification() = std::move(certification);
  return response;
}

absl::StatusOr<v1::ListCertificationsResponse> CertificationService::ListCertifications(
    rpc::Call& call, const v1::ListCertificationsRequest& request) {
  if (request.parent() != kAllEntities) RETURN_IF_ERROR(CheckExists(call.db(), request.parent()));
  return registry::ListCertifications(call.db(), request, call.today());
}

}  // namespace idea::registry
