#ifndef IDEA_SERVICES_DRAFTING_DRAFTING_EVENTS_H_
#define IDEA_SERVICES_DRAFTING_DRAFTING_EVENTS_H_

#include "absl/time/time.h"

namespace idea::events {
struct Target;
}  // namespace idea::events

namespace idea::rpc {
class PeerClient;
}  // namespace idea::rpc

namespace idea::storage {
class Database;
}  // namespace idea::storage

// The events of drafting, and which of them are commands for other services.
namespace idea::drafting {

// The types of the events.
inline constexpr char kBucpCreated[] = "BucpCreated";
inline constexpr char kBucpUpdated[] = "BucpUpdated";
inline constexpr char kBucpSent[] = "BucpSent";
inline constexpr char kBucpShared[] = "BucpShared";
inline constexpr char kBucpSenderSet[] = "BucpSenderSet";
inline constexpr char kBucpReturned[] = "BucpReturned";
inline constexpr char kBucpFrozen[] = "BucpFrozen";
inline constexpr char kBucpReviewed[] = "BucpReviewed";
inline constexpr char kBucpUnfrozen[] = "BucpUnfrozen";
inline constexpr char kBucpExecuted[] = "BucpExecuted";
inline constexpr char kBucpFiled[] = "BucpFiled";
inline constexpr char kBucpEnded[] = "BucpEnded";
inline constexpr char kBucpSuperseded[] = "BucpSuperseded";
inline constexpr char kBucpWithdrawn[] = "BucpWithdrawn";
inline constexpr char kBucpHeld[] = "BucpHeld";
inline constexpr char kBucpReleased[] = "BucpReleased";
inline constexpr char kBucpReopened[] = "BucpReopened";
inline constexpr char kBucpRejected[] = "BucpRejected";
inline constexpr char kBucpNotApproved[] = "BucpNotApproved";
inline constexpr char kAmendmentStarted[] = "AmendmentStarted";
inline constexpr char kCommentCreated[] = "CommentCreated";
inline constexpr char kCommentUpdated[] = "CommentUpdated";
inline constexpr char kCommentResolved[] = "CommentResolved";
inline constexpr char kCommentReopened[] = "CommentReopened";
inline constexpr char kTemplateCreated[] = "TemplateCreated";
inline constexpr char kDocumentRead[] = "DocumentRead";

// Dispute ends the dispute that held a BUCP when the BUCP is withdrawn. Drafting also asks for the dispute
// that holds a BUCP: if the database of dispute was restored to a time before the dispute was opened, the
// BUCP is released.
events::Target DisputeTarget(const rpc::PeerClient& peers, absl::TimeZone zone);

// Review opens, holds, releases and closes the routing of the freeze that an event names.
events::Target ReviewTarget(const rpc::PeerClient& peers);

// Inventory expects the filing of an executed agreement. If it refuses an amendment because the amended
// agreement had ended in the register, the amendment is closed.
events::Target InventoryTarget(const rpc::PeerClient& peers, absl::TimeZone zone);

// Has inventory add an entry to the log for every freeze and execution.
events::Target LogTarget(const rpc::PeerClient& peers, storage::Database& database);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_DRAFTING_EVENTS_H_
