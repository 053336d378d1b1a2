#ifndef IDEA_SERVICES_DISPUTE_DISPUTE_SETTLEMENT_H_
#define IDEA_SERVICES_DISPUTE_DISPUTE_SETTLEMENT_H_

#include "absl/status/status.h"
#include "common/auth/auth.h"
#include "common/clock/clock.h"
#include "idea/dispute/v1/dispute.pb.h"
#include "idea/dispute/v1/resolution.pb.h"

// The settlement of a dispute: which parties must agree to it, and which have. No I/O.
namespace idea::dispute {

// Sets the settlement of the request and replaces an earlier one. Adds the confirmation of the mediator who
// proposes it, if it counts for a party.
void ProposeSettlement(const auth::Caller& caller, const v1::SettleDisputeRequest& request, clock::Micros now,
                       v1::Dispute& dispute);

// Adds the caller's confirmation of settlement `number`. STEP_NOT_ALLOWED if no settlement is proposed,
// STALE_ETAG if the number differs, ALREADY_DONE if the caller has agreed, NOT_YOUR_STEP for an officer who
// mediates for both sides, ROLE_REQUIRED if a party does not act by its data coordinator or executive
// sponsor.
absl::Status ConfirmSettlement(const auth::Caller& caller, int number, clock::Micros now,
                               v1::Dispute& dispute);

// Copies the settlement to the outcome of the dispute.
void ApplySettlement(v1::Dispute& dispute);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DISPUTE_SETTLEMENT_H_
