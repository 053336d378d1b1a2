#ifndef IDEA_SERVICES_INVENTORY_EXCHANGE_EXCHANGE_SERVICE_H_
#define IDEA_SERVICES_INVENTORY_EXCHANGE_EXCHANGE_SERVICE_H_

#include <atomic>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/exchange/exchange_index.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "idea/inventory/v1/exchange.pb.h"
#include "idea/inventory/v1/filing.pb.h"
#include "idea/inventory/v1/transfer.pb.h"
#include "services/inventory/exchange/exchange_worker.h"
#include "services/inventory/log/log_service.h"

namespace idea::inventory {

// Implements idea.inventory.v1.ExchangeService.
class ExchangeService {
 public:
  // Days are those of `zone`. Watches carry checkpoints of `log`; none if it is null.
  ExchangeService(const exchange::ExchangeIndex& index, const ExchangeWorker& worker,
                  const clock::Clock& clock, absl::TimeZone zone, const LogService* log = nullptr)
      : index_(index), worker_(worker), clock_(clock), zone_(zone), log_(log) {}

  // Binds every method.
  void Bind(rpc::Router& router);

  // Both read only memory.
  absl::Status CheckExchange(const auth::Caller& caller, const v1::CheckExchangeRequest& request,
                             v1::CheckExchangeResponse& response);
  absl::Status BatchCheckExchange(const auth::Caller& caller, const v1::BatchCheckExchangeRequest& request,
                                  v1::BatchCheckExchangeResponse& response);

 private:
  absl::StatusOr<std::vector<v1::WatchExchangesResponse>> WatchExchanges(
      rpc::Call& call, const v1::WatchExchangesRequest& request, std::string& token);
  // A watch with `snapshot`.
  absl::StatusOr<std::vector<v1::WatchExchangesResponse>> WatchSnapshot(rpc::Call& call, std::string& token);
  // The message with the rules for the caller.
  absl::StatusOr<v1::WatchExchangesResponse> RulesFor(rpc::Call& call) const;
  // Sets the checkpoint of a message of a watch.
  absl::Status SetCheckpoint(rpc::Call& call, v1::WatchExchangesResponse& response);
  absl::StatusOr<v1::RecordTransferResponse> RecordTransfer(rpc::Call& call,
                                                            const v1::RecordTransferRequest& request);
  absl::StatusOr<v1::ListTransfersResponse> ListTransfers(rpc::Call& call,
                                                          const v1::ListTransfersRequest& request);

  absl::Status Decide(const auth::Caller& caller, const v1::CheckExchangeRequest& request,
                      const std::string& path, v1::ExchangeDecision& decision);
  clock::Micros Now();
  exchange::Day DayAt(clock::Micros at) const;
  // Adds the findings about a transfer.
  absl::Status AddFindings(rpc::Call& call, const v1::Filing& filing, v1::Transfer& transfer) const;

  const exchange::ExchangeIndex& index_;
  const ExchangeWorker& worker_;
  const clock::Clock& clock_;
  const absl::TimeZone zone_;
  const LogService* const log_;
  // The latest time so far: an agreement that has ended stays ended if the clock is set back.
  std::atomic<clock::Micros> latest_{0};
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_EXCHANGE_EXCHANGE_SERVICE_H_
