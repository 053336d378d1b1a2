#ifndef IDEA_SERVICES_DISPUTE_DISPUTE_SETTLEMENT_H_
#define IDEA_SERVICES_DISPUTE_DISPUTE_SETTLEMENT_H_

#include "absl/status/status.h"
#include "common/auth/auth.h"
#include "common/clock/clock.h"
#include "idea/dispute/v1/dispute.pb.h"
#include "idea/dispute/v1/resolution.pb.h"

// The settlement of a dispute: who has to agree to it, and who has. No I/O.
namespace idea::dispute {

// Puts the settlement of the request in the place of an earlier one, with the agreement of the mediator who
// proposes it where it counts for somebody.
void Propose(const auth::Caller& caller, const v1::SettleDisputeRequest& request, clock::Micros now,
             v1::Dispute& dispute);

// Adds the caller's agreement to settlement `number`. STEP_NOT_ALLOWED if none is proposed, STALE_ETAG if it
// is another one, ALREADY_DONE if the caller has agreed. An officer who mediates for both sides speaks for
// neither: NOT_YOUR_STEP. A party agrees by its data coordinator or executive sponsor: ROLE_REQUIRED.
absl::Status Confirm(const auth::Caller& caller, int number, clock::Micros now, v1::Dispute& dispute);

// Takes over what was settled as the outcome of the dispute.
void Conclude(v1::Dispute& dispute);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DISPUTE_SETTLEMENT_H_
