#ifndef IDEA_SERVICES_INVENTORY_FILING_FILING_SERVICE_H_
#define IDEA_SERVICES_INVENTORY_FILING_FILING_SERVICE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/peer_client.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/inventory/v1/filing.pb.h"
#include "idea/inventory/v1/terms.pb.h"
#include "services/inventory/log/log_service.h"
#include "services/inventory/notice/notice_service.h"

namespace idea::inventory {

// What drafting and review say of the agreement that is to be filed.
struct Executed {
  drafting::v1::Bucp bucp;
  // Digests that the signatures are bound to, one a signature.
  std::vector<std::string> signed_digests;
};

// The work of InventoryService; each method is the rpc of the same name, and
// protos/idea/inventory/v1/inventory.proto says what it does.
class InventoryService {
 public:
  // `log` gets an entry of every filing and every end, and `cdo_entity` hears of them; `notices` of
  // terminations are given.
  InventoryService(rpc::PeerClient peers, const LogService& log, std::string cdo_entity,
                   const NoticeService& notices)
      : peers_(std::move(peers)), log_(log), cdo_entity_(std::move(cdo_entity)), notices_(notices) {}

  // A command of drafting: whether the BUCP is executed, and what it amends, is asked for before, so that the
  // caller's word alone ends no agreement.
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
  absl::StatusOr<NoticeFacts> GatherForTermination(rpc::Call& call,
                                                   const v1::TerminateFilingRequest& request);
  absl::StatusOr<v1::TerminateFilingResponse> TerminateFiling(rpc::Call& call,
                                                              const v1::TerminateFilingRequest& request,
                                                              const NoticeFacts& facts);

 private:
  absl::StatusOr<drafting::v1::Bucp> AskForBucp(rpc::Call& call, const std::string& name) const;
  // The filing of an executed BUCP, stored if it is new. Fails as CheckAmends does.
  absl::StatusOr<v1::Filing> Enter(rpc::Call& call, const drafting::v1::Bucp& executed);
  // Ends what an amendment amends, if that is in force: to be called in the transaction of Enter.
  absl::Status EndAmended(rpc::Call& call, const v1::Filing& amendment);
  void RecordEvent(rpc::Call& call, const v1::Filing& filing, std::string_view type,
                   std::string_view citation, std::string summary) const;
  const rpc::PeerClient peers_;
  const LogService& log_;
  const std::string cdo_entity_;
  const NoticeService& notices_;
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_FILING_FILING_SERVICE_H_
