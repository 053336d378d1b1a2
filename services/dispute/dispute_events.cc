#include "services/dispute/dispute_events.h"

#include <chrono>

#include "common/rpc/context.h"
#include "common/status/status.h"
#include "idea/review/v1/part.pb.h"
#include "services/dispute/deidentification_transition.h"
#include "services/dispute/dispute_store.h"
#include "services/dispute/dispute_transition.h"

namespace idea::dispute {
namespace {

constexpr std::chrono::seconds kAskTimeout{5};

rpc::Context ContextOf(const events::Event& event) {
  rpc::Context context = rpc::NewContext(kAskTimeout);
  context.request_id = event.request_id();
  context.traceparent = rpc::ChildTrace(event.traceparent());
  context.hands_over = true;
  return context;
}

template <class Response, class Request>
absl::Status Command(const rpc::PeerClient& peers, const events::Event& event, const Request& request) {
  Response response;
  return peers.Send(ContextOf(event), request, &response);
}

// The event's id is the command's request_id: a command that arrives twice is done once.
template <class Request>
Request CommandOf(const events::Event& event, const v1::DisputeMoved& moved) {
  Request request;
  request.set_name(moved.bucp());
  request.set_dispute(moved.dispute());
  request.set_request_id(event.event_id());
  return request;
}

absl::Status Deliver(const rpc::PeerClient& peers, const events::Event& event) {
  v1::DisputeMoved moved;
  if (!event.data().UnpackTo(&moved) || !moved.holds()) return absl::OkStatus();
  // Drafting has withdrawn the BUCP itself: nothing is left to release.
  if (event.type() == "DisputeEnded") return absl::OkStatus();
  if (event.type() == "DisputeOpened") {
    return Command<drafting::v1::HoldBucpResponse>(peers, event,
                                                   CommandOf<drafting::v1::HoldBucpRequest>(event, moved));
  }
  if (moved.state() == STATE_RESOLVED || moved.state() == STATE_APPROVED ||
      moved.state() == STATE_WITHDRAWN) {
    auto request = CommandOf<drafting::v1::ReleaseBucpRequest>(event, moved);
    request.set_outcome(moved.outcome());
    request.set_approved(moved.state() == STATE_APPROVED);
    request.set_withdrawn(moved.state() == STATE_WITHDRAWN);
    return Command<drafting::v1::ReleaseBucpResponse>(peers, event, request);
  }
  if (moved.state() == STATE_NOT_APPROVED) {
    auto request = CommandOf<drafting::v1::RejectBucpRequest>(event, moved);
    request.set_outcome(moved.outcome());
    return Command<drafting::v1::RejectBucpResponse>(peers, event, request);
  }
  return absl::OkStatus();
}

absl::Status Refused(const Offices& offices, storage::Transaction& db, events::EventRecorder& recorder,
                     const events::Event& event, const absl::Status& refusal) {
  if (event.type() != "DisputeOpened") return absl::OkStatus();
  ASSIGN_OR_RETURN(auto dispute, FindDispute(db, event.subject()));
  if (!dispute || !IsOpen(dispute->state())) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Step step,
                   Decide(dispute->process(), dispute->state(), kHoldRefused, flow::kDrafting, {}));
  dispute->set_outcome("The BUCP could no longer be held: " + std::string(refusal.message()));
  RETURN_IF_ERROR(Take(step, {},
                       {"The objection came too late: the BUCP could no longer be held.", dispute->outcome()},
                       db, recorder, offices, *dispute));
  return dispute->deidentification().empty() ? absl::OkStatus()
                                             : OpenAgain(db, recorder, dispute->deidentification());
}

}  // namespace

events::Target DraftingTarget(const Offices& offices, const rpc::PeerClient& peers) {
  return {"drafting", [peers](const events::Event& event) { return Deliver(peers, event); },
          [offices](storage::Transaction& db, events::EventRecorder& recorder, const events::Event& event,
                    const absl::Status& refusal) { return Refused(offices, db, recorder, event, refusal); }};
}

events::Target ReviewTarget(const rpc::PeerClient& peers) {
  return {"review",
          [peers](const events::Event& event) {
            const common::v1::Actor& actor = event.actor();
            if (actor.person().empty() || event.bucp().empty()) return absl::OkStatus();
            review::v1::ClaimPartRequest request;
            request.set_bucp(event.bucp());
            request.set_entity(actor.entity());
            request.set_person(actor.person());
            request.set_request_id(event.event_id());
            review::v1::ClaimPartResponse claimed;
            return peers.Send(ContextOf(event), request, &claimed);
          },
          nullptr};
}

}  // namespace idea::dispute
