#ifndef IDEA_SERVICES_INVENTORY_EVIDENCE_SERVICE_H_
#define IDEA_SERVICES_INVENTORY_EVIDENCE_SERVICE_H_

#include <utility>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "idea/inventory/v1/evidence.pb.h"
#include "services/inventory/inventory_service.h"
#include "services/inventory/log_service.h"

namespace idea::inventory {

// Puts the evidence of an agreement into one sealed file.
class EvidenceService {
 public:
  EvidenceService(InventoryService::Ask ask, const LogService& log) : ask_(std::move(ask)), log_(log) {}

  // What drafting and review have: all of it was fixed when the agreement was executed.
  absl::StatusOr<v1::Evidence> Gather(rpc::Call& call, const v1::GetEvidenceRequest& request);
  absl::StatusOr<v1::GetEvidenceResponse> GetEvidence(rpc::Call& call, const v1::GetEvidenceRequest& request,
                                                      const v1::Evidence& gathered);

 private:
  InventoryService::Ask ask_;
  const LogService& log_;
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_EVIDENCE_SERVICE_H_
