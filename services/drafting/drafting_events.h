#ifndef IDEA_SERVICES_DRAFTING_DRAFTING_EVENTS_H_
#define IDEA_SERVICES_DRAFTING_DRAFTING_EVENTS_H_

#include "absl/time/time.h"
#include "common/events/relay.h"
#include "common/rpc/peer_client.h"
#include "common/server/command.h"

// Which events of drafting are commands for its peers.
namespace idea::drafting {

// Dispute ends the dispute that held a BUCP when the BUCP is withdrawn. It is also asked for the dispute that
// holds a BUCP: if its database was restored to a moment before the dispute was opened, the BUCP is released.
events::Target DisputeTarget(const rpc::PeerClient& peers, absl::TimeZone zone);

// Review opens, holds, releases and closes the routing of the freeze that an event names.
events::Target ReviewTarget(const rpc::PeerClient& peers);

// Inventory expects the filing of an executed agreement.
events::Target InventoryTarget(const rpc::PeerClient& peers);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_DRAFTING_EVENTS_H_
