#ifndef IDEA_COMMON_EVENTS_RELAY_H_
#define IDEA_COMMON_EVENTS_RELAY_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "common/clock/clock.h"
#include "common/events/events.h"
#include "common/storage/database.h"

namespace idea::events {

// Where a relay delivers to.
struct Target {
  // Name of the cursor: "review". One owner at a time has it.
  std::string name;
  // Hands one event over. OK: accepted, or not of interest to this target. A failure is tried again until it
  // is accepted, unless it is a refusal (status::IsRefusal). Called by several threads at once.
  std::function<absl::Status(const Event&)> deliver;
  // The peer refused for good: what the own service does about it, in the transaction that remembers that the
  // event is finished. May be null.
  std::function<absl::Status(storage::Transaction&, EventRecorder&, const Event&,
                             const absl::Status& refusal)>
      refused;
  // Asks the peer for the history of its log (Epochs::Describe); empty if the peer does not know it. May be
  // null. If the peer's database was restored or taken over, what the peer may have lost is delivered again.
  std::function<absl::StatusOr<std::string>()> peer_history = nullptr;
  // What is delivered from now on is for this epoch of the peer's log only: the peer must not accept it in
  // another one. Empty: for whichever. Never called while an event is being delivered. May be null.
  std::function<void(const std::string& epoch)> expect_epoch = nullptr;
};

// Reads the event log from a stored cursor and delivers it to one target, until accepted. The events of one
// BUCP are delivered in the order of the log, several BUCPs at once: a BUCP that waits for a slow answer or
// for another try holds back its own events only. Delivery is at least once; what is delivered has an event
// id, so that the receiver acts once. After a kill everything after the cursor is delivered again, again in
// the order of each BUCP.
//
// An event that fails `attempts` times is set aside, and the later ones of its BUCP with it: they are tried
// again every `retry_aside`, in their order. A failure counts if the peer answered without deciding. One that
// may mean that the peer is down (no answer, UNAVAILABLE, ...) counts if the peer accepted something else
// since the one before: while a peer is down nothing is set aside. An operator may have them tried earlier,
// by the database (RetryAside).
//
// The cursor has a lease, so that one relay delivers at a time and a dead owner's cursor is taken over within
// the lease. Nothing depends on the lease alone: a relay that lost it unawares cannot move the cursor, and
// receivers act once on an event that both deliver.
class Relay {
 public:
  struct Settings {
    // "drafting": the service whose log it is.
    std::string service;
    // What names this process to the next one that replaces it after a crash, which then need not wait for
    // the lease: no two processes that run at the same time have the same. Empty if there is no such name.
    std::string holder{};
    std::chrono::milliseconds lease{3'000};
    std::chrono::milliseconds poll{1'000};
    std::chrono::milliseconds retry_min{50};
    std::chrono::milliseconds retry_max{5'000};
    std::chrono::milliseconds retry_aside{300'000};
    // How often the peer is asked for its history. More than the answers of its replicas differ in age.
    std::chrono::milliseconds ask_peer{4'000};
    int attempts = 20;
    // Events that are read at once, and that are held in memory unfinished.
    int batch = 100;
    int window = 500;
    size_t window_bytes = size_t{8} << 20;
    // Events that are delivered at once.
    int in_flight = 4;
    // Is told how many events are set aside, when that changes. May be null.
    std::function<void(int64_t events)> aside = nullptr;
  };
  Relay(Settings settings, Target target, storage::Database& database, Notifier& notifier,
        const clock::Clock& clock);
  ~Relay();

  void Start();
  // Gives the lease back; returns when nothing is under way any more.
  void Stop();

  // One pass: takes or renews the lease, reads a batch and delivers what can be delivered now, whenever it
  // was to be tried again, on this thread. Returns how many events were finished, or the first failure; for
  // tests.
  absl::StatusOr<int> Pass();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_RELAY_H_
