#ifndef IDEA_SERVICES_DISPUTE_STANDING_WORKER_H_
#define IDEA_SERVICES_DISPUTE_STANDING_WORKER_H_

#include <atomic>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/statusor.h"
#include "common/events/events.h"
#include "common/rpc/peer_client.h"
#include "services/dispute/dispute_transition.h"
#include "services/dispute/opening_facts.h"

namespace idea::dispute {

// Lets disputes go on that wait for a standing with the Governor to be recorded: asks the registry for it
// every few seconds. The objection holds the BUCP meanwhile. What waits is in the database, so that a restart
// loses nothing; replicas that find the same take the step once.
class StandingWorker {
 public:
  StandingWorker(Offices offices, rpc::PeerClient peers, storage::Database& database,
                 events::Notifier& notifier, const clock::Clock& clock)
      : offices_(std::move(offices)),
        peers_(std::move(peers)),
        database_(database),
        notifier_(notifier),
        clock_(clock) {}
  ~StandingWorker() { Stop(); }

  void Start();
  // Returns when nothing is under way any more.
  void Stop();

  // One pass, as Start repeats it. Returns how many disputes went on. A dispute that cannot be looked at does
  // not keep the others waiting; the first failure is returned then.
  absl::StatusOr<int> Pass();

 private:
  void Loop();
  // Whether the dispute went on.
  absl::StatusOr<bool> Look(const std::string& name);

  const Offices offices_;
  const rpc::PeerClient peers_;
  storage::Database& database_;
  events::Notifier& notifier_;
  const clock::Clock& clock_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_STANDING_WORKER_H_
