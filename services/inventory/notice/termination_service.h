#ifndef IDEA_SERVICES_INVENTORY_NOTICE_TERMINATION_SERVICE_H_
#define IDEA_SERVICES_INVENTORY_NOTICE_TERMINATION_SERVICE_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "idea/inventory/v1/filing.pb.h"
#include "services/inventory/log/log_service.h"
#include "services/inventory/notice/notice_service.h"

namespace idea::inventory {

// Implements InventoryService.TerminateFiling, which ends an agreement and gives the notice of its clause.
class TerminationService {
 public:
  // `log` gets an entry of every termination. `cdo_entity` is in the audience of the events.
  TerminationService(const LogService& log, const NoticeService& notices, std::string cdo_entity)
      : log_(log), notices_(notices), cdo_entity_(std::move(cdo_entity)) {}

  void Bind(rpc::Router& router);

 private:
  absl::StatusOr<NoticeFacts> Gather(rpc::Call& call, const v1::TerminateFilingRequest& request);
  absl::StatusOr<v1::TerminateFilingResponse> TerminateFiling(rpc::Call& call,
                                                              const v1::TerminateFilingRequest& request,
                                                              const NoticeFacts& facts);

  const LogService& log_;
  const NoticeService& notices_;
  const std::string cdo_entity_;
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_NOTICE_TERMINATION_SERVICE_H_
