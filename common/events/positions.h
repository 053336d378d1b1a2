#ifndef IDEA_COMMON_EVENTS_POSITIONS_H_
#define IDEA_COMMON_EVENTS_POSITIONS_H_

#include "absl/status/status.h"
#include "common/storage/database.h"

namespace idea::events {

// Gives positions to the committed events that have none, in the order of their numbers. One transaction of
// all replicas does so at a time, so positions become visible in order, and an open transaction delays only
// its own events. Does nothing on SQLite, where the number of an event is its position.
//
// Events of two writers that changed the same row are in the order of their commits: the snapshot of the
// second writer is younger than the commit of the first one (REPEATABLE READ), so its events have higher
// numbers, and a reader that sees them also sees those of the first.
absl::Status PlaceEvents(storage::Database& database);

// At a start, detects whether the database was restored, copied or taken over since the last one
// (CheckHistory).
absl::Status OpenLog(storage::Database& database);

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_POSITIONS_H_
