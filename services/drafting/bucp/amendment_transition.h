#ifndef IDEA_SERVICES_DRAFTING_BUCP_AMENDMENT_TRANSITION_H_
#define IDEA_SERVICES_DRAFTING_BUCP_AMENDMENT_TRANSITION_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "services/drafting/bucp/bucp_transition.h"

// Amendments. Exactly one agreement of a family is in force (guidebook step 8).
namespace idea::drafting {

// Checks whether `bucp` may be amended now, and keeps other transactions from changing it until this one
// ends. Returns NOT_EXECUTED or AMENDED_AGREEMENT_ENDED if it is not in force, AMENDMENT_OPEN (metadata
// `amendment`) if another amendment of it is open.
absl::Status CheckAmendable(rpc::Call& call, const v1::Bucp& bucp);

// Closes the open amendment of an agreement that has ended without being superseded. An amendment that a
// dispute holds is closed when the dispute releases it.
absl::Status CloseOpenAmendment(const StepScope& scope, const std::string& amended);

// Closes an amendment whose execution the register refused because the amended agreement had ended before. If
// another agreement has superseded the amendment, closes that one and its open amendment.
absl::Status CloseRefusedAmendment(const StepScope& scope, const std::string& amendment);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_BUCP_AMENDMENT_TRANSITION_H_
