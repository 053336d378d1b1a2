#ifndef IDEA_SERVICES_REGISTRY_CERTIFICATION_CERTIFICATION_STORE_H_
#define IDEA_SERVICES_REGISTRY_CERTIFICATION_CERTIFICATION_STORE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "idea/registry/v1/certification.pb.h"

// The table of certifications (agreement 5.16).
namespace idea::registry {

// The parent in a request for the certifications of all entities.
inline constexpr char kAllEntities[] = "entities/-";

// Stores a certification. Returns ERROR_REASON_ALREADY_EXISTS if its name is taken.
absl::Status InsertCertification(storage::Transaction& db, const std::string& entity,
                                 const v1::Certification& certification);

// Returns one page, with ages as of `today`. Fails as listing::Plan does.
absl::StatusOr<v1::ListCertificationsResponse> ListCertifications(
    storage::Transaction& db, const v1::ListCertificationsRequest& request, absl::CivilDay today);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_CERTIFICATION_CERTIFICATION_STORE_H_
