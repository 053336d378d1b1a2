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

// How far each relay has come: SQL over the tables `cursors` and `handovers`.
namespace idea::events {

// What a row of `handovers` says of its event.
enum HandoverState : int64_t { kFinished = 0, kFailed = 1, kWaits = 2 };

// A relay's cursor, as it was taken.
struct TakenCursor {
  std::string epoch;
  // All up to here is finished.
  int64_t position = 0;
  // Events after it that are finished too.
  std::set<int64_t> finished;
  // How many events of a line are set aside.
  std::map<std::string, int64_t> aside;
  // The epoch of the peer's log in the latest mark (peer_history.h); empty without one.
  std::string peer_epoch;
};

// Writes to `cursors` use this lane: replicas wait for each other instead of running into conflicts, which
// PostgreSQL would write to its log. It is an empty table, so that its lock does not keep autovacuum away
// from the rows.
inline constexpr storage::Lane kCursorLane = "cursor_lane";

// A lease as its owner wrote it. Each renewal writes another end, by the owner's clock.
struct Lease {
  std::string owner;
  clock::Micros until = 0;
  bool operator==(const Lease&) const = default;
};

// A relay that asks for a cursor.
struct Claimant {
  std::string owner;
  // What the owner name of an earlier process begins with that this one has replaced; empty if unknown.
  std::string replaces;
  // Until when the lease is to last.
  clock::Micros until = 0;
  // A lease whose owner has not renewed it in time: it counts no more, unless it is renewed meanwhile.
  std::optional<Lease> dead{};
};

// Returns the lease of another owner; nullopt if `claimant` may take the cursor. Only reads.
absl::StatusOr<std::optional<Lease>> FindOtherLease(storage::Transaction& db, const std::string& target,
                                                    const Claimant& claimant);

// Takes the cursor, or renews the lease. Returns nullopt if another owner has it.
absl::StatusOr<std::optional<TakenCursor>> TakeCursor(storage::Transaction& db, const std::string& target,
                                                      const Claimant& claimant);

// Ends the lease, if it is the owner's.
absl::Status ReturnCursor(storage::Transaction& db, const std::string& target, const std::string& owner);

// Each fails with FAILED_PRECONDITION if the cursor has another owner.
//
// All up to `position` of the epoch is finished.
absl::Status MoveCursor(storage::Transaction& db, const std::string& target, const std::string& owner,
                        const std::string& epoch, int64_t position);
// An event after the cursor is finished.
absl::Status FinishHandover(storage::Transaction& db, const std::string& target, const std::string& owner,
                            int64_t position);
// Sets the events of a line aside, in their order: the first has failed so often for that reason, the others
// wait for it.
struct SetAsideLine {
  std::string line;
  std::vector<int64_t> positions;
  int failures = 0;
  std::string reason;
  std::string text;
  // When the first is tried again.
  clock::Micros next_try = 0;
};
absl::Status SetAside(storage::Transaction& db, const std::string& target, const std::string& owner,
                      const SetAsideLine& line, clock::Micros now);

// The first event of a line that is set aside; nullopt for none.
absl::StatusOr<std::optional<LoggedEvent>> FirstAside(storage::Transaction& db, const std::string& target,
                                                      const std::string& line);
// The lines whose first event is due at `now`.
absl::StatusOr<std::vector<std::string>> DueAside(storage::Transaction& db, const std::string& target,
                                                  clock::Micros now);
// Makes the first event of each line due at `now`, or only of those of one target or of one line if that is
// not empty. Whoever has the cursor tries them within a second. Returns how many lines there are.
absl::StatusOr<int64_t> RetryAside(storage::Transaction& db, const std::string& target,
                                   const std::string& line, clock::Micros now);
// An attempt that began at `begun` has failed. It is tried again at `next_try`, or earlier if somebody asked
// for that since it began.
absl::Status FailAside(storage::Transaction& db, const std::string& target, const std::string& owner,
                       int64_t position, const absl::Status& failure, clock::Micros begun,
                       clock::Micros next_try);
// It is finished.
absl::Status FinishAside(storage::Transaction& db, const std::string& target, const std::string& owner,
                         int64_t position);

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_HANDOVER_STORE_H_
