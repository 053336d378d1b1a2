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
#include "services/inventory/log/log_service.h"

namespace idea::inventory {

// Implements idea.inventory.v1.BulkService.
class BulkService {
 public:
  // `log` gets an entry of every imported filing.
  BulkService(rpc::PeerClient peers, const LogService& log) : peers_(std::move(peers)), log_(log) {}
  // Binds every method.
  void Bind(rpc::Router& router);

 private:
  // The parties of the rows that the registry has.
  absl::StatusOr<std::set<std::string>> GatherParties(rpc::Call& call,
                                                      const v1::ImportFilingsRequest& request);
  absl::StatusOr<v1::ImportFilingsResponse> ImportFilings(rpc::Call& call,
                                                          const v1::ImportFilingsRequest& request,
                                                          const std::set<std::string>& parties);
  absl::StatusOr<std::vector<v1::ExportFilingsResponse>> ExportFilings(
      rpc::Call& call, const v1::ExportFilingsRequest& request, std::string& token);

  const rpc::PeerClient peers_;
  const LogService& log_;
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_REGISTER_BULK_SERVICE_H_
