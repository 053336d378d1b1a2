#ifndef IDEA_SERVICES_INVENTORY_EXCHANGE_EXCHANGE_SERVICE_H_
#define IDEA_SERVICES_INVENTORY_EXCHANGE_EXCHANGE_SERVICE_H_

#include <atomic>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"
#include "idea/inventory/v1/exchange.pb.h"
#include "idea/inventory/v1/filing.pb.h"
#include "idea/inventory/v1/transfer.pb.h"
#include "services/inventory/exchange/exchange_follower.h"
#include "services/inventory/exchange/exchange_index.h"

namespace idea::inventory {

// The work of ExchangeService; each method is the rpc of the same name, and
// protos/idea/inventory/v1/exchange.proto says what it does.
class ExchangeService {
 public:
  // Days are those of `zone`.
  ExchangeService(const ExchangeIndex& index, const ExchangeFollower& follower, const clock::Clock& clock,
                  absl::TimeZone zone)
      : index_(index), follower_(follower), clock_(clock), zone_(zone) {}

  // Both look at memory only.
  absl::Status CheckExchange(const auth::Caller& caller, const v1::CheckExchangeRequest& request,
                             v1::CheckExchangeResponse& response);
  absl::Status BatchCheckExchange(const auth::Caller& caller, const v1::BatchCheckExchangeRequest& request,
                                  v1::BatchCheckExchangeResponse& response);

  absl::StatusOr<std::vector<v1::WatchExchangesResponse>> WatchExchanges(
      rpc::Call& call, const v1::WatchExchangesRequest& request, std::string& token);
  absl::StatusOr<v1::RecordTransferResponse> RecordTransfer(rpc::Call& call,
                                                            const v1::RecordTransferRequest& request);
  absl::StatusOr<v1::ListTransfersResponse> ListTransfers(rpc::Call& call,
                                                          const v1::ListTransfersRequest& request);

 private:
  absl::Status Decide(const auth::Caller& caller, const v1::CheckExchangeRequest& request,
                      const std::string& path, v1::ExchangeDecision& decision);
  clock::Micros Now();
  Day DayAt(clock::Micros at) const;
  absl::Status Find(rpc::Call& call, const v1::Filing& filing, v1::Transfer& transfer) const;

  const ExchangeIndex& index_;
  const ExchangeFollower& follower_;
  const clock::Clock& clock_;
  const absl::TimeZone zone_;
  // The latest time that was seen: what has ended does not come back when the clock goes back.
  std::atomic<clock::Micros> latest_{0};
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_EXCHANGE_EXCHANGE_SERVICE_H_
