#ifndef IDEA_SERVICES_INVENTORY_REGISTER_REGISTER_SERVICE_H_
#define IDEA_SERVICES_INVENTORY_REGISTER_REGISTER_SERVICE_H_

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "idea/inventory/v1/register.pb.h"

namespace idea::inventory {

// Implements idea.inventory.v1.RegisterService.
class RegisterService {
 public:
  // Binds every method.
  void Bind(rpc::Router& router);

 private:
  absl::StatusOr<v1::ListUnfiledResponse> ListUnfiled(rpc::Call& call, const v1::ListUnfiledRequest& request);
  absl::StatusOr<v1::GetStatisticsResponse> GetStatistics(rpc::Call& call,
                                                          const v1::GetStatisticsRequest& request);
  absl::StatusOr<v1::ListExchangesResponse> ListExchanges(rpc::Call& call,
                                                          const v1::ListExchangesRequest& request);
  absl::StatusOr<v1::ListPublicFilingsResponse> ListPublicFilings(
      rpc::Call& call, const v1::ListPublicFilingsRequest& request);
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_REGISTER_REGISTER_SERVICE_H_
