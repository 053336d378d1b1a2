#ifndef IDEA_SERVICES_NOTIFICATION_INBOX_STORE_H_
#define IDEA_SERVICES_NOTIFICATION_INBOX_STORE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/events/epochs.h"
#include "common/events/events.h"
#include "common/events/history_check.h"
#include "common/storage/database.h"

// The inboxes: SQL over the table `inbox`.
namespace idea::notification {

// Whether the event can be put into an inbox: it has an id, and its names are names. What is not so never
// will be; the database is not asked.
bool IsDeliverable(const events::Event& event);

// Puts the event into the inbox of every entity of its audience where it is not yet; without its `data`,
// which is between services. `source` is the service whose log it is from, and whose events are delivered in
// the log's order. Returns how many inboxes are new to it. To be called in a transaction of the lane
// kInboxLane only.
absl::StatusOr<int> Deliver(storage::Transaction& db, const events::Event& event,
                            const std::string& source = "");
inline constexpr char kInboxLane[] = "inbox_writer";

// Up to which cursor of its log each source is in the inboxes.
absl::StatusOr<std::map<std::string, std::string>> ReadSources(storage::Transaction& db);
absl::Status SaveSource(storage::Transaction& db, const std::string& source, const std::string& cursor);

// The epochs of the inboxes, whose positions are the numbers of their rows.
absl::StatusOr<events::Epochs> ReadInboxEpochs(storage::Transaction& db);
// Begins an epoch if need be. Comes before Deliver.
absl::Status EnsureInboxEpoch(storage::Transaction& db);
// Their rows, all together.
events::NumberedList Inboxes();

// Up to `limit` items of the entity's inbox after `position` that fit the filter (type, bucp, subject), in
// the order of arrival. Nothing arrives before an item that was read. Returns FILTER_INVALID.
absl::StatusOr<std::vector<events::LoggedEvent>> ReadInbox(storage::Transaction& db,
                                                           const std::string& entity, int64_t position,
                                                           int limit, std::string_view filter = "");

// The latest `limit` items of the entity's inbox that concern the BUCP, oldest first by the time of the
// event. Events of one service stand in the order of its log.
absl::StatusOr<std::vector<events::LoggedEvent>> ReadTimeline(storage::Transaction& db,
                                                              const std::string& entity,
                                                              const std::string& bucp, int limit);

}  // namespace idea::notification

#endif  // IDEA_SERVICES_NOTIFICATION_INBOX_STORE_H_
