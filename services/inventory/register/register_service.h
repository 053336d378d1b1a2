#ifndef IDEA_SERVICES_INVENTORY_REGISTER_REGISTER_SERVICE_H_
#define IDEA_SERVICES_INVENTORY_REGISTER_REGISTER_SERVICE_H_

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "idea/inventory/v1/register.pb.h"

namespace idea::inventory {

// The register as one looks at it. Each method is the rpc of the same name;
// protos/idea/inventory/v1/register.proto says what it does.
class RegisterService {
 public:
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
