#include "services/registry/certification/certification_service.h"

#include <string>

#include "common/status/status.h"
#include "services/registry/certification/certification_store.h"
#include "services/registry/contact/own_entity.h"
#include "services/registry/entity/day.h"
#include "services/registry/entity/entity_store.h"

namespace idea::registry {

void CertificationsService::Bind(rpc::Router& router) {
  router.Bind(this, &CertificationsService::CreateCertification);
  router.Bind(this, &CertificationsService::ListCertifications);
}

absl::StatusOr<v1::CreateCertificationResponse> CertificationsService::CreateCertification(
    rpc::Call& call, const v1::CreateCertificationRequest& request) {
  const std::string& entity = request.parent();
  RETURN_IF_ERROR(CheckOwn(call, entity));
  RETURN_IF_ERROR(CheckThere(call.db(), entity));
  v1::Certification certification = request.certification();
  const std::string day = DayOf(certification.certify_date()), today = DayOf(call.today());
  if (day > today) {
    return status::Error(status::Reason::ERROR_REASON_INVALID_FIELD,
                         "certification.certify_date: no day to come")
        .Field("certification.certify_date", "today or a day before");
  }
  certification.set_name(entity + "/certifications/" + day);
  certification.set_age_days(DaysBetween(day, today));
  *certification.mutable_create_time() = clock::ToProto(call.now());
  RETURN_IF_ERROR(InsertCertification(call.db(), entity, certification));
  call.Tell({.type = "CertificationCreated",
             .subject = certification.name(),
             .audience = {entity},
             .citation = "agreement 5.16",
             .summary = "Adequate data protection was certified on " + day + "."});
  v1::CreateCertificationResponse response;
  *response.mutable_certification() = std::move(certification);
  return response;
}

absl::StatusOr<v1::ListCertificationsResponse> CertificationsService::ListCertifications(
    rpc::Call& call, const v1::ListCertificationsRequest& request) {
  if (request.parent() != "entities/-") RETURN_IF_ERROR(CheckThere(call.db(), request.parent()));
  return registry::ListCertifications(call.db(), request, DayOf(call.today()));
}

}  // namespace idea::registry
