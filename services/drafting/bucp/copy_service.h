#ifndef IDEA_SERVICES_DRAFTING_BUCP_COPY_SERVICE_H_
#define IDEA_SERVICES_DRAFTING_BUCP_COPY_SERVICE_H_

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

// A draft made from another BUCP.
struct Copy {
  v1::Content content;
  // What was left out or changed, one sentence each.
  std::vector<std::string> notes;
  Signatories signatories;
};

// The method CopyBucp of DraftingService.
class CopyService {
 public:
  explicit CopyService(rpc::PeerClient peers) : peers_(std::move(peers)) {}
  void Bind(rpc::Router& router);

  absl::StatusOr<Copy> GatherForCopy(rpc::Call& call, const v1::CopyBucpRequest& request);
  absl::StatusOr<v1::CopyBucpResponse> CopyBucp(rpc::Call& call, const v1::CopyBucpRequest& request,
                                                const Copy& copy);

 private:
  const rpc::PeerClient peers_;
};

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_BUCP_COPY_SERVICE_H_
