#ifndef IDEA_SERVICES_INVENTORY_EVIDENCE_EVIDENCE_SERVICE_H_
#define IDEA_SERVICES_INVENTORY_EVIDENCE_EVIDENCE_SERVICE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/peer_client.h"
#include "common/rpc/router.h"
#include "idea/inventory/v1/evidence.pb.h"
#include "services/inventory/log/log_service.h"

namespace idea::inventory {

// Implements idea.inventory.v1.EvidenceService.
class EvidenceService {
 public:
  EvidenceService(rpc::PeerClient peers, const LogService& log) : peers_(std::move(peers)), log_(log) {}

  // Binds every method.
  void Bind(rpc::Router& router);

 private:
  // Writes the file and keeps the requested part. Reads from drafting and review what was fixed when the
  // agreement was executed.
  absl::StatusOr<v1::GetEvidenceResponse> Gather(rpc::Call& call, const v1::GetEvidenceRequest& request);
  absl::StatusOr<v1::GetEvidenceResponse> GetEvidence(rpc::Call& call, const v1::GetEvidenceRequest& request,
                                                      const v1::GetEvidenceResponse& gathered);

  // Reads the executed revision as a message and as an HTML page.
  absl::Status GetDocument(rpc::Call& call, const v1::Filing& filing, v1::Evidence& document,
                           v1::Evidence& html);
  // The names of the completed routings of the executed freeze.
  absl::StatusOr<std::vector<std::string>> ListRoutings(rpc::Call& call, const v1::Filing& filing);

  const rpc::PeerClient peers_;
  const LogService& log_;
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_EVIDENCE_EVIDENCE_SERVICE_H_
