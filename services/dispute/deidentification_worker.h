#ifndef IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_WORKER_H_
#define IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_WORKER_H_

#include <atomic>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/statusor.h"
#include "common/events/events.h"
#include "common/rpc/peer_client.h"
#include "services/dispute/deidentification_transition.h"
#include "services/dispute/dispute_transition.h"
#include "services/dispute/opening_facts.h"

namespace idea::dispute {

// Does what reviews of de-identified data do by themselves (agreement section 5.19): five working days
// without an answer are recorded; ten after an objection the dispute opens. The times are in the database:
// they survive a restart, and what became due meanwhile is done at the next start. One replica claims a
// clock; if it dies, another one takes it over some seconds later. What is in the way of a dispute (an
// office that nobody holds, another dispute, a peer that is down) is noted on the clock and tried again
// until it is gone.
class DeidentificationWorker {
 public:
  DeidentificationWorker(Offices offices, v1::Process process, rpc::PeerClient peers,
                         storage::Database& database, events::Notifier& notifier, const clock::Clock& clock)
      : offices_(std::move(offices)),
        process_(process),
        peers_(std::move(peers)),
        database_(database),
        notifier_(notifier),
        clock_(clock) {}
  ~DeidentificationWorker() { Stop(); }

  void Start();
  // Returns when nothing is under way any more.
  void Stop();

  // One pass, as Start repeats it every second. Returns how many clocks have done their work.
  absl::StatusOr<int> Pass();

 private:
  void Loop();
  // Whether the clock is done with: it has fired, or is not there any more.
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
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_WORKER_H_
