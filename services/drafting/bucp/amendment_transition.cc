#include "services/drafting/bucp/amendment_transition.h"

#include "common/status/status.h"
#include "services/drafting/bucp/bucp_store.h"

namespace idea::drafting {
namespace {

using status::Error;
using status::Reason;

// Closes an amendment that is open or executed. Returns false if it is neither, or if a dispute holds it.
absl::StatusOr<bool> Close(const StepScope& scope, v1::Bucp amendment) {
  const bool closes = amendment.state() == v1::STATE_EXECUTED ||
                      (IsOpen(amendment.state()) && amendment.state() != v1::STATE_DISPUTED);
  if (!closes) return false;
  const StepRequest close = {.on = "CloseAmendment", .name = amendment.name(), .summary = "not approved"};
  RETURN_IF_ERROR(Transition(scope, close, flow::kDrafting, std::move(amendment)).status());
  return true;
}

}  // namespace

absl::Status CheckAmendable(rpc::Call& call, const v1::Bucp& bucp) {
  if (bucp.state() != v1::STATE_EXECUTED && bucp.state() != v1::STATE_FILED) {
    return Error(Reason::ERROR_REASON_NOT_EXECUTED, "only an agreement in force can be amended")
        .With("state", flow::NameOf(bucp.state()));
  }
  if (!IsInForce(bucp, call.today())) {
    return Error(Reason::ERROR_REASON_AMENDED_AGREEMENT_ENDED, "the last day of " + bucp.name() + " is over")
        .With("amends", bucp.name());
  }
  ASSIGN_OR_RETURN(const std::string open, FindOpenAmendment(call.db(), bucp.name()));
  if (!open.empty()) {
    return Error(Reason::ERROR_REASON_AMENDMENT_OPEN, open + " amends " + bucp.name() + " already")
        .With("amendment", open);
  }
  return HoldUnchanged(call.db(), bucp);
}

absl::Status CloseOpenAmendment(const StepScope& scope, const std::string& amended) {
  ASSIGN_OR_RETURN(const std::string open, FindOpenAmendment(scope.db, amended));
  if (open.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(v1::Bucp amendment, FindBucp(scope.db, open));
  return Close(scope, std::move(amendment)).status();
}

absl::Status CloseRefusedAmendment(const StepScope& scope, const std::string& amendment) {
  for (std::string next = amendment; !next.empty();) {
    ASSIGN_OR_RETURN(v1::Bucp bucp, FindBucp(scope.db, next));
    next = bucp.superseded_by();
    if (bucp.state() == v1::STATE_ENDED) continue;
    const std::string name = bucp.name();
    ASSIGN_OR_RETURN(const bool closed, Close(scope, std::move(bucp)));
    if (!closed) return absl::OkStatus();
    ASSIGN_OR_RETURN(next, FindOpenAmendment(scope.db, name));
  }
  return absl::OkStatus();
}

}  // namespace idea::drafting
