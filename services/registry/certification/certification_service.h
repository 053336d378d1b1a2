#ifndef IDEA_SERVICES_REGISTRY_CERTIFICATION_CERTIFICATION_SERVICE_H_
#define IDEA_SERVICES_REGISTRY_CERTIFICATION_CERTIFICATION_SERVICE_H_

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "idea/registry/v1/certification.pb.h"

namespace idea::registry {

// The methods of RegistryService on certifications, as registry.proto describes them.
class CertificationService {
 public:
  void Bind(rpc::Router& router);

  absl::StatusOr<v1::CreateCertificationResponse> CreateCertification(
      rpc::Call& call, const v1::CreateCertificationRequest& request);
  absl::StatusOr<v1::ListCertificationsResponse> ListCertifications(
      rpc::Call& call, const v1::ListCertificationsRequest& request);
};

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_CERTIFICATION_CERTIFICATION_SERVICE_H_
