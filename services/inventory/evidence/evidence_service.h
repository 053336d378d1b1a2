#ifndef IDEA_SERVICES_INVENTORY_EVIDENCE_EVIDENCE_SERVICE_H_
#define IDEA_SERVICES_INVENTORY_EVIDENCE_EVIDENCE_SERVICE_H_

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/peer_client.h"
#include "common/rpc/router.h"
#include "idea/inventory/v1/evidence.pb.h"
#include "idea/review/v1/signature.pb.h"
#include "services/inventory/evidence/evidence_writer.h"
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

  // The executed revision, as a message and as an HTML page.
  struct Document {
    v1::Evidence document, html;
  };
  absl::Status GetDocument(rpc::Call& call, const v1::Filing& filing, Document& document);
  // The names of the completed routings of the executed freeze, and of all others of the BUCP.
  struct Routings {
    std::vector<std::string> executed, others;
  };
  absl::StatusOr<Routings> ListRoutings(rpc::Call& call, const v1::Filing& filing);
  absl::StatusOr<std::vector<review::v1::Signature>> ListSignatures(rpc::Call& call,
                                                                    const std::vector<std::string>& routings);

  // The following functions write a part of the file.
  //
  // What inventory has, in one snapshot. Collects the records that are written later.
  absl::Status AddRegister(rpc::Call& call, const std::string& name, const Document& document,
                           const std::set<LogService::SigningKey>& keys,
                           std::vector<v1::HistoryRecord>& records, v1::GetEvidenceResponse& response,
                           EvidenceWriter& file);
  // The opinions on the executed freeze. Then, as records, those on other freezes and the earlier versions.
  absl::Status AddOpinions(rpc::Call& call, const Routings& routings, EvidenceWriter& file);
  absl::Status AddDisputes(rpc::Call& call, const std::string& bucp, EvidenceWriter& file);

  const rpc::PeerClient peers_;
  const LogService& log_;
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_EVIDENCE_EVIDENCE_SERVICE_H_
