#ifndef IDEA_COMMON_EVENTS_BACKLOG_H_
#define IDEA_COMMON_EVENTS_BACKLOG_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "common/storage/database.h"

namespace idea::events {

// The events of a log that have not arrived.
struct Backlog {
  // Number of events that are committed and have no position yet, so that no reader sees them. Always 0 on
  // SQLite.
  int64_t unplaced = 0;
  // Number of events after the cursor of each relay, by target.
  std::map<std::string, int64_t> undelivered;
};

absl::StatusOr<Backlog> ReadBacklog(storage::Transaction& db);

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_BACKLOG_H_
