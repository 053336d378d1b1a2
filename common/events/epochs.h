#ifndef IDEA_COMMON_EVENTS_EPOCHS_H_
#define IDEA_COMMON_EVENTS_EPOCHS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/database.h"

namespace idea::events {

// A database has one history until it is restored, copied, or taken over by a server that had not got all of
// it (a failover): then its positions are given again, to other events. So each position that is kept outside
// of a transaction, in a token or a cursor, carries the epoch in which it was read.
class Epochs {
 public:
  // Those of the event log.
  static absl::StatusOr<Epochs> Read(storage::Transaction& db);
  // Those of another list that numbers its rows: (id, last position before the epoch, whether that position
  // is unknown, last position now), the oldest epoch first.
  explicit Epochs(const storage::Rows& rows);

  // The last position.
  int64_t head() const { return head_; }
  const std::string& current() const { return epochs_.back().id; }

  // A position of now as text. `scope` says what it is a position in: "bucp bucps/1".
  std::string TokenOf(int64_t position, std::string_view scope) const;
  // The position in a token that a client has kept; 0 for an empty one. PAGE_TOKEN_INVALID, naming `field`,
  // if it is not a token of this scope, or names a place that this database has not got (any more).
  // `may_be_ahead`: it may be ahead of this snapshot in the current epoch.
  absl::StatusOr<int64_t> Resolve(std::string_view token, std::string_view scope, std::string_view field,
                                  bool may_be_ahead = false) const;

  // A position as text for a cursor of the suite's own, and where such a cursor goes on: never behind an
  // event that may not have been handed over. 0, the beginning, for what is not understood.
  std::string CursorOf(int64_t position) const { return current() + "." + std::to_string(position); }
  int64_t ReplayAfter(std::string_view cursor) const;
  // Whether the cursor is of the current epoch, and of a place that the log has not reached: then the
  // database was restored without a trace in itself.
  bool IsAhead(std::string_view cursor) const;
  // Whether the epoch of the cursor is one of these.
  bool Knows(std::string_view cursor) const;
  // Whether `stored` is not before `cursor`, as far as can be said: both are of the same epoch.
  static bool Covers(std::string_view stored, std::string_view cursor);

  // The history as PeerHistory reads it: "<id>.<position>,...", the current epoch last, each with the last
  // position that it has in common with all later ones.
  std::string Describe() const;
  // Maximum number of epochs in a description: the last ones.
  static constexpr int kMaxDescribed = 20;

 private:
  struct Epoch {
    std::string id;
    int64_t head;
    // The head is unknown: positions may have been given again before the epoch began.
    bool replays;
  };
  // The epoch of that id; the first one for ""; end() for none.
  std::vector<Epoch>::const_iterator Find(std::string_view id) const;
  // The last position that is in all epochs from `epoch` on, `head` being that of now.
  int64_t CommonHead(std::vector<Epoch>::const_iterator epoch, int64_t head) const;

  std::vector<Epoch> epochs_;
  int64_t head_;
};

// Begins a new epoch if the database is not where it was when the latest began. To be called at every start,
// and on PostgreSQL, whose server may be another one at any time, before positions are given. The transaction
// is run again if another one begins an epoch at the same moment. An operator who knows more than the
// database sets the column `copy` to kStatedCopy: nothing that was kept of the log before counts any more.
absl::Status EnsureEpoch(storage::Transaction& db);
inline constexpr char kStatedCopy[] = "restored";
// Whether EnsureEpoch would begin one.
absl::StatusOr<bool> IsElsewhere(storage::Transaction& db);
// Begins a new epoch. `exact`: all positions that the log has now were in it when its end was lost; otherwise
// they may have been given again since, and nothing that was kept of the log before counts any more.
absl::Status BeginEpoch(storage::Transaction& db, bool exact);
// Begins a new epoch, which is not exact, if the cursor IsAhead().
absl::Status EndEpochOf(storage::Transaction& db, std::string_view cursor);

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_EPOCHS_H_
