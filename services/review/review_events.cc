#include "services/review/review_events.h"

#include <string>
#include <utility>
#include <vector>

#include "common/events/relay.h"
#include "common/rpc/peer_client.h"
#include "common/server/command.h"
#include "common/server/log_target.h"
#include "common/transparency/leaf_digests.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/review/v1/routing.pb.h"
#include "services/review/routing_store.h"

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

using inventory::v1::LogEntry;

template <class Record>
LogEntry EntryOf(const Event& event, inventory::v1::LogEntryKind kind, const Record& record) {
  LogEntry entry;
  entry.set_kind(kind);
  entry.set_record(event.subject());
  entry.set_bucp(event.bucp());
  entry.set_record_digest(transparency::RecordDigest(record));
  entry.set_digest(record.digest());
  entry.set_freeze_number(record.freeze_number());
  entry.set_entity(record.entity());
  entry.set_delegation(record.on_behalf().delegation());
  return entry;
}

// Also adds the versions before the current one, which may have changed quickly.
absl::Status AddOpinion(storage::Transaction& db, const Event& event, inventory::v1::LogEntryKind kind,
                        std::vector<LogEntry>& entries) {
  ASSIGN_OR_RETURN(std::vector<v1::Opinion> versions, ReadOpinionVersions(db, event.subject()));
  ASSIGN_OR_RETURN(versions.emplace_back(), FindOpinion(db, event.subject()));
  for (const v1::Opinion& opinion : versions) {
    const bool amended = opinion.version() > 1;
    entries.push_back(
        EntryOf(event, amended ? inventory::v1::LOG_ENTRY_KIND_OPINION_CHANGED : kind, opinion));
    entries.back().set_version(opinion.version());
  }
  return absl::OkStatus();
}

absl::Status AddLogEntries(storage::Transaction& db, const Event& event, std::vector<LogEntry>& entries) {
  const std::string& type = event.type();
  if (type == kOpinionRegistered)
    return AddOpinion(db, event, inventory::v1::LOG_ENTRY_KIND_OPINION_REGISTERED, entries);
  if (type == kOpinionCarriedOver)
    return AddOpinion(db, event, inventory::v1::LOG_ENTRY_KIND_OPINION_CARRIED_OVER, entries);
  if (type == kOpinionAmended || type == kConcernReconciled || type == kCarryOverRefused)
    return AddOpinion(db, event, inventory::v1::LOG_ENTRY_KIND_OPINION_CHANGED, entries);
  if (type != kBucpSigned) return absl::OkStatus();
  ASSIGN_OR_RETURN(const v1::Signature signature, FindSignature(db, event.subject()));
  entries.push_back(EntryOf(event, inventory::v1::LOG_ENTRY_KIND_SIGNED, signature));
  // A signature without a contact was stored by an earlier release, with a key that the registry may not
  // have.
  if (!signature.contact().empty())
    entries.back().set_key_fingerprint(transparency::KeyFingerprint(signature.public_key()));
  return absl::OkStatus();
}

}  // namespace

events::Target LogTarget(const rpc::PeerClient& peers, storage::Database& database) {
  return server::LogTarget(peers, database, AddLogEntries);
}

// A refusal needs no reaction. An event that drafting refuses because a dispute holds the BUCP is recorded
// again on release. One that it refuses because the freeze is over is followed by its CloseRouting.
events::Target DraftingTarget(const rpc::PeerClient& peers) {
  return {"drafting", [peers](const Event& event) { return ToDrafting(peers, event); }, nullptr};
}

}  // namespace idea::review
