#ifndef IDEA_SERVICES_INVENTORY_FILING_FILING_SERVICE_H_
#define IDEA_SERVICES_INVENTORY_FILING_FILING_SERVICE_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/peer_client.h"
#include "common/rpc/router.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/inventory/v1/filing.pb.h"
#include "idea/inventory/v1/terms.pb.h"
#include "services/inventory/filing/filing_transition.h"
#include "services/inventory/log/log_service.h"

namespace idea::inventory {

// The agreement to be filed, as drafting and review have it.
struct Executed {
  drafting::v1::Bucp bucp;
  // The digest of each signature.
  std::vector<std::string> signed_digests;
};

// Implements the methods of InventoryService on filings, except TerminateFiling
// (services/inventory/notice/termination_service.h).
class FilingService {
 public:
  // `log` gets an entry of every filing and every end. `cdo_entity` is in the audience of every event.
  FilingService(rpc::PeerClient peers, const LogService& log, std::string cdo_entity)
      : peers_(std::move(peers)), log_(log), cdo_entity_(std::move(cdo_entity)) {}

  // Binds every method.
  void Bind(rpc::Router& router);

 private:
  // Reads from drafting whether the BUCP is executed and what it amends: the command alone ends no agreement.
  absl::StatusOr<drafting::v1::Bucp> GatherForExecution(rpc::Call& call,
                                                        const v1::RecordExecutionRequest& request);
  absl::StatusOr<v1::RecordExecutionResponse> RecordExecution(rpc::Call& call,
                                                              const v1::RecordExecutionRequest& request,
                                                              const drafting::v1::Bucp& executed);

  absl::StatusOr<Executed> GatherForFiling(rpc::Call& call, const v1::FileBucpRequest& request);
  absl::StatusOr<v1::FileBucpResponse> FileBucp(rpc::Call& call, const v1::FileBucpRequest& request,
                                                const Executed& executed);
  absl::StatusOr<v1::GetFilingResponse> GetFiling(rpc::Call& call, const v1::GetFilingRequest& request);
  absl::StatusOr<v1::GetTermsResponse> GetTerms(rpc::Call& call, const v1::GetTermsRequest& request);
  absl::StatusOr<v1::ListFilingsResponse> ListFilings(rpc::Call& call, const v1::ListFilingsRequest& request);

  absl::StatusOr<drafting::v1::Bucp> GetBucp(rpc::Call& call, const std::string& name) const;
  // Returns the filing of an executed BUCP. Stores it if it is new. Fails as CheckAmends does.
  absl::StatusOr<v1::Filing> Enter(rpc::Call& call, const drafting::v1::Bucp& executed);
  // Ends the agreement that an amendment amends, if it is in force. Runs in the transaction of Enter.
  absl::Status EndAmended(rpc::Call& call, const v1::Filing& amendment);
  StepScope ScopeOf(rpc::Call& call) const;
  void RecordEvent(rpc::Call& call, const v1::Filing& filing, std::string_view type,
                   std::string_view citation, std::string summary) const;

  const rpc::PeerClient peers_;
  const LogService& log_;
  const std::string cdo_entity_;
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_FILING_FILING_SERVICE_H_
