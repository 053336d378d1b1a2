#ifndef IDEA_SERVICES_DISPUTE_STANDING_WORKER_H_
#define IDEA_SERVICES_DISPUTE_STANDING_WORKER_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/events/events.h"
#include "common/rpc/peer_client.h"
#include "common/server/background_loop.h"
#include "services/dispute/dispute_transition.h"
#include "services/dispute/opening_facts.h"

namespace idea::dispute {

// Continues disputes that wait for a standing with the Governor: reads the standings from the registry every
// few seconds. Until then the objection holds the BUCP. The waiting disputes are in the database, so that a
// restart loses nothing. If several replicas find the same dispute, one takes the step.
class StandingWorker {
 public:
  StandingWorker(Offices offices, rpc::PeerClient peers, storage::Database& database,
                 events::Notifier& notifier, const clock::Clock& clock);

  void Start() { loop_.Start(); }
  // Returns when the current pass has returned.
  void Stop() { loop_.Stop(); }

  // Runs one pass, which Start repeats. Returns the number of disputes that continued. A dispute that fails
  // does not delay the others. Returns the first failure.
  absl::StatusOr<int> Pass();

 private:
  // Returns whether the dispute continued.
  absl::StatusOr<bool> Continue(const std::string& name);

  const Offices offices_;
  const rpc::PeerClient peers_;
  storage::Database& database_;
  events::Notifier& notifier_;
  const clock::Clock& clock_;
  server::BackgroundLoop loop_;
};

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_STANDING_WORKER_H_
