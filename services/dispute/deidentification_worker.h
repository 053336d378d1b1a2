#ifndef IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_WORKER_H_
#define IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_WORKER_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/events/events.h"
#include "common/rpc/peer_client.h"
#include "common/server/background_loop.h"
#include "services/dispute/deidentification_transition.h"
#include "services/dispute/dispute_transition.h"
#include "services/dispute/opening_facts.h"

namespace idea::dispute {

// Fires the timers of reviews of de-identified data (agreement section 5.19): records five working days
// without an answer, and opens the dispute ten working days after an objection. The timers are in the
// database: they survive a restart, and one that became due before it fires after it. One replica claims a
// timer. If it dies, another replica takes the timer over a few seconds later. If a dispute cannot be opened
// (an office without a holder, another dispute, a peer that is down), the reason is stored with the timer and
// the step is retried.
class DeidentificationWorker {
 public:
  DeidentificationWorker(Offices offices, v1::Process process, rpc::PeerClient peers,
                         storage::Database& database, events::Notifier& notifier, const clock::Clock& clock);

  void Start() { loop_.Start(); }
  // Returns when the current pass has returned.
  void Stop() { loop_.Stop(); }

  // Runs one pass, which Start repeats every second. Returns the number of timers that fired.
  absl::StatusOr<int> Pass();

 private:
  // Returns whether the timer fired.
  absl::StatusOr<bool> Fire(const std::string& review, clock::Micros claim);
  absl::Status FireIn(storage::Transaction& db, events::EventRecorder& recorder, const OpeningFacts& facts,
                      Review review);
  absl::StatusOr<OpeningFacts> Gather(const Review& review, const std::string& request_id,
                                      const std::string& traceparent);
  absl::Status Write(const std::string& request_id, const std::string& traceparent,
                     const std::function<absl::Status(storage::Transaction&, events::EventRecorder&)>& body);

  const Offices offices_;
  const v1::Process process_;
  const rpc::PeerClient peers_;
  storage::Database& database_;
  events::Notifier& notifier_;
  const clock::Clock& clock_;
  server::BackgroundLoop loop_;
};

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_WORKER_H_
