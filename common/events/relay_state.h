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

// The state of a running relay. relay_cursor.cc keeps the cursor and reads, relay.cc delivers.
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
  // The holder and a random part: two relays of one process are different owners.
  const std::string owner = settings.holder + "/" + ids::NewUuid();
  std::atomic<bool> stopping{false};
  std::vector<std::thread> threads{};

  // Held while the lease is read or taken.
  std::mutex lease_mutex{};
  // When our lease was taken or renewed; nullopt if the cursor is not ours.
  std::optional<clock::Moment> leased_at{};
  // The last known lease of another owner.
  struct SeenLease {
    Lease lease;
    // The start of the time without a renewal, by the steady clock.
    clock::Micros since = 0;
    // Whether this relay has seen it being taken or renewed. If not, its end counts too.
    bool alive = false;
  };
  std::optional<SeenLease> seen_lease{};
  // See Claimant.
  std::string replaces = settings.holder.empty() ? "" : settings.holder + "/";
  // Held while the cursor is stored or taken.
  std::mutex saving{};
  // Held while events are read, or while lines are set aside or return: a line does not change its state in
  // between.
  std::mutex reading{};

  // Guards the members below.
  std::mutex mutex{};
  // Wakes the threads that deliver.
  std::condition_variable changed{};
  // Signals that no delivery is in progress.
  std::condition_variable quiet{};
  RelayLines lines{};
  std::map<std::string, AsideLine> aside{};
  // Positions after the cursor that were finished earlier.
  std::set<int64_t> finished{};
  std::string epoch{};
  int64_t saved = 0;
  Time saved_at{};
  // Whether the log may have more events than the last read returned.
  bool may_have_more = false;
  // The number of events that the peer has accepted or refused, and that number at the last failure of each
  // line.
  int64_t decided = 0;
  std::map<std::string, int64_t> decided_before{};
  // The last wait of each line that failed.
  std::map<std::string, std::chrono::milliseconds> pauses{};

  // How often the lines were cleared. An event that was taken before is not delivered any more, and the
  // result of a delivery that began before does not count: the peer may have lost it since.
  uint64_t resets = 0;
  // The number of deliveries in progress, and whether new ones must wait.
  int delivering = 0;
  bool paused = false;
  // The expected epoch of the log of the peer.
  std::string expected{};
  // When the peer is asked for its history; nullopt until this relay has the cursor.
  std::optional<Time> ask_peer_at{};
  // Only used by the pump: the last answer, and the latest mark.
  std::optional<PeerHistory> peer{};
  int64_t marked = 0;

  void ReportAside();
  // Whether the owner of this lease has not renewed it for its whole length. The time of day does not count
  // while renewals are seen, because the clocks of replicas may differ and may be set.
  bool IsDead(const Lease& other);
  // Takes the cursor or renews its lease. False if another replica has it. `first`, which may be null, is
  // called earlier in the transaction; it returns true if it has moved the cursor. `alone`: waits until no
  // delivery is in progress, so that each result is stored before the cursor moves.
  absl::StatusOr<bool> AcquireLease(
      const std::function<absl::StatusOr<bool>(storage::Transaction&)>& first = nullptr, bool alone = false);
  // Waits until no delivery is in progress. None begins before ContinueDeliveries().
  void PauseDeliveries();
  void ContinueDeliveries();
  // Whether the cursor is ours. Renews the lease after a third of its length, so that a renewal may take as
  // long as the rest.
  absl::StatusOr<bool> StillOurs();
  // The time until a relay without the cursor tries again: at most until the end of the lease of the other
  // one.
  std::chrono::milliseconds PauseOfIdle();
  // A write to `cursors`.
  absl::Status Write(const storage::Body& body);
  // Reads the next events if there is room. Returns whether there may be more.
  absl::StatusOr<bool> Read();
  absl::Status Save();
  // Asks the peer for its history if it is due, and delivers the lost events again. A peer that does not
  // answer is asked again later.
  absl::Status FollowPeer();
  // Handles a refusal: the own service reacts in the transaction that records it, with `finish`.
  absl::Status Refused(const LoggedEvent& logged, const absl::Status& refusal,
                       const std::function<absl::Status(storage::Transaction&)>& finish);
  // Delivers the next event that is due at `now`. False if there is none, or if the cursor has another owner.
  absl::StatusOr<bool> DeliverNext(Time now);
  // `resets_before`: `resets` when the event was taken.
  absl::Status Deliver(const std::string& line, const LoggedEvent& logged, uint64_t resets_before);
  absl::Status Failed(const std::string& line, const LoggedEvent& logged, const absl::Status& failure,
                      bool of_the_peer);
  // Whether a failure of the peer may be due to the event. Requires `mutex`.
  bool Counts(const std::string& line, const absl::Status& failure);
  // Doubles with each failure.
  std::chrono::milliseconds Pause(const std::string& line);
  // The time until the next attempt of an event that is set aside and has failed so often.
  std::chrono::milliseconds PauseAside(int failures) const;
  absl::Status SetLineAside(const std::string& name, const absl::Status& failure, int failures);
  // Makes those lines due that an operator has marked for a retry in the database.
  absl::Status TakeDueAside();
  // Retries the first event of a line that is set aside. The line returns when it is empty.
  absl::Status DeliverAside(const std::string& name, uint64_t resets_before);
  absl::StatusOr<int> Pass();
  void Log(const absl::Status& failure);
  // Thread that reads and keeps lease and cursor.
  void Pump();
  std::chrono::milliseconds PollInterval();
  // Threads that deliver, and read when there is room again.
  void Work();
  absl::StatusOr<bool> ReadIfRoom();
  bool IsTimeToSave();
};

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_RELAY_STATE_H_
