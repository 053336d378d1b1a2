#ifndef IDEA_COMMON_EVENTS_BACKLOG_H_
#define IDEA_COMMON_EVENTS_BACKLOG_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"

namespace idea::events {

// The undelivered events of a log.
struct Backlog {
  // The number of committed events without a position, which readers do not see yet. Always 0 on SQLite.
  int64_t unplaced = 0;
  // The events after the cursor of each relay, by target.
  struct Waiting {
    int64_t events = 0;
    // When the first of them was recorded; 0 if no event waits.
    clock::Micros oldest = 0;
  };
  std::map<std::string, Waiting> undelivered;
  // The cursor of the last event (Epochs::CursorOf).
  std::string head;
  // The number of dead letters: events that relays have set aside.
  int64_t set_aside = 0;
};

// `feeds` are cursors (Epochs::CursorOf) that are stored elsewhere, by target.
absl::StatusOr<Backlog> ReadBacklog(storage::Transaction& db,
                                    const std::map<std::string, std::string>& feeds = {});

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_BACKLOG_H_
