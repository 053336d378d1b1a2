#ifndef IDEA_SERVICES_REVIEW_REVIEW_EVENTS_H_
#define IDEA_SERVICES_REVIEW_REVIEW_EVENTS_H_

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

namespace idea::review {

// The types of the events of this service.
inline constexpr char kRoutingOpened[] = "RoutingOpened";
inline constexpr char kRoutingHeld[] = "RoutingHeld";
inline constexpr char kRoutingReleased[] = "RoutingReleased";
inline constexpr char kRoutingClosed[] = "RoutingClosed";
inline constexpr char kOpinionRegistered[] = "OpinionRegistered";
inline constexpr char kOpinionAmended[] = "OpinionAmended";
inline constexpr char kOpinionCarriedOver[] = "OpinionCarriedOver";
inline constexpr char kCarryOverRefused[] = "CarryOverRefused";
inline constexpr char kConcernReconciled[] = "ConcernReconciled";
inline constexpr char kOpinionsCompleted[] = "OpinionsCompleted";
inline constexpr char kBucpSigned[] = "BucpSigned";
inline constexpr char kSponsorsSigned[] = "SponsorsSigned";
inline constexpr char kRoutingCompleted[] = "RoutingCompleted";
inline constexpr char kChangesRequested[] = "ChangesRequested";
inline constexpr char kTaskReassigned[] = "TaskReassigned";
inline constexpr char kTaskReminded[] = "TaskReminded";
inline constexpr char kPartClaimed[] = "PartClaimed";
inline constexpr char kPartReleased[] = "PartReleased";

// Hands the events that are commands to drafting: every opinion or every signature of a freeze is given, or
// changes are requested.
events::Target DraftingTarget(const rpc::PeerClient& peers);

// Has inventory add an entry to the log for every version of an opinion and for every signature.
events::Target LogTarget(const rpc::PeerClient& peers, storage::Database& database);

}  // namespace idea::review

#endif  // IDEA_SERVICES_REVIEW_REVIEW_EVENTS_H_
