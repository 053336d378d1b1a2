#ifndef IDEA_SERVICES_DISPUTE_DISPUTE_EVENTS_H_
#define IDEA_SERVICES_DISPUTE_DISPUTE_EVENTS_H_

#include "common/events/relay.h"
#include "common/rpc/peer_client.h"
#include "services/dispute/dispute_access.h"
#include "services/dispute/opening_facts.h"

namespace idea::dispute {

// What the log of disputes makes drafting do: an opened dispute holds its BUCP; one that was settled, decided
// for sharing or withdrawn releases it; one that ended without approval rejects it. If drafting refuses the
// hold, because the BUCP is executed or gone by then, the dispute is void; if a review of de-identified data
// led to it, the review's clock looks again. A dispute that does not hold its BUCP makes drafting do nothing.
// A refused release or rejection changes nothing here: the BUCP was not held by this dispute any more, and
// the relay's log says so.
events::Target DraftingTarget(const Offices& offices, const rpc::PeerClient& peers);

// Whoever has acted in a dispute or a review of de-identified data acts for that entity on the BUCP: review
// records it for good. The claim that was made for the act holds the place until then (see ClaimPart).
events::Target ReviewTarget(const rpc::PeerClient& peers);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DISPUTE_EVENTS_H_
