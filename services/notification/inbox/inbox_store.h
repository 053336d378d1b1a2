#ifndef IDEA_SERVICES_NOTIFICATION_INBOX_INBOX_STORE_H_
#define IDEA_SERVICES_NOTIFICATION_INBOX_INBOX_STORE_H_

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/events/epochs.h"
#include "common/events/events.h"
#include "common/events/history_check.h"
#include "common/storage/database.h"

// Stores the inboxes in the table `inbox`.
namespace idea::notification {

// Whether the event can be put into an inbox: it has an id and valid names. Does not use the database.
bool IsDeliverable(const events::Event& event);

// Puts the event, without its `data`, into the inbox of every entity of its audience that does not have it.
// `source` is the service of its log, whose events are delivered in the order of the log. Returns the number
// of inboxes to which it was added. Callers must use a transaction of the lane kInboxLane.
absl::StatusOr<int> Deliver(storage::Transaction& db, const events::Event& event,
                            const std::string& source = "");
inline constexpr char kInboxLane[] = "inbox_writer";

// Reads or saves the cursor up to which the log of each source is in the inboxes.
absl::StatusOr<std::map<std::string, std::string>> ReadSources(storage::Transaction& db);
absl::Status SaveSource(storage::Transaction& db, const std::string& source, const std::string& cursor);

// The epochs of the inboxes. Positions are the numbers of the rows.
absl::StatusOr<events::Epochs> ReadInboxEpochs(storage::Transaction& db);
// Begins an epoch if necessary. Must precede Deliver.
absl::Status EnsureInboxEpoch(storage::Transaction& db);
// The rows of all inboxes as one list.
events::NumberedList Inboxes();

// Returns up to `limit` items of the entity's inbox after `position` that match the filter (type, bucp,
// subject, state), in the order of arrival. No item arrives before one that was read. Returns FILTER_INVALID.
absl::StatusOr<std::vector<events::LoggedEvent>> ReadInbox(storage::Transaction& db,
                                                           const std::string& entity, int64_t position,
                                                           int limit, std::string_view filter = "");

// A part of an inbox that was searched for items.
struct InboxPage {
  std::vector<events::LoggedEvent> items;
  // All items up to this position that match were returned now or before.
  int64_t searched = 0;
  // Whether the inbox has items after it.
  bool more = false;
};
// As ReadInbox, but searches at most kMaxSearched items, so that a filter that few items match does not make
// it read the whole inbox. The last item that is searched is `last` or before.
absl::StatusOr<InboxPage> SearchInbox(storage::Transaction& db, const std::string& entity, int64_t position,
                                      int limit, std::string_view filter,
                                      int64_t last = std::numeric_limits<int64_t>::max());
inline constexpr int64_t kMaxSearched = 1000;

// Whether ReadInbox accepts the filter. Returns FILTER_INVALID.
absl::Status CheckFilter(std::string_view filter);

// The position before the first item of the entity's inbox of that time or later; that of the last item of
// all inboxes if none exists.
absl::StatusOr<int64_t> PositionBefore(storage::Transaction& db, const std::string& entity,
                                       clock::Micros time);

// The entities whose inboxes have items after `position` up to `last`.
absl::StatusOr<std::vector<std::string>> ReadRecipients(storage::Transaction& db, int64_t position,
                                                        int64_t last);

// Returns the latest `limit` items of the entity's inbox on the BUCP, oldest first by the time of the event.
// Events of one service are in the order of its log.
absl::StatusOr<std::vector<events::LoggedEvent>> ReadTimeline(storage::Transaction& db,
                                                              const std::string& entity,
                                                              const std::string& bucp, int limit);

}  // namespace idea::notification

#endif  // IDEA_SERVICES_NOTIFICATION_INBOX_INBOX_STORE_H_
