#ifndef IDEA_SERVICES_DRAFTING_BUCP_AMENDMENT_TRANSITION_H_
#define IDEA_SERVICES_DRAFTING_BUCP_AMENDMENT_TRANSITION_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "services/drafting/bucp/bucp_transition.h"

// Amendments: exactly one agreement of a family is in force (guidebook step 8).
namespace idea::drafting {

// Whether `bucp` may be amended now. NOT_EXECUTED or AMENDED_AGREEMENT_ENDED if it is not in force,
// AMENDMENT_OPEN (metadata `amendment`) if another amendment of it is open. Until the transaction ends nobody
// else changes it.
absl::Status CheckAmendable(rpc::Call& call, const v1::Bucp& bucp);

// An agreement has ended without an amendment in its place: closes the amendment that is open. One that a
// dispute holds is closed when the dispute lets it go.
absl::Status CloseOpenAmendment(const StepScope& scope, const std::string& amended);

// The register refused the execution of an amendment, since what it amends had ended before: closes the
// amendment, or the agreement that has taken its place meanwhile, and the amendment of that which is open.
absl::Status CloseRefusedAmendment(const StepScope& scope, const std::string& amendment);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_BUCP_AMENDMENT_TRANSITION_H_
