#include "services/inventory/notice/termination_service.h"

#include <string_view>

#include "common/status/status.h"
#include "services/inventory/filing/filing_access.h"
#include "services/inventory/filing/filing_transition.h"
#include "services/inventory/log/log_store.h"

namespace idea::inventory {
namespace {

std::string_view CitationOf(v1::Grounds grounds) {
  if (grounds == v1::GROUNDS_NO_LONGER_NEEDED) return "agreement 8.8";
  return grounds == v1::GROUNDS_VIOLATION ? "agreement 7.4" : "agreement 5.14";
}

}  // namespace

void TerminationService::Bind(rpc::Router& router) {
  router.Bind(this, &TerminationService::Gather, &TerminationService::TerminateFiling, kLogLane);
}

absl::StatusOr<NoticeFacts> TerminationService::Gather(rpc::Call& call,
                                                       const v1::TerminateFilingRequest& request) {
  v1::Filing filing;
  RETURN_IF_ERROR(call.ReadSnapshot([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(filing, FindVisible(db, call.caller(), request.name()));
    return absl::OkStatus();
  }));
  return notices_.Gather(call.context(), call.now(), std::move(filing));
}

absl::StatusOr<v1::TerminateFilingResponse> TerminationService::TerminateFiling(
    rpc::Call& call, const v1::TerminateFilingRequest& request, const NoticeFacts& facts) {
  ASSIGN_OR_RETURN(v1::Filing filing, FindVisible(call.db(), call.caller(), request.name()));
  const bool closeout = request.grounds() == v1::GROUNDS_NO_LONGER_NEEDED;
  const auto end = [&](v1::Filing& ended) -> absl::StatusOr<std::string> {
    ended.set_grounds(request.grounds());
    ended.set_end_reason(request.reason());
    ended.set_deletion_terms(request.deletion_terms());
    *ended.mutable_end_time() = clock::ToProto(call.now());
    return (closeout ? "ended by the Data Recipient, which no longer needs it: " : "terminated: ") +
           request.reason();
  };
  const auto give_notices = [&](const v1::Filing& ended) {
    return notices_.GiveTermination(call, facts, ended, request);
  };
  RETURN_IF_ERROR(Transition({call.db(), call.recorder(), log_, cdo_entity_},
                             {.on = closeout ? kCloseout : std::string_view("TerminateFiling"),
                              .by = RolesOf(call.caller(), filing),
                              .entry = v1::LOG_ENTRY_KIND_TERMINATED,
                              .citation = CitationOf(request.grounds()),
                              .change = end,
                              .follow = give_notices},
                             filing));
  v1::TerminateFilingResponse response;
  *response.mutable_filing() = std::move(filing);
  return response;
}

}  // namespace idea::inventory
