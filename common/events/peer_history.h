#ifndef IDEA_COMMON_EVENTS_PEER_HISTORY_H_
#define IDEA_COMMON_EVENTS_PEER_HISTORY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/storage/database.h"

// How a relay notices that its peer's database was restored, and from where it hands over again: SQL over the
// table `peer_marks`.
namespace idea::events {

// The epochs of a peer's log, as the peer describes them (Epochs::Describe).
class PeerHistory {
 public:
  // nullopt for a text that is not a description.
  static std::optional<PeerHistory> Parse(std::string_view text);

  const std::string& epoch() const { return epochs_.back().id; }
  // The last position of the current epoch.
  int64_t head() const { return epochs_.back().position; }
  // Whether it is the peer's first epoch: the peer has lost nothing ever.
  bool is_first() const { return epochs_.size() == 1; }
  // Whether the peer came back, in a later epoch, with all that it had when its log was at `position` of
  // `epoch`. What the peer accepted after it reached that position and before the next one counts.
  bool Kept(std::string_view epoch, int64_t position) const;

 private:
  struct Epoch {
    std::string id;
    int64_t position = 0;
  };
  std::vector<Epoch> epochs_;
};

// A relay that has asked its peer.
struct Follower {
  std::string target;
  std::string owner;
  // The cursor before the peer was asked: all up to `position` of `epoch` was finished.
  std::string epoch;
  int64_t position = 0;
};

struct Followed {
  // The position of the latest mark.
  int64_t marked = 0;
  // The peer may have lost what follows the mark: the cursor was moved back to it.
  bool lost = false;
};

// Compares the peer's history with the latest mark. If the peer was restored, or taken over by a server that
// had not got all, moves the cursor back to the last mark that the peer still has; FAILED_PRECONDITION if the
// cursor has another owner. Otherwise adds a mark after kMarkSpacing events. `rolled_back`: the peer's log
// was longer before, in the same epoch. Returns nullopt, and does nothing, if the own log has begun an epoch
// since the cursor was read.
absl::StatusOr<std::optional<Followed>> FollowPeer(storage::Transaction& db, const Follower& follower,
                                                   const PeerHistory& peer, bool rolled_back);
// Minimum number of positions between two marks.
inline constexpr int64_t kMarkSpacing = 100;

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_PEER_HISTORY_H_
