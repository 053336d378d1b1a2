#ifndef IDEA_SERVICES_NOTIFICATION_INBOX_STORE_H_
#define IDEA_SERVICES_NOTIFICATION_INBOX_STORE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/events/events.h"
#include "common/storage/database.h"

// The inboxes: SQL over the table `inbox`.
namespace idea::notification {

// Whether the event can be put into an inbox: it has an id, and its names are names. What is not so never
// will be; the database is not asked.
bool IsDeliverable(const events::Event& event);

// Puts the event into the inbox of every entity of its audience where it is not yet; without its `data`,
// which is between services. Returns how many inboxes are new to it.
absl::StatusOr<int> Deliver(storage::Transaction& db, const events::Event& event);

// Up to `limit` items of the entity's inbox behind `after` that fit the filter (type, bucp, subject), in the
// order of arrival, none of which can be preceded by one that is still to come. Returns FILTER_INVALID.
absl::StatusOr<std::vector<events::Logged>> ReadInbox(storage::Transaction& db, const std::string& entity,
                                                      events::Position after, int limit,
                                                      std::string_view filter = "");

// The latest `limit` items of the entity's inbox that concern the BUCP, oldest first by the time of the
// event.
absl::StatusOr<std::vector<events::Logged>> ReadTimeline(storage::Transaction& db, const std::string& entity,
                                                         const std::string& bucp, int limit);

}  // namespace idea::notification

#endif  // IDEA_SERVICES_NOTIFICATION_INBOX_STORE_H_
