#include "common/events/peer_history.h"

#include <algorithm>
#include <charconv>

#include "common/events/epochs.h"
#include "common/events/handover_store.h"
#include "common/status/status.h"

namespace idea::events {
namespace {

absl::Status AddMark(storage::Transaction& db, const std::string& target, int64_t position,
                     const PeerHistory& peer) {
  return db.ExecuteDeferred(
      "INSERT INTO peer_marks (target, position, peer_epoch, peer_position) VALUES ($1, $2, $3, $4) "
      "ON CONFLICT (target, position) DO UPDATE SET peer_epoch = excluded.peer_epoch, "
      "peer_position = excluded.peer_position",
      {target, position, peer.epoch(), peer.head()});
}

// The position of the last mark that the peer still has; 0 if it has none. Removes the later marks.
absl::StatusOr<int64_t> ReturnToMark(storage::Transaction& db, const std::string& target,
                                     const PeerHistory& peer) {
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT position, peer_epoch, peer_position FROM peer_marks WHERE target = $1 "
                            "ORDER BY position DESC",
                            {target}));
  const auto kept = std::find_if(rows.begin(), rows.end(),
                                 [&](const storage::Row& row) { return peer.Kept(row.Text(1), row.Int(2)); });
  const int64_t position = kept == rows.end() ? 0 : kept->Int(0);
  RETURN_IF_ERROR(
      db.ExecuteDeferred("DELETE FROM peer_marks WHERE target = $1 AND position > $2", {target, position}));
  return position;
}

}  // namespace

std::optional<PeerHistory> PeerHistory::Parse(std::string_view text) {
  PeerHistory history;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    const size_t dot = item.find('.');
    if (dot == 0 || dot == std::string_view::npos) return std::nullopt;
    Epoch epoch{std::string(item.substr(0, dot))};
    const char* end = item.data() + item.size();
    const auto [last, bad] = std::from_chars(item.data() + dot + 1, end, epoch.position);
    if (bad != std::errc() || last != end || epoch.position < 0) return std::nullopt;
    history.epochs_.push_back(std::move(epoch));
  }
  if (history.epochs_.empty()) return std::nullopt;
  return history;
}

bool PeerHistory::Kept(std::string_view epoch, int64_t position) const {
  // The log continued after the position before it was cut off, so it contains the events accepted at the
  // position.
  return std::any_of(epochs_.begin(), epochs_.end() - 1,
                     [&](const Epoch& each) { return each.id == epoch && position < each.position; });
}

absl::StatusOr<std::optional<Followed>> FollowPeer(storage::Transaction& db, const Follower& follower,
                                                   const PeerHistory& peer, bool rolled_back) {
  const auto& [target, owner, epoch, position, has_aside] = follower;
  ASSIGN_OR_RETURN(const Epochs own, Epochs::Read(db));
  if (own.current() != epoch) return std::optional<Followed>();
  ASSIGN_OR_RETURN(const auto latest,
                   db.QueryOne("SELECT position, peer_epoch, peer_position FROM peer_marks WHERE target = $1 "
                               "ORDER BY position DESC LIMIT 1",
                               {target}));
  // Without a mark, nothing is known about a peer that has ever lost data.
  const bool lost = rolled_back || (latest ? latest->Text(1) != peer.epoch() || latest->Int(2) > peer.head()
                                           : position > 0 && !peer.is_first());
  if (!lost) {
    if (latest && (has_aside || position < latest->Int(0) + kMarkSpacing))
      return std::optional(Followed{latest->Int(0)});
    const int64_t mark = has_aside ? 0 : position;
    RETURN_IF_ERROR(AddMark(db, target, mark, peer));
    return std::optional(Followed{mark});
  }
  ASSIGN_OR_RETURN(const int64_t mark, ReturnToMark(db, target, peer));
  const int64_t back = std::min(mark, position);
  // Finished events after the cursor are handed over again, too.
  RETURN_IF_ERROR(db.ExecuteDeferred("DELETE FROM handovers WHERE target = $1 AND state = $2",
                                     {target, int64_t{kFinished}}));
  RETURN_IF_ERROR(MoveCursor(db, target, owner, epoch, back));
  RETURN_IF_ERROR(AddMark(db, target, back, peer));
  return std::optional(Followed{back, true});
}

}  // namespace idea::events
