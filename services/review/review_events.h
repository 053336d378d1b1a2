#ifndef IDEA_SERVICES_REVIEW_REVIEW_EVENTS_H_
#define IDEA_SERVICES_REVIEW_REVIEW_EVENTS_H_

#include "common/events/relay.h"
#include "common/rpc/peer_client.h"
#include "common/server/command.h"

// Which events of review are commands for drafting.
namespace idea::review {

// Drafting learns that every opinion or every signature of a freeze is given, or that changes are requested.
events::Target DraftingTarget(const rpc::PeerClient& peers);

}  // namespace idea::review

#endif  // IDEA_SERVICES_REVIEW_REVIEW_EVENTS_H_
