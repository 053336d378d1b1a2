#include "services/inventory/inventory_events.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/events/events.h"
#include "common/events/relay.h"
#include "common/ids/ids.h"
#include "common/rpc/peer_client.h"
#include "common/server/command.h"
#include "common/server/log_target.h"
#include "common/status/status.h"
#include "common/storage/database.h"
#include "common/transparency/leaf_digests.h"
#include "idea/drafting/v1/bucp_command.pb.h"
#include "idea/inventory/v1/filing.pb.h"
#include "services/inventory/exchange/transfer_store.h"
#include "services/inventory/log/log_service.h"
#include "services/inventory/log/log_store.h"
#include "services/inventory/notice/notice_store.h"
#include "services/inventory/review_date/review_date_store.h"

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

using v1::LogEntry;

LogEntry EntryOf(v1::LogEntryKind kind, const std::string& record, std::string digest,
                 const std::string& filing, const events::Event& event) {
  LogEntry entry;
  entry.set_kind(kind);
  *entry.mutable_time() = event.time();
  entry.set_filing(filing);
  entry.set_bucp(event.bucp());
  entry.set_entity(event.actor().entity());
  entry.set_record(record);
  entry.set_record_digest(std::move(digest));
  return entry;
}

// The acknowledgements of a notice and its duties.
absl::Status AddNotice(storage::Transaction& db, const events::Event& event, std::vector<LogEntry>& entries) {
  ASSIGN_OR_RETURN(const v1::Notice notice, FindNotice(db, event.subject(), auth::Visibility::All()));
  const bool acknowledged = std::any_of(notice.recipients().begin(), notice.recipients().end(),
                                        [](const auto& each) { return each.has_acknowledge_time(); });
  if (acknowledged) {
    entries.push_back(EntryOf(v1::LOG_ENTRY_KIND_NOTICE_ACKNOWLEDGED, notice.name(),
                              transparency::RecordDigest(notice), notice.filing(), event));
  }
  ASSIGN_OR_RETURN(const std::vector<v1::Duty> duties, ReadDuties(db, notice.name()));
  for (const v1::Duty& duty : duties) {
    const bool done = duty.state() == v1::DUTY_STATE_DONE;
    entries.push_back(EntryOf(done ? v1::LOG_ENTRY_KIND_DUTY_COMPLETED : v1::LOG_ENTRY_KIND_DUTY_OPENED,
                              duty.name(), transparency::RecordDigest(duty), duty.filing(), event));
    entries.back().set_entity(duty.entity());
  }
  return absl::OkStatus();
}

absl::Status AddLogEntries(storage::Transaction& db, const events::Event& event,
                           std::vector<LogEntry>& entries) {
  const std::string& type = event.type();
  if (type == event::kNoticeGiven || type == event::kNoticeAcknowledged || type == event::kDutyCompleted)
    return AddNotice(db, event, entries);
  if (type == event::kTransferRecorded) {
    ASSIGN_OR_RETURN(const v1::Transfer transfer, FindTransfer(db, event.subject()));
    entries.push_back(EntryOf(v1::LOG_ENTRY_KIND_TRANSFER_RECORDED, transfer.name(),
                              transparency::RecordDigest(transfer), ids::Parent(transfer.name()), event));
  }
  if (type == event::kReviewDateSet || type == event::kAgreementReviewed) {
    ASSIGN_OR_RETURN(const StoredReviewDate stored, FindReviewDate(db, event.subject()));
    entries.push_back(EntryOf(v1::LOG_ENTRY_KIND_REVIEW_DATE_CHANGED, event.subject(),
                              transparency::RecordDigest(stored.review), event.subject(), event));
  }
  return absl::OkStatus();
}

}  // namespace

events::Target LogTarget(storage::Database& database, const LogService& log, const clock::Clock& clock) {
  const auto deliver = [&database, &log, &clock](const events::Event& event) -> absl::Status {
    std::vector<LogEntry> entries;
    RETURN_IF_ERROR(database.Read([&](storage::Transaction& db) {
      entries.clear();
      return AddLogEntries(db, event, entries);
    }));
    if (entries.empty()) return absl::OkStatus();
    return database.Write(
        [&](storage::Transaction& db) { return log.AppendRecords(db, entries, clock.Now()).status(); },
        kLogLane);
  };
  events::Target target{server::kLogTarget, deliver, nullptr};
  target.peer = "";
  return target;
}

events::Target DraftingTarget(const rpc::PeerClient& peers) {
  return {"drafting", [peers](const events::Event& event) { return SendToDrafting(peers, event); }, nullptr};
}

}  // namespace idea::inventory
