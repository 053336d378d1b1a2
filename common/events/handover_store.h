#ifndef IDEA_COMMON_EVENTS_HANDOVER_STORE_H_
#define IDEA_COMMON_EVENTS_HANDOVER_STORE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/events/events.h"
#include "common/storage/database.h"

// The progress of each relay: SQL over the tables `cursors` and `handovers`.
namespace idea::events {

// The state of an event in `handovers`.
enum HandoverState : int64_t { kFinished = 0, kFailed = 1, kWaits = 2 };

// The cursor of a relay when it was taken.
struct TakenCursor {
  std::string epoch;
  // All events up to here are finished.
  int64_t position = 0;
  // Finished events after it.
  std::set<int64_t> finished;
  // The number of events of each line that are set aside.
  std::map<std::string, int64_t> aside;
  // The epoch of the log of the peer in the latest mark (peer_history.h); empty without a mark.
  std::string peer_epoch;
};

// The lane of writes to `cursors`: replicas wait for each other instead of having conflicts, which PostgreSQL
// would log. It is an empty table, so that its lock does not keep autovacuum away from the rows.
inline constexpr storage::Lane kCursorLane = "cursor_lane";

// A lease as written by its owner. Each renewal writes another end, by the clock of the owner.
struct Lease {
  std::string owner;
  clock::Micros until = 0;
  bool operator==(const Lease&) const = default;
};

// A relay that asks for a cursor.
struct Claimant {
  std::string owner;
  // The prefix of the owner names of a process that this one has replaced; empty if unknown.
  std::string replaces;
  // The requested end of the lease.
  clock::Micros until = 0;
  // A lease that its owner has not renewed in time. It does not count, unless it is renewed before the cursor
  // is taken.
  std::optional<Lease> dead{};
};

// Returns the lease of another owner; nullopt if `claimant` may take the cursor. Read-only.
absl::StatusOr<std::optional<Lease>> FindOtherLease(storage::Transaction& db, const std::string& target,
                                                    const Claimant& claimant);

// Takes the cursor, or renews the lease. Returns nullopt if another owner has it.
absl::StatusOr<std::optional<TakenCursor>> TakeCursor(storage::Transaction& db, const std::string& target,
                                                      const Claimant& claimant);

// Ends the lease if it belongs to the owner.
absl::Status ReturnCursor(storage::Transaction& db, const std::string& target, const std::string& owner);

// The following functions fail with FAILED_PRECONDITION if the cursor has another owner.
//
// All events up to `position` of the epoch are finished.
absl::Status MoveCursor(storage::Transaction& db, const std::string& target, const std::string& owner,
                        const std::string& epoch, int64_t position);
// An event after the cursor is finished.
absl::Status FinishHandover(storage::Transaction& db, const std::string& target, const std::string& owner,
                            int64_t position);
// Sets the events of a line aside, in order: the first has failed too often, for that reason, and the others
// wait for it.
struct SetAsideLine {
  std::string line;
  std::vector<int64_t> positions;
  int failures = 0;
  std::string reason;
  std::string text;
  // When the first one is tried again.
  clock::Micros next_try = 0;
};
absl::Status SetAside(storage::Transaction& db, const std::string& target, const std::string& owner,
                      const SetAsideLine& line, clock::Micros now);

// The first event of a line that is set aside, and how often it has failed; nullopt if the line is empty.
struct AsideEvent {
  LoggedEvent logged;
  int failures = 0;
};
absl::StatusOr<std::optional<AsideEvent>> FirstAside(storage::Transaction& db, const std::string& target,
                                                     const std::string& line);
// The lines whose first event is due at `now`.
absl::StatusOr<std::vector<std::string>> DueAside(storage::Transaction& db, const std::string& target,
                                                  clock::Micros now);
// Makes the first event of each line due at `now`, restricted to a target or a line if that is not empty. The
// relay that has the cursor tries them within a second. Returns the number of lines.
absl::StatusOr<int64_t> RetryAside(storage::Transaction& db, const std::string& target,
                                   const std::string& line, clock::Micros now);
// Records that an attempt that began at `begun` has failed, and whether that counts. It is tried again at
// `next_try`, or earlier if an operator requested that after `begun`.
absl::Status FailAside(storage::Transaction& db, const std::string& target, const std::string& owner,
                       int64_t position, const absl::Status& failure, bool counts, clock::Micros begun,
                       clock::Micros next_try);
// Records that it is finished.
absl::Status FinishAside(storage::Transaction& db, const std::string& target, const std::string& owner,
                         int64_t position);

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_HANDOVER_STORE_H_
