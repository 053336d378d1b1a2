#ifndef IDEA_SERVICES_INVENTORY_INVENTORY_EVENTS_H_
#define IDEA_SERVICES_INVENTORY_INVENTORY_EVENTS_H_

#include <string_view>

#include "common/clock/clock.h"

// Flow tables include this file, so that it declares what it needs.
namespace idea::events {
struct Target;
}  // namespace idea::events
namespace idea::rpc {
class PeerClient;
}  // namespace idea::rpc
namespace idea::storage {
class Database;
}  // namespace idea::storage

// The events of inventory, and those that are commands for its peers.
namespace idea::inventory {

class LogService;

namespace event {
// About filings.
inline constexpr std::string_view kExecutionRecorded = "ExecutionRecorded";
inline constexpr std::string_view kBucpFiled = "BucpFiled";
inline constexpr std::string_view kFilingSuperseded = "FilingSuperseded";
inline constexpr std::string_view kAgreementTerminated = "AgreementTerminated";
inline constexpr std::string_view kAgreementExpired = "AgreementExpired";
inline constexpr std::string_view kFilingImported = "FilingImported";
inline constexpr std::string_view kFilingsImported = "FilingsImported";
inline constexpr std::string_view kReviewDateSet = "ReviewDateSet";
inline constexpr std::string_view kAgreementReviewed = "AgreementReviewed";
inline constexpr std::string_view kReviewDue = "ReviewDue";
// About notices and duties.
inline constexpr std::string_view kNoticeGiven = "NoticeGiven";
inline constexpr std::string_view kNoticeAcknowledged = "NoticeAcknowledged";
inline constexpr std::string_view kDutyCompleted = "DutyCompleted";
inline constexpr std::string_view kCertificationRecorded = "CertificationRecorded";
// About exchanges.
inline constexpr std::string_view kTransferRecorded = "TransferRecorded";
inline constexpr std::string_view kLapsesRecorded = "LapsesRecorded";
inline constexpr std::string_view kPartyLapsed = "PartyLapsed";
inline constexpr std::string_view kPartyReturned = "PartyReturned";
// About the transparency log.
inline constexpr std::string_view kCheckpointCosigned = "CheckpointCosigned";
inline constexpr std::string_view kLogEntriesAdded = "LogEntriesAdded";
}  // namespace event

// Drafting records the filing and the end of a BUCP. Imported agreements have no BUCP there.
events::Target DraftingTarget(const rpc::PeerClient& peers);

// Adds entries to the log for acknowledgements, duties, transfers and review dates.
events::Target LogTarget(storage::Database& database, const LogService& log, const clock::Clock& clock);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_INVENTORY_EVENTS_H_
