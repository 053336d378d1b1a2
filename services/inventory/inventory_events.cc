#include "services/inventory/inventory_events.h"

#include <utility>

#include "common/events/events.h"
#include "common/events/relay.h"
#include "common/rpc/peer_client.h"
#include "common/server/command.h"
#include "idea/drafting/v1/bucp_command.pb.h"
#include "idea/inventory/v1/filing.pb.h"

namespace idea::inventory {
namespace {

absl::Status SendToDrafting(const rpc::PeerClient& peers, const events::Event& event) {
  using namespace drafting::v1;  // NOLINT(google-build-using-namespace)
  const auto moved = server::DataOf<v1::FilingMoved>(event);
  if (moved.bucp().empty()) return absl::OkStatus();
  // If an execution is recorded a second time, drafting was restored from a backup and lacks what followed.
  const bool recorded = event.type() == event::kExecutionRecorded;
  if (event.type() == event::kBucpFiled || (recorded && moved.state() == v1::FILING_STATE_FILED)) {
    RecordFilingRequest request;
    request.set_name(moved.bucp());
    request.set_filing(moved.filing());
    return server::Command<RecordFilingResponse>(peers, event, std::move(request));
  }
  if (event.type() == event::kAgreementTerminated || event.type() == event::kAgreementExpired ||
      (recorded && moved.state() == v1::FILING_STATE_ENDED)) {
    EndBucpRequest request;
    request.set_name(moved.bucp());
    request.set_filing(moved.filing());
    request.set_reason(moved.reason());
    return server::Command<EndBucpResponse>(peers, event, std::move(request));
  }
  return absl::OkStatus();
}

}  // namespace

events::EventRecorder NewWorkerRecorder(clock::Micros now) {
  common::v1::Actor actor;
  actor.set_service("inventory");
  return {now, std::move(actor), "", ""};
}

events::Target DraftingTarget(const rpc::PeerClient& peers) {
  return {"drafting", [peers](const events::Event& event) { return SendToDrafting(peers, event); }, nullptr};
}

}  // namespace idea::inventory
