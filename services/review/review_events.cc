#include "services/review/review_events.h"

#include <utility>

#include "common/events/relay.h"
#include "common/rpc/peer_client.h"
#include "common/server/command.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/review/v1/routing.pb.h"

namespace idea::review {
namespace {

using events::Event;

template <class Response, class Request>
absl::Status SendCommand(const rpc::PeerClient& peers, const Event& event, Request request) {
  const auto moved = server::DataOf<v1::RoutingMoved>(event);
  request.set_name(moved.bucp());
  request.set_digest(moved.digest());
  request.set_freeze_number(moved.freeze_number());
  return server::Command<Response>(peers, event, std::move(request));
}

absl::Status ToDrafting(const rpc::PeerClient& peers, const Event& event) {
  using namespace drafting::v1;  // NOLINT(google-build-using-namespace)
  if (event.type() == kOpinionsCompleted) {
    return SendCommand<CompleteReviewsResponse>(peers, event, CompleteReviewsRequest());
  }
  if (event.type() == kRoutingCompleted) {
    return SendCommand<CompleteSignaturesResponse>(peers, event, CompleteSignaturesRequest());
  }
  if (event.type() == kChangesRequested) {
    UnfreezeBucpRequest request;
    request.set_reason(server::DataOf<v1::RoutingMoved>(event).reason());
    return SendCommand<UnfreezeBucpResponse>(peers, event, std::move(request));
  }
  return absl::OkStatus();
}

}  // namespace

// A refusal needs no reaction. What drafting refuses because a dispute holds the BUCP is recorded again on
// release. What it refuses because the freeze is over is followed by its CloseRouting.
events::Target DraftingTarget(const rpc::PeerClient& peers) {
  return {"drafting", [peers](const Event& event) { return ToDrafting(peers, event); }, nullptr};
}

}  // namespace idea::review
