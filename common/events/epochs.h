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

// A database has one history until it is restored, copied, or taken over by a server without all of it (a
// failover). Then its positions are given again, to other events. So each position that is kept outside of a
// transaction, in a token or a cursor, carries the epoch in which it was read.
class Epochs {
 public:
  // The epochs of the event log.
  static absl::StatusOr<Epochs> Read(storage::Transaction& db);
  // The epochs of another list that numbers its rows: (id, last position before the epoch, whether that
  // position is unknown, current last position), the oldest epoch first.
  explicit Epochs(const storage::Rows& rows);

  // The last position.
  int64_t head() const { return head_; }
  const std::string& current() const { return epochs_.back().id; }

  // A current position as a token. `scope` names what it is a position in: "bucp bucps/1".
  std::string TokenOf(int64_t position, std::string_view scope) const;
  // The position in a token of a client; 0 for an empty one. PAGE_TOKEN_INVALID for `field` if it is not a
  // token of this scope, or if the database does not have its position (any more). `may_be_ahead`: it may be
  // ahead of this snapshot in the current epoch.
  absl::StatusOr<int64_t> Resolve(std::string_view token, std::string_view scope, std::string_view field,
                                  bool may_be_ahead = false) const;

  // A position as a cursor for internal use, and the position from which such a cursor continues: never after
  // an event that may not have been handed over. 0, the beginning, for an unknown cursor.
  std::string CursorOf(int64_t position) const { return current() + "." + std::to_string(position); }
  int64_t ReplayAfter(std::string_view cursor) const;
  // Whether the cursor belongs to the current epoch and to a position that the log has not reached. Then the
  // database was restored without any other trace.
  bool IsAhead(std::string_view cursor) const;
  // Whether the epoch of the cursor is known.
  bool Knows(std::string_view cursor) const;
  // Whether `stored` is known not to be before `cursor`: both belong to the same epoch.
  static bool Covers(std::string_view stored, std::string_view cursor);

  // The history in the form that PeerHistory parses: "<id>.<position>,...", the current epoch last, each with
  // the last position that it shares with all later epochs.
  std::string Describe() const;
  // The maximum number of epochs in a description: the last ones.
  static constexpr int kMaxDescribed = 20;

 private:
  struct Epoch {
    std::string id;
    int64_t head;
    // The head is unknown: positions may have been given again before the epoch began.
    bool replays;
  };
  // The epoch with that id; the first one for ""; end() if it is unknown.
  std::vector<Epoch>::const_iterator Find(std::string_view id) const;
  // The last position that all epochs from `epoch` on share, where `head` is the current one.
  int64_t CommonHead(std::vector<Epoch>::const_iterator epoch, int64_t head) const;

  std::vector<Epoch> epochs_;
  int64_t head_;
};

// Begins a new epoch if the database is not where it was when the latest epoch began. To be called at every
// start, and on PostgreSQL, whose server may change at any time, before positions are given. The transaction
// is run again if another one begins an epoch at the same moment. An operator can state a restore by setting
// the column `copy` to kStatedCopy: then no earlier position is valid any more.
absl::Status EnsureEpoch(storage::Transaction& db);
inline constexpr char kStatedCopy[] = "restored";
// Whether EnsureEpoch() would begin one.
absl::StatusOr<bool> IsElsewhere(storage::Transaction& db);
// Begins a new epoch. `exact`: all current positions of the log existed when its end was lost. Otherwise they
// may have been given again since, and no earlier position is valid any more.
absl::Status BeginEpoch(storage::Transaction& db, bool exact);
// Begins a new epoch that is not exact if IsAhead() is true for the cursor.
absl::Status EndEpochOf(storage::Transaction& db, std::string_view cursor);

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_EPOCHS_H_
