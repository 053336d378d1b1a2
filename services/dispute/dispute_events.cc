#include "services/dispute/dispute_events.h"

#include <optional>
#include <utility>
#include <vector>

#include "common/events/relay.h"
#include "common/ids/ids.h"
#include "common/rpc/call.h"
#include "common/rpc/peer_client.h"
#include "common/server/command.h"
#include "common/server/log_target.h"
#include "common/status/status.h"
#include "common/transparency/leaf_digests.h"
#include "idea/dispute/v1/dispute.pb.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/review/v1/part.pb.h"
#include "services/dispute/deidentification_store.h"
#include "services/dispute/dispute_store.h"

namespace idea::dispute {
namespace {

using events::Event;

template <class Request>
Request CommandOf(const v1::DisputeMoved& moved) {
  Request request;
  request.set_name(moved.bucp());
  request.set_dispute(moved.dispute());
  return request;
}

absl::Status ToDrafting(const rpc::PeerClient& peers, const Event& event) {
  using namespace drafting::v1;  // NOLINT(google-build-using-namespace)
  const auto moved = server::DataOf<v1::DisputeMoved>(event);
  // DisputeEnded: drafting has withdrawn the BUCP itself, and nothing is left to release.
  if (!moved.holds() || event.type() == kDisputeEnded) return absl::OkStatus();
  if (event.type() == kDisputeOpened) {
    return server::Command<HoldBucpResponse>(peers, event, CommandOf<HoldBucpRequest>(moved));
  }
  switch (moved.state()) {
    case v1::STATE_RESOLVED:
    case v1::STATE_APPROVED:
    case v1::STATE_WITHDRAWN: {
      auto request = CommandOf<ReleaseBucpRequest>(moved);
      request.set_outcome(moved.outcome());
      request.set_approved(moved.state() == v1::STATE_APPROVED);
      request.set_withdrawn(moved.state() == v1::STATE_WITHDRAWN);
      return server::Command<ReleaseBucpResponse>(peers, event, std::move(request));
    }
    case v1::STATE_NOT_APPROVED: {
      auto request = CommandOf<RejectBucpRequest>(moved);
      request.set_outcome(moved.outcome());
      return server::Command<RejectBucpResponse>(peers, event, std::move(request));
    }
    default:
      return absl::OkStatus();
  }
}

absl::Status ToReview(const rpc::PeerClient& peers, const Event& event) {
  const common::v1::Actor& actor = event.actor();
  if (actor.person().empty() || event.bucp().empty()) return absl::OkStatus();
  review::v1::ClaimPartRequest request;
  request.set_bucp(event.bucp());
  request.set_entity(actor.entity());
  request.set_person(actor.person());
  return server::Command<review::v1::ClaimPartResponse>(peers, event, std::move(request));
}

// What the dispute has become, which may be more than what the event is about.
inventory::v1::LogEntryKind KindOf(v1::State state, const std::string& type) {
  switch (state) {
    case v1::STATE_RESOLVED:
      return inventory::v1::LOG_ENTRY_KIND_DISPUTE_SETTLED;
    case v1::STATE_APPROVED:
    case v1::STATE_NOT_APPROVED:
      return inventory::v1::LOG_ENTRY_KIND_DISPUTE_DECIDED;
    case v1::STATE_WITHDRAWN:
    case v1::STATE_VOID:
      return inventory::v1::LOG_ENTRY_KIND_DISPUTE_ENDED;
    default:
      return type == kDisputeOpened ? inventory::v1::LOG_ENTRY_KIND_DISPUTE_OPENED
                                    : inventory::v1::LOG_ENTRY_KIND_DISPUTE_CHANGED;
  }
}

absl::Status AddDeidentification(storage::Transaction& db, const Event& event,
                                 std::vector<inventory::v1::LogEntry>& entries) {
  ASSIGN_OR_RETURN(const std::optional<Review> review, FindReview(db, event.subject()));
  if (!review) return status::NotFoundOrHidden(event.subject());
  inventory::v1::LogEntry& entry = entries.emplace_back();
  entry.set_kind(event.type() == kDeidentificationSubmitted
                     ? inventory::v1::LOG_ENTRY_KIND_DEIDENTIFICATION_SUBMITTED
                     : inventory::v1::LOG_ENTRY_KIND_DEIDENTIFICATION_CHANGED);
  entry.set_record(review->resource.name());
  entry.set_record_digest(transparency::RecordDigest(review->resource));
  entry.set_bucp(review->resource.bucp());
  entry.set_entity(event.actor().entity());
  return absl::OkStatus();
}

absl::Status AddLogEntries(storage::Transaction& db, const Event& event,
                           std::vector<inventory::v1::LogEntry>& entries) {
  if (ids::MatchesPattern(event.subject(), "deidentifications/*"))
    return AddDeidentification(db, event, entries);
  if (!ids::MatchesPattern(event.subject(), "disputes/*")) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::optional<v1::Dispute> dispute, FindDispute(db, event.subject()));
  if (!dispute) return status::NotFoundOrHidden(event.subject());
  inventory::v1::LogEntry& entry = entries.emplace_back();
  entry.set_kind(KindOf(dispute->state(), event.type()));
  entry.set_record(dispute->name());
  entry.set_record_digest(transparency::RecordDigest(*dispute));
  entry.set_bucp(dispute->bucp());
  entry.set_entity(event.actor().entity());
  return absl::OkStatus();
}

}  // namespace

events::Target LogTarget(const rpc::PeerClient& peers, storage::Database& database) {
  return server::LogTarget(peers, database, AddLogEntries);
}

events::Target DraftingTarget(const rpc::PeerClient& peers) {
  return {"drafting", [peers](const Event& event) { return ToDrafting(peers, event); }, nullptr};
}

events::Target ReviewTarget(const rpc::PeerClient& peers) {
  return {"review", [peers](const Event& event) { return ToReview(peers, event); }, nullptr};
}

absl::Status ClaimPart(const rpc::PeerClient& peers, rpc::Call& call, const std::string& bucp,
                       const std::string& act) {
  review::v1::ClaimPartRequest request;
  request.set_bucp(bucp);
  request.set_entity(call.caller().entity);
  request.set_person(call.caller().person);
  request.set_act(act);
  request.set_request_id(ids::NewUuid());
  review::v1::ClaimPartResponse claimed;
  RETURN_IF_ERROR(peers.Send(call.context(), request, &claimed));
  review::v1::ReleasePartRequest release;
  release.set_bucp(bucp);
  release.set_person(call.caller().person);
  release.set_act(act);
  release.set_request_id(ids::NewUuid());
  // If review does not receive it, the claim lasts until the same request is sent again.
  call.OnRefusal([peers, context = call.context(), release] {
    review::v1::ReleasePartResponse released;
    peers.Send(context, release, &released).IgnoreError();
  });
  return absl::OkStatus();
}

}  // namespace idea::dispute
