#ifndef IDEA_SERVICES_DISPUTE_DISPUTE_EVENTS_H_
#define IDEA_SERVICES_DISPUTE_DISPUTE_EVENTS_H_

#include <string>

#include "absl/status/status.h"

// Flow tables include this file, so that it declares what it needs.
namespace idea::events {
struct Target;
}  // namespace idea::events
namespace idea::rpc {
class Call;
class PeerClient;
}  // namespace idea::rpc
namespace idea::storage {
class Database;
}  // namespace idea::storage

namespace idea::dispute {

// The types of the events of this service.
inline constexpr char kDisputeOpened[] = "DisputeOpened";
inline constexpr char kDisputeTrackChosen[] = "DisputeTrackChosen";
inline constexpr char kDisputeEscalated[] = "DisputeEscalated";
inline constexpr char kDisputeSettled[] = "DisputeSettled";
inline constexpr char kDisputeDecided[] = "DisputeDecided";
inline constexpr char kDisputeWithdrawn[] = "DisputeWithdrawn";
inline constexpr char kDisputeEnded[] = "DisputeEnded";
inline constexpr char kDisputeVoided[] = "DisputeVoided";
inline constexpr char kStandingsRead[] = "DisputeStandingsRead";
inline constexpr char kStatementSubmitted[] = "StatementSubmitted";
inline constexpr char kStatementAmended[] = "StatementAmended";
inline constexpr char kMeetingRecorded[] = "MeetingRecorded";
inline constexpr char kSettlementProposed[] = "SettlementProposed";
inline constexpr char kSettlementConfirmed[] = "SettlementConfirmed";
inline constexpr char kUndersecretaryDecided[] = "UndersecretaryDecided";
inline constexpr char kDeidentificationSubmitted[] = "DeidentificationSubmitted";
inline constexpr char kDeidentificationAnswered[] = "DeidentificationAnswered";
inline constexpr char kDeidentificationUnanswered[] = "DeidentificationUnanswered";
inline constexpr char kDeidentificationObjected[] = "DeidentificationObjected";
inline constexpr char kDeidentificationAgreed[] = "DeidentificationAgreed";
inline constexpr char kDeidentificationDelayed[] = "DeidentificationDelayed";
inline constexpr char kDeidentificationDisputed[] = "DeidentificationDisputed";
inline constexpr char kDeidentificationClosed[] = "DeidentificationClosed";
inline constexpr char kDeidentificationWithdrawn[] = "DeidentificationWithdrawn";

// Hands the events that are commands to drafting: an opened dispute holds its BUCP; one that was settled,
// decided for sharing or withdrawn releases it; one that ended without approval rejects it. A dispute that
// does not hold its BUCP causes no command. VoidOnRefusal() reacts to a refused hold. A refused release or
// rejection needs no reaction: the dispute did not hold the BUCP any more.
events::Target DraftingTarget(const rpc::PeerClient& peers);

// Has review record, permanently, that a person who acted in a dispute or a review of de-identified data acts
// for that entity on the BUCP. Until then the claim of ClaimPart is in effect.
events::Target ReviewTarget(const rpc::PeerClient& peers);

// Has inventory add an entry to the log for every step of a dispute.
events::Target LogTarget(const rpc::PeerClient& peers, storage::Database& database);

// Has review bind the caller's person to the caller's entity on the BUCP, in review and in every dispute,
// while the call is served. `act` is the call's request_id. The events of the call make the claim permanent
// (see ReviewTarget), and a refusal of the call ends it. SAME_PERSON if the person acts for another entity;
// PEER_UNAVAILABLE if review does not answer.
absl::Status ClaimPart(const rpc::PeerClient& peers, rpc::Call& call, const std::string& bucp,
                       const std::string& act);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DISPUTE_EVENTS_H_
