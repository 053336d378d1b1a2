#ifndef IDEA_COMMON_EVENTS_PEER_HISTORY_H_
#define IDEA_COMMON_EVENTS_PEER_HISTORY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/storage/database.h"

// Detects that the database of a peer was restored, and from where to hand over again: SQL over the table
// `peer_marks`.
namespace idea::events {

// The epochs of the log of a peer, from Epochs::Describe().
class PeerHistory {
 public:
  // nullopt if the text is not a description.
  static std::optional<PeerHistory> Parse(std::string_view text);

  const std::string& epoch() const { return epochs_.back().id; }
  // The last position of the current epoch.
  int64_t head() const { return epochs_.back().position; }
  // Whether it is the first epoch of the peer: the peer has never lost data.
  bool is_first() const { return epochs_.size() == 1; }
  // Whether the peer, in a later epoch, still has all that it had when its log was at `position` of `epoch`.
  // This includes commands accepted after that position and before the next one.
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
  // The cursor before the peer was asked: all events up to `position` of `epoch` were finished, except those
  // that were set aside.
  std::string epoch;
  int64_t position = 0;
  // Whether events were set aside. Then no mark is added after position 0, because the peer may accept them
  // after its answer.
  bool has_aside = false;
};

struct Followed {
  // The position of the latest mark.
  int64_t marked = 0;
  // The peer may have lost events after the mark, so the cursor was moved back to it.
  bool lost = false;
};

// Compares the history of the peer with the latest mark. If the peer was restored, or taken over by a server
// without all of its data, moves the cursor back to the last mark that the peer still has;
// FAILED_PRECONDITION if the cursor has another owner. Otherwise adds a mark every kMarkSpacing events.
// `rolled_back`: the log of the peer was longer before, in the same epoch. Returns nullopt and does nothing
// if the own log has begun an epoch since the cursor was read.
absl::StatusOr<std::optional<Followed>> FollowPeer(storage::Transaction& db, const Follower& follower,
                                                   const PeerHistory& peer, bool rolled_back);
// The minimum number of positions between two marks.
inline constexpr int64_t kMarkSpacing = 100;

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_PEER_HISTORY_H_
