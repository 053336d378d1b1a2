#ifndef IDEA_COMMON_EVENTS_RELAY_H_
#define IDEA_COMMON_EVENTS_RELAY_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "common/clock/clock.h"
#include "common/events/events.h"
#include "common/storage/database.h"

namespace idea::events {

// Where a relay delivers to.
struct Target {
  // Name of the cursor: "review". One owner at a time has it.
  std::string name;
  // Hands one event over, in the order of the log. OK: accepted, or none of this target's business. A
  // failure is tried again until it is accepted, unless it is a refusal (status::IsRefusal).
  std::function<absl::Status(const Event&)> deliver;
  // The peer refused for good: what the own service does about it, in the transaction that moves the cursor.
  // May be null.
  std::function<absl::Status(storage::Transaction&, Scribe&, const Event&, const absl::Status& refusal)>
      refused;
};

// Reads the event log from a stored cursor and delivers it to one target, until accepted. The cursor has a
// lease: two relays never both own it, and a dead owner's is taken over. Delivery is at least once; what is
// delivered has an event id, so that the receiver acts once.
class Relay {
 public:
  struct Settings {
    // "drafting": the service whose log it is.
    std::string service;
    std::chrono::milliseconds lease{10'000};
    std::chrono::milliseconds poll{1'000};
    std::chrono::milliseconds retry_min{50};
    std::chrono::milliseconds retry_max{2'000};
    int batch = 100;
  };
  Relay(Settings settings, Target target, storage::Database& database, Signal& news,
        const clock::Clock& clock);
  ~Relay();

  void Start();
  // Gives the lease back; returns when nothing is under way any more.
  void Stop();

  // One pass, as Start repeats it: takes or renews the lease and delivers what is there. Returns how many
  // events were passed; for tests.
  absl::StatusOr<int> Pass();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_RELAY_H_
