#ifndef IDEA_COMMON_EVENTS_RELAY_H_
#define IDEA_COMMON_EVENTS_RELAY_H_

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/clock/clock.h"
#include "common/events/events.h"
#include "common/storage/database.h"

namespace idea::events {

// The target of a relay.
struct Target {
  // The name of the cursor: "review", which is also the peer's, unless `peer` is set. A cursor has one owner
  // at a time.
  std::string name;
  // Hands one event over. OK: it was accepted, or is irrelevant for this target. Failures are retried, unless
  // it is a refusal (status::IsRefusal). Called by several threads concurrently.
  std::function<absl::Status(const Event&)> deliver;
  // Handles a final refusal of the peer, in the transaction that records the event as finished. May be null.
  std::function<absl::Status(storage::Transaction&, EventRecorder&, const Event&,
                             const absl::Status& refusal)>
      refused;
  // Asks the peer for the history of its log (Epochs::Describe); empty if the peer does not know it. The
  // answer must cover every delivery that the peer accepted before the question. If the database of the peer
  // was restored or taken over, the events that it may have lost are delivered again. May be null.
  std::function<absl::StatusOr<std::string>()> peer_history = nullptr;
  // Restricts later deliveries to an epoch of the log of the peer, which must refuse them in another one.
  // Empty: no restriction. Never called during a delivery. May be null.
  std::function<void(const std::string& epoch)> expect_epoch = nullptr;
  // The peer, if the target is not named after it. Empty for a target in the own database that has a name
  // which no service has.
  std::optional<std::string> peer = std::nullopt;
};

// Reads the event log from a stored cursor and delivers it to one target until each event is accepted. The
// events of one BUCP are delivered in the order of the log; different BUCPs are delivered concurrently. A
// BUCP that waits for a slow answer or a retry delays only its own events. Delivery is at least once; each
// event has an id, so that the receiver acts once. After a crash, all events after the cursor are delivered
// again, in the order of each BUCP.
//
// An event that fails `attempts` times is set aside together with the later ones of its BUCP: they are
// retried in order, after times that double from a 32nd of `retry_aside` to all of it. A failure counts if
// the peer answered without a decision. It does not count if the peer names a cause outside of the event: it
// has no free worker, is stopping, was restored, or cannot reach another service. A failure that may mean
// that the peer is unavailable (no answer, UNAVAILABLE, ...) counts only if the peer has accepted another
// event since the previous failure, so nothing is set aside while a peer is unavailable. An operator may
// request an earlier retry through the database (RetryAside).
//
// The cursor has a lease, so that one relay delivers at a time, and the cursor of a dead owner is taken over
// within the lease. Correctness does not depend on the lease: a relay that has lost it without noticing
// cannot move the cursor, and receivers act once on an event that both deliver.
//
// Its threads share one state and one stop, and each wait depends on the pass before it, so they are not
// instances of server::BackgroundLoop.
class Relay {
 public:
  struct Settings {
    // The service that owns the log: "drafting".
    std::string service;
    // Identifies this process to the one that replaces it after a crash, which then need not wait for the
    // lease. Unique among processes that run at the same time. Empty if there is no such name.
    std::string holder{};
    std::chrono::milliseconds lease{3'000};
    std::chrono::milliseconds poll{1'000};
    std::chrono::milliseconds retry_min{50};
    std::chrono::milliseconds retry_max{5'000};
    std::chrono::milliseconds retry_aside{300'000};
    // The interval at which the peer is asked for its history, and the time before the first question of a
    // new owner of the cursor: the previous owner may have asked another replica, and an answer of an earlier
    // release may be 3 s old.
    std::chrono::milliseconds ask_peer{4'000};
    int attempts = 20;
    // The maximum number of events read at once, and of unfinished events in memory.
    int batch = 100;
    int window = 500;
    size_t window_bytes = size_t{8} << 20;
    // The maximum number of concurrent deliveries.
    int in_flight = 4;
    // Receives the number of events that are set aside when it changes. May be null.
    std::function<void(int64_t events)> aside = nullptr;
  };
  Relay(Settings settings, Target target, storage::Database& database, Notifier& notifier,
        const clock::Clock& clock);
  ~Relay();

  void Start();
  // Releases the lease. Returns when no delivery is in progress.
  void Stop();

  // One pass on this thread, for tests: takes or renews the lease, reads a batch and delivers what is
  // possible now, regardless of retry times. Returns the number of finished events, or the first failure.
  absl::StatusOr<int> Pass();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_RELAY_H_
