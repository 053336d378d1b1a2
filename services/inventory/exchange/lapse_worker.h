#ifndef IDEA_SERVICES_INVENTORY_EXCHANGE_LAPSE_WORKER_H_
#define IDEA_SERVICES_INVENTORY_EXCHANGE_LAPSE_WORKER_H_

#include <chrono>
#include <string>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/events/events.h"
#include "common/rpc/context.h"
#include "common/rpc/peer_client.h"
#include "common/server/background_loop.h"
#include "common/storage/database.h"
#include "services/inventory/exchange/lapse_store.h"

namespace idea::inventory {

// Reads the parties that are no longer signatories (agreement 13.2) from the registry every five seconds.
// Stores them for the exchange check of every replica, and notifies the parties of each affected agreement in
// force and the Statewide CDO's office, once. While the registry does not answer, the stored lapses apply.
class LapseWorker {
 public:
  LapseWorker(rpc::PeerClient peers, std::string cdo_entity, storage::Database& database,
              events::Notifier& notifier, const clock::Clock& clock)
      : peers_(std::move(peers)),
        cdo_entity_(std::move(cdo_entity)),
        database_(database),
        notifier_(notifier),
        clock_(clock),
        loop_({.name = "lapse worker", .service = "inventory", .interval = kPollInterval},
              [this] { return Pass(); }) {}

  void Start() { loop_.Start(); }
  // Returns when nothing is under way any more.
  void Stop() { loop_.Stop(); }

  // One pass, as Start repeats it. Returns the number of notifications.
  absl::StatusOr<int> Pass();

 private:
  static constexpr std::chrono::seconds kPollInterval{5};

  absl::Status Learn();
  absl::StatusOr<bool> NotifyParties(const LapseNotification& notification);

  const rpc::PeerClient peers_;
  const std::string cdo_entity_;
  storage::Database& database_;
  events::Notifier& notifier_;
  const clock::Clock& clock_;
  server::BackgroundLoop loop_;
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_EXCHANGE_LAPSE_WORKER_H_
