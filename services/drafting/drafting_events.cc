#include "services/drafting/drafting_events.h"

#include <utility>
#include <vector>

#include "common/clock/clock.h"
#include "common/events/relay.h"
#include "common/rpc/peer_client.h"
#include "common/server/command.h"
#include "common/server/log_target.h"
#include "common/status/status.h"
#include "common/transparency/leaf_digests.h"
#include "idea/dispute/v1/dispute.pb.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/inventory/v1/filing.pb.h"
#include "idea/review/v1/review.pb.h"
#include "services/drafting/bucp/amendment_transition.h"
#include "services/drafting/bucp/bucp_store.h"
#include "services/drafting/bucp/bucp_transition.h"
#include "services/drafting/bucp/revision_store.h"

namespace idea::drafting {
namespace {

using events::Event;
using server::Command;
using server::DataOf;

review::v1::OpenRoutingRequest OpenRoutingFor(const v1::FrozenRevision& frozen) {
  review::v1::OpenRoutingRequest request;
  request.set_bucp(frozen.bucp());
  request.set_title(frozen.title());
  request.set_revision(frozen.revision());
  request.set_digest(frozen.digest());
  request.set_freeze_number(frozen.freeze_number());
  *request.mutable_recipients() = frozen.recipients();
  *request.mutable_providers() = frozen.providers();
  return request;
}

// Adds the fields of a command besides the revision and the reason.
void Complete(const v1::BucpMoved& moved, review::v1::HoldRoutingRequest& request) {
  request.set_dispute(moved.dispute());
}
void Complete(const v1::BucpMoved& moved, review::v1::ReleaseRoutingRequest& request) {
  request.set_signing(moved.to() == v1::STATE_SIGNING);
}
void Complete(const v1::BucpMoved&, review::v1::CloseRoutingRequest&) {}

// Sends a state change to review if the frozen revision may have a routing.
template <class Response, class Request>
absl::Status SendToRouting(const rpc::PeerClient& peers, const Event& event) {
  const auto moved = DataOf<v1::BucpMoved>(event);
  // Without a frozen revision no routing exists.
  if (moved.digest().empty()) return absl::OkStatus();
  Request request;
  request.set_bucp(moved.bucp());
  request.set_digest(moved.digest());
  request.set_freeze_number(moved.freeze_number());
  request.set_reason(moved.reason());
  Complete(moved, request);
  return Command<Response>(peers, event, std::move(request));
}

// Events that are commands for review.
absl::Status ToReview(const rpc::PeerClient& peers, const Event& event) {
  using namespace review::v1;  // NOLINT(google-build-using-namespace)
  const std::string& type = event.type();
  if (type == kBucpFrozen) {
    return Command<OpenRoutingResponse>(peers, event, OpenRoutingFor(DataOf<v1::FrozenRevision>(event)));
  }
  if (type == kBucpHeld) return SendToRouting<HoldRoutingResponse, HoldRoutingRequest>(peers, event);
  if (type == kBucpReleased)
    return SendToRouting<ReleaseRoutingResponse, ReleaseRoutingRequest>(peers, event);
  if (type == kBucpUnfrozen || type == kBucpReopened || type == kBucpWithdrawn || type == kBucpRejected ||
      type == kBucpNotApproved) {
    return SendToRouting<CloseRoutingResponse, CloseRoutingRequest>(peers, event);
  }
  return absl::OkStatus();
}

// Events that are commands for inventory.
absl::Status ToInventory(const rpc::PeerClient& peers, const Event& event) {
  if (event.type() != kBucpExecuted) return absl::OkStatus();
  const auto executed = DataOf<v1::ExecutedAgreement>(event);
  inventory::v1::RecordExecutionRequest request;
  request.set_bucp(executed.bucp());
  request.set_title(executed.title());
  request.set_revision(executed.revision());
  request.set_digest(executed.digest());
  request.set_freeze_number(executed.freeze_number());
  *request.mutable_recipients() = executed.recipients();
  *request.mutable_providers() = executed.providers();
  request.set_amends(executed.amends());
  request.set_disputed(executed.disputed());
  *request.mutable_execute_time() = executed.execute_time();
  *request.mutable_draft_time() = executed.create_time();
  return Command<inventory::v1::RecordExecutionResponse>(peers, event, std::move(request));
}

// Events that are commands for dispute.
absl::Status ToDispute(const rpc::PeerClient& peers, const Event& event) {
  if (event.type() != kBucpWithdrawn && event.type() != kBucpHeld) return absl::OkStatus();
  const auto moved = DataOf<v1::BucpMoved>(event);
  if (moved.dispute().empty()) return absl::OkStatus();
  if (event.type() == kBucpHeld) {
    dispute::v1::GetDisputeRequest question;
    question.set_name(moved.dispute());
    dispute::v1::GetDisputeResponse answer;
    return peers.Send(server::ContextOf(event), question, &answer);
  }
  dispute::v1::EndDisputeRequest request;
  request.set_name(moved.dispute());
  request.set_reason(moved.reason());
  return Command<dispute::v1::EndDisputeResponse>(peers, event, std::move(request));
}

absl::Status AddLogEntries(storage::Transaction& db, const Event& event,
                           std::vector<inventory::v1::LogEntry>& entries) {
  inventory::v1::LogEntry entry;
  entry.set_bucp(event.bucp());
  if (event.type() == kBucpFrozen) {
    const auto frozen = DataOf<v1::FrozenRevision>(event);
    ASSIGN_OR_RETURN(const v1::Revision revision, FindRevision(db, frozen.revision()));
    entry.set_kind(inventory::v1::LOG_ENTRY_KIND_REVISION_FROZEN);
    entry.set_record(revision.name());
    entry.set_record_digest(transparency::RecordDigest(revision));
    entry.set_digest(revision.digest());
    entry.set_freeze_number(frozen.freeze_number());
    entry.set_entity(revision.author());
    entries.push_back(std::move(entry));
    return absl::OkStatus();
  }
  const v1::State from = DataOf<v1::BucpMoved>(event).from();
  const bool revoked =
      event.type() == kBucpNotApproved && (from == v1::STATE_EXECUTED || from == v1::STATE_FILED);
  if (event.type() != kBucpExecuted && !revoked) return absl::OkStatus();
  ASSIGN_OR_RETURN(const v1::Bucp bucp, FindBucp(db, event.subject()));
  entry.set_kind(revoked ? inventory::v1::LOG_ENTRY_KIND_EXECUTION_REVOKED
                         : inventory::v1::LOG_ENTRY_KIND_EXECUTED);
  entry.set_record(bucp.name());
  entry.set_record_digest(transparency::ExecutionDigest(bucp));
  entry.set_digest(bucp.frozen_digest());
  entry.set_freeze_number(bucp.freeze_number());
  entries.push_back(std::move(entry));
  return absl::OkStatus();
}

}  // namespace

events::Target LogTarget(const rpc::PeerClient& peers, storage::Database& database) {
  return server::LogTarget(peers, database, AddLogEntries);
}

events::Target DisputeTarget(const rpc::PeerClient& peers, absl::TimeZone zone) {
  return {"dispute", [peers](const Event& event) { return ToDispute(peers, event); },
          [zone](storage::Transaction& db, events::EventRecorder& recorder, const Event& event,
                 const absl::Status& refusal) -> absl::Status {
            const bool lost = event.type() == kBucpHeld &&
                              status::ReasonOf(refusal) == status::Reason::ERROR_REASON_NOT_FOUND;
            if (!lost) return absl::OkStatus();
            return ReleaseFromLostDispute({db, recorder, clock::DayOf(recorder.now(), zone)},
                                          DataOf<v1::BucpMoved>(event));
          }};
}

events::Target ReviewTarget(const rpc::PeerClient& peers) {
  return {"review", [peers](const Event& event) { return ToReview(peers, event); }, nullptr};
}

events::Target InventoryTarget(const rpc::PeerClient& peers, absl::TimeZone zone) {
  return {"inventory", [peers](const Event& event) { return ToInventory(peers, event); },
          [zone](storage::Transaction& db, events::EventRecorder& recorder, const Event& event,
                 const absl::Status& refusal) -> absl::Status {
            if (status::ReasonOf(refusal) != status::Reason::ERROR_REASON_AMENDED_AGREEMENT_ENDED)
              return absl::OkStatus();
            return CloseRefusedAmendment({db, recorder, clock::DayOf(recorder.now(), zone)}, event.subject());
          }};
}

}  // namespace idea::drafting
