#ifndef IDEA_COMMON_EVENTS_BACKLOG_H_
#define IDEA_COMMON_EVENTS_BACKLOG_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "common/storage/database.h"

namespace idea::events {

// The undelivered events of a log.
struct Backlog {
  // The number of committed events without a position, which readers do not see yet. Always 0 on SQLite.
  int64_t unplaced = 0;
  // The number of events after the cursor of each relay, by target.
  std::map<std::string, int64_t> undelivered;
  // The number of dead letters: events that relays have set aside.
  int64_t set_aside = 0;
};

absl::StatusOr<Backlog> ReadBacklog(storage::Transaction& db);

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_BACKLOG_H_
