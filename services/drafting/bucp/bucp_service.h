#ifndef IDEA_SERVICES_DRAFTING_BUCP_BUCP_SERVICE_H_
#define IDEA_SERVICES_DRAFTING_BUCP_BUCP_SERVICE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/peer_client.h"
#include "common/rpc/router.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "services/drafting/bucp/party_facts.h"

namespace idea::drafting {

// The methods of DraftingService that create, edit and read BUCPs. protos/idea/drafting/v1/drafting.proto
// describes them.
class BucpService {
 public:
  explicit BucpService(rpc::PeerClient peers) : peers_(std::move(peers)) {}
  void Bind(rpc::Router& router);

  absl::StatusOr<Signatories> GatherForCreate(rpc::Call& call, const v1::CreateBucpRequest& request);
  absl::StatusOr<v1::CreateBucpResponse> CreateBucp(rpc::Call& call, const v1::CreateBucpRequest& request,
                                                    const Signatories& signatories);
  absl::StatusOr<v1::AmendBucpResponse> AmendBucp(rpc::Call& call, const v1::AmendBucpRequest& request);
  absl::StatusOr<Signatories> GatherForUpdate(rpc::Call& call, const v1::UpdateBucpRequest& request);
  absl::StatusOr<v1::UpdateBucpResponse> UpdateBucp(rpc::Call& call, const v1::UpdateBucpRequest& request,
                                                    const Signatories& signatories);
  absl::StatusOr<v1::GetBucpResponse> GetBucp(rpc::Call& call, const v1::GetBucpRequest& request);
  absl::StatusOr<v1::ListBucpsResponse> ListBucps(rpc::Call& call, const v1::ListBucpsRequest& request);
  absl::StatusOr<std::vector<v1::WatchBucpResponse>> WatchBucp(rpc::Call& call,
                                                               const v1::WatchBucpRequest& request,
                                                               std::string& token);

 private:
  const rpc::PeerClient peers_;
};

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_BUCP_BUCP_SERVICE_H_
