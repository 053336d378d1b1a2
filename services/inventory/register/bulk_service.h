#ifndef IDEA_SERVICES_INVENTORY_REGISTER_BULK_SERVICE_H_
#define IDEA_SERVICES_INVENTORY_REGISTER_BULK_SERVICE_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/peer_client.h"
#include "common/rpc/router.h"
#include "idea/inventory/v1/bulk.pb.h"
#include "services/inventory/filing/filing_service.h"
#include "services/inventory/log/log_service.h"

namespace idea::inventory {

// The register in bulk. Each method is the rpc of the same name; protos/idea/inventory/v1/bulk.proto says
// what it does.
class BulkService {
 public:
  // `log` gets an entry of every filing that comes in.
  BulkService(rpc::PeerClient peers, const LogService& log) : peers_(std::move(peers)), log_(log) {}
  void Bind(rpc::Router& router);

  // The parties of the rows that the registry knows.
  absl::StatusOr<std::set<std::string>> GatherParties(rpc::Call& call,
                                                      const v1::ImportFilingsRequest& request);
  absl::StatusOr<v1::ImportFilingsResponse> ImportFilings(rpc::Call& call,
                                                          const v1::ImportFilingsRequest& request,
                                                          const std::set<std::string>& parties);
  absl::StatusOr<std::vector<v1::ExportFilingsResponse>> ExportFilings(
      rpc::Call& call, const v1::ExportFilingsRequest& request, std::string& token);

 private:
  const rpc::PeerClient peers_;
  const LogService& log_;
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_REGISTER_BULK_SERVICE_H_
