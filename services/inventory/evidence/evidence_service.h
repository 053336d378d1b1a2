#ifndef IDEA_SERVICES_INVENTORY_EVIDENCE_EVIDENCE_SERVICE_H_
#define IDEA_SERVICES_INVENTORY_EVIDENCE_EVIDENCE_SERVICE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/peer_client.h"
#include "idea/inventory/v1/evidence.pb.h"
#include "services/inventory/filing/filing_service.h"
#include "services/inventory/log/log_service.h"

namespace idea::inventory {

// Puts the evidence of an agreement into one sealed file.
class EvidenceService {
 public:
  EvidenceService(rpc::PeerClient peers, const LogService& log) : peers_(std::move(peers)), log_(log) {}

  // Writes the file and keeps the part that is asked for: drafting and review are asked in between, for what
  // was fixed when the agreement was executed.
  absl::StatusOr<v1::GetEvidenceResponse> Gather(rpc::Call& call, const v1::GetEvidenceRequest& request);
  absl::StatusOr<v1::GetEvidenceResponse> GetEvidence(rpc::Call& call, const v1::GetEvidenceRequest& request,
                                                      const v1::GetEvidenceResponse& gathered);

 private:
  // The executed revision, as a message and as a page.
  absl::Status AskForDocument(rpc::Call& call, const v1::Filing& filing, v1::Evidence& document,
                              v1::Evidence& html);
  // The completed routings of the executed freeze.
  absl::StatusOr<std::vector<std::string>> AskForRoutings(rpc::Call& call, const v1::Filing& filing);

  const rpc::PeerClient peers_;
  const LogService& log_;
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_EVIDENCE_EVIDENCE_SERVICE_H_
