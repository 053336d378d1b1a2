#ifndef IDEA_COMMON_EVENTS_RELAY_STATE_H_
#define IDEA_COMMON_EVENTS_RELAY_STATE_H_

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/events/handover_store.h"
#include "common/events/peer_history.h"
#include "common/events/relay.h"
#include "common/events/relay_lines.h"
#include "common/ids/ids.h"

namespace idea::events {

using Time = RelayLines::Time;

// A relay at work. relay_cursor.cc keeps the cursor and reads, relay.cc delivers.
struct Relay::State {
  // A line whose events are set aside.
  struct AsideLine {
    int64_t events = 0;
    Time due;
    bool busy = false;
  };

  Settings settings;
  Target target;
  storage::Database& database;
  Notifier& notifier;
  const clock::Clock& clock;
  // The holder and a random part: two relays of one process are different owners too.
  const std::string owner = settings.holder + "/" + ids::NewUuid();
  std::atomic<bool> stopping{false};
  std::vector<std::thread> threads{};

  // Held while the lease is looked at or taken.
  std::mutex lease_mutex{};
  // When our lease was taken or renewed; nullopt if the cursor is not ours.
  std::optional<clock::Moment> leased_at{};
  // The lease of another owner as it was seen last.
  struct SeenLease {
    Lease lease;
    // Since when it has not been renewed, by the steady clock.
    clock::Micros since = 0;
    // Whether it was taken or renewed while this relay looked on. If not, its end counts too.
    bool alive = false;
  };
  std::optional<SeenLease> seen_lease{};
  // See Claimant.
  std::string replaces = settings.holder.empty() ? "" : settings.holder + "/";
  // Held while the cursor is stored or taken.
  std::mutex saving{};
  // Held while events are read, or lines are set aside or come back: a line does not change sides meanwhile.
  std::mutex reading{};

  // Guards the rest.
  std::mutex mutex{};
  std::condition_variable changed{};
  RelayLines lines{};
  std::map<std::string, AsideLine> aside{};
  // Positions after the cursor that were finished before.
  std::set<int64_t> finished{};
  std::string epoch{};
  int64_t saved = 0;
  Time saved_at{};
  // How many events the peer has accepted or refused, and how many it had when a line failed last.
  int64_t decided = 0;
  std::map<std::string, int64_t> decided_before{};
  // How long each line that failed has waited last.
  std::map<std::string, std::chrono::milliseconds> pauses{};

  // How often the lines were emptied. An event that was taken from them before is not delivered any more.
  uint64_t resets = 0;
  // Deliveries in progress, and whether none may begin.
  int delivering = 0;
  bool paused = false;
  // The epoch that the target expects of the peer's log.
  std::string expected{};
  // When the peer is asked for its history.
  Time ask_peer_at{};
  // Of the pump alone: what it answered last, and the latest mark.
  std::optional<PeerHistory> peer{};
  int64_t marked = 0;

  void TellAside();
  // Whether the owner of this lease has not renewed it for as long as it lasts. Nobody's time of day counts
  // while the lease is seen to be renewed: clocks of replicas may differ, and may be set.
  bool IsDead(const Lease& other);
  // Takes the cursor, or renews the lease on it. False: another replica has it. `first`, which may be null,
  // is called in the transaction before; if it returns true, it has moved the cursor.
  // `alone`: nothing is delivered meanwhile.
  absl::StatusOr<bool> Take(const std::function<absl::StatusOr<bool>(storage::Transaction&)>& first = nullptr,
                            bool alone = false);
  // Waits until no delivery is in progress; from then on none begins until ContinueDeliveries.
  void PauseDeliveries();
  void ContinueDeliveries();
  // Whether the cursor is ours. Renews the lease when a third of it is gone, so that a renewal may take as
  // long as the rest.
  absl::StatusOr<bool> StillOurs();
  // How long a relay without the cursor waits before it asks again: not past the end of the other's lease.
  std::chrono::milliseconds PauseOfIdle();
  // A write to `cursors`.
  absl::Status Write(const storage::Body& body);
  // Reads the next events, if there is room for them. Returns whether there may be more.
  absl::StatusOr<bool> Read();
  absl::Status Save();
  // Asks the peer for its history if it is time to, and delivers again what it has lost. A peer that does not
  // answer is asked again later.
  absl::Status FollowPeer();
  // The peer refused: the own service reacts in the transaction that remembers it, with `finish`.
  absl::Status Refused(const LoggedEvent& logged, const absl::Status& refusal,
                       const std::function<absl::Status(storage::Transaction&)>& finish);
  // Delivers the next event that is due at `now`. False: there is none, or the cursor is another owner's.
  absl::StatusOr<bool> DeliverNext(Time now);
  absl::Status Deliver(const std::string& line, const LoggedEvent& logged);
  absl::Status Failed(const std::string& line, const LoggedEvent& logged, const absl::Status& failure,
                      bool of_the_peer);
  // Twice as long after each failure.
  std::chrono::milliseconds Pause(const std::string& line);
  absl::Status SetLineAside(const std::string& name, const absl::Status& failure, int failures);
  // Makes the lines due that the database says are: an operator wants them tried again.
  absl::Status TakeDueAside();
  // Tries the first event of a line that is set aside; the line comes back when none is left.
  absl::Status DeliverAside(const std::string& name);
  absl::StatusOr<int> Pass();
  void Log(const absl::Status& failure);
  // Reads, and keeps lease and cursor.
  void Pump();
  std::chrono::milliseconds PollInterval();
  // Delivers, and reads on when there is room again.
  void Work();
  absl::StatusOr<bool> ReadIfRoom();
  bool IsTimeToSave();
};

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_RELAY_STATE_H_
